"""Figures of sales for scorecards, from the functions of the reports: orders, hit rate, new and recurring buyers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.metrics import Unit
from customers.scores import OF_MANY, Scope, ScoreMetric, Year
from offers.orders.models import Order
from offers.products.money import ZERO
from offers.sales.selectors.buyers import buyers_by_times
from offers.sales.selectors.reports import ReportQuery, decided_of, orders_of, outcomes, total_outcome


def _query(scope: Scope, year: Year) -> ReportQuery:
    customers = None if scope.kind == "all" else scope.customers
    return ReportQuery(reader=None, first=year.first, last=year.last, customers=customers)


def ordered(scope: Scope, year: Year) -> Decimal:
    total: Decimal = orders_of(_query(scope, year)).aggregate(net=Coalesce(Sum("net"), ZERO))["net"]
    return total


def orders(scope: Scope, year: Year) -> int:
    return orders_of(_query(scope, year)).count()


def hit_rate(scope: Scope, year: Year) -> Decimal | None:
    return total_outcome(outcomes(decided_of(_query(scope, year)), Value(""))).hit_rate


def recurring(scope: Scope, year: Year) -> int:
    return sum(one.customers for one in buyers_by_times(_query(scope, year)) if one.maximum != 1)


def new_buyers(scope: Scope, year: Year) -> int:
    """Count the customers with orders in the year and none before it."""
    query = _query(scope, year)
    before = Order.objects.not_cancelled().filter(date__lt=year.first).order_by().values("customer")
    found: Any = orders_of(query).exclude(customer__in=before).aggregate(number=Count("customer", distinct=True))
    return int(found["number"])


SCORE_METRICS = (
    ScoreMetric(
        code="new_customers", label=_("New customers"), unit=Unit.COUNT, value=new_buyers, scopes=OF_MANY, order=20,
        accumulates=True,
        definition=_("Customers that ordered in the year for the first time; cancelled orders are not counted."),
    ),
    ScoreMetric(
        code="repeat_buyers", label=_("Recurring buyers"), unit=Unit.COUNT, value=recurring, scopes=OF_MANY, order=21,
        accumulates=True, definition=_("Customers with two or more orders in the year."),
    ),
    ScoreMetric(
        code="orders", label=_("Orders"), unit=Unit.COUNT, value=orders, order=22, accumulates=True,
        definition=_("Orders of the year; cancelled ones are not counted."),
    ),
    ScoreMetric(
        code="ordered", label=_("Ordered, €"), unit=Unit.EUROS, value=ordered, order=60, accumulates=True,
        is_value=True, definition=_("Orders of the year, euros without VAT; cancelled ones are not counted."),
    ),
    ScoreMetric(
        code="hit_rate", label=_("Hit rate"), unit=Unit.PERCENT, value=hit_rate, order=40,
        definition=_("Offers won ÷ offers decided in the year, per cent."),
    ),
)  # fmt: skip
