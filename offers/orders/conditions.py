"""Conditions of selections on orders and on what customers have bought."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.conditions.fields import Asked, ConditionField
from core.conditions.kinds import PAST, amount, date_field, has_rows, in_period, listed_words, number_field, period
from core.conditions.operands import Choices, Number, Rows
from offers.offers.conditions import SECTION
from offers.offers.models import OfferType
from offers.orders.enums import OrderStatus
from offers.orders.models import Order, OrderLine
from offers.products.models import Product, ProductGroup


def _orders(asked: Asked) -> Q:
    rows = Order.objects.filter(in_period(asked.values, "date", is_moment=False))
    rows = rows.filter(status__in=asked["statuses"]) if asked["statuses"] else rows.not_cancelled()
    if asked["types"]:
        rows = rows.filter(type__in=asked["types"])
    if asked["net"] is not None:
        rows = rows.filter(net__gte=asked["net"])
    return has_rows(asked, rows, "customer")


def _bought(asked: Asked) -> Q:
    """Match orders with a line of a product or of one of the groups, cancelled ones left out."""
    wanted = Q()
    if asked["products"]:
        wanted |= Q(product__in=asked["products"])
    if asked["groups"]:
        wanted |= Q(product__group__in=_below(asked["groups"]))
    lines = OrderLine.objects.filter(wanted, product__isnull=False)
    rows = Order.objects.not_cancelled().filter(in_period(asked.values, "date", is_moment=False))
    return has_rows(asked, rows.filter(pk__in=lines.order_by().values("order")), "customer")


def _below(ids: list[int]) -> list[int]:
    below = Q(pk__in=[])
    for path in ProductGroup.objects.filter(pk__in=ids).order_by().values_list("path", flat=True):
        below |= Q(path__startswith=path)
    return list(ProductGroup.objects.filter(below).order_by().values_list("pk", flat=True))


ABOUT: dict[str, Any] = {"subject": "customer", "section": SECTION, "order": 41}
CONDITION_FIELDS = (
    ConditionField(
        name="orders",
        label=_("Orders"),
        operands=(
            *amount(),
            Choices(name="statuses", label=_("Status"), choices=OrderStatus.choices, is_needed=False),
            Rows(
                name="types", label=_("Types"), model=OfferType, rows=OfferType.objects.all, is_needed=False,
                is_extra=True,
            ),
            *period(*PAST, default="last", days=365),
            Number(name="net", label=_("At least, € without VAT"), is_money=True, is_needed=False, is_extra=True),
        ),
        condition=_orders,
        words=lambda said: listed_words(said, "statuses", "types", "net"),
        **ABOUT,
    ),
    ConditionField(
        name="bought",
        label=_("Product orders"),
        operands=(
            *amount(),
            Rows(name="products", label=_("Products"), model=Product, rows=Product.objects.all, is_needed=False),
            Rows(
                name="groups", label=_("Product groups"), model=ProductGroup, rows=ProductGroup.objects.all,
                is_needed=False,
            ),
            *period(*PAST, default="ever"),
        ),
        condition=_bought,
        words=lambda said: listed_words(said, "products", "groups"),
        **ABOUT,
    ),
    number_field(
        name="ordered", label=_("Ordered in 12 months"), path="summary__ordered_12_months", is_null=False,
        is_money=True, **ABOUT,
    ),
    date_field(name="last_order", label=_("Last order"), path="summary__last_order_on", **ABOUT),
    date_field(name="first_order", label=_("First order"), path="summary__first_order_on", **ABOUT),
)  # fmt: skip
