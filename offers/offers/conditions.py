"""Conditions of selections on offers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.conditions.fields import Asked, ConditionField, Preset
from core.conditions.kinds import NO, PAST, amount, has_rows, in_period, listed_words, number_field, period
from core.conditions.operands import Choices, Number, Rows
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import Offer, OfferType
from offers.offers.models.references import LostReasonReference, OfferTypeReference

SECTION = _("Offers and orders")


def _offers(asked: Asked) -> Q:
    rows = Offer.objects.filter(in_period(asked.values, "date", is_moment=False))
    if asked["statuses"]:
        rows = rows.filter(status__in=asked["statuses"])
    if asked["types"]:
        rows = rows.filter(type__in=asked["types"])
    if asked["owners"]:
        rows = rows.filter(owner__in=asked["owners"])
    if asked["net"] is not None:
        rows = rows.filter(net__gte=asked["net"])
    return has_rows(asked, rows, "customer")


def _expired(asked: Asked) -> Q:
    rows = Offer.objects.filter(status__in=UNDECIDED, valid_until__lt=clock.today())
    return has_rows(asked, rows, "customer")


ABOUT: dict[str, Any] = {"subject": "customer", "section": SECTION, "order": 40}
CONDITION_FIELDS = (
    ConditionField(
        name="offers",
        label=_("Offers"),
        operands=(
            *amount(),
            Choices(name="statuses", label=_("Status"), choices=OfferStatus.choices, is_needed=False),
            Rows(
                name="types", label=_("Types"), model=OfferType, rows=OfferType.objects.all, is_needed=False,
                is_extra=True,
            ),
            *period(*PAST, default="ever"),
            Number(name="net", label=_("At least, € without VAT"), is_money=True, is_needed=False, is_extra=True),
            Rows(
                name="owners", label=_("Account manager"), model=User,
                rows=lambda: User.objects.order_by("-is_active", "sort_key"), is_needed=False, is_extra=True,
            ),
        ),
        condition=_offers,
        words=lambda said: listed_words(said, "statuses", "types", "net", "owners"),
        **ABOUT,
    ),
    ConditionField(
        name="expired_offers",
        label=_("Offers past their validity without a decision"),
        operands=amount(),
        condition=_expired,
        words=lambda said: listed_words(said, period=False),
        **ABOUT,
    ),
    number_field(
        name="open_offers", label=_("Number of open offers"), path="summary__open_offers", is_null=False, **ABOUT
    ),
    number_field(
        name="open_offers_net", label=_("Value of open offers"), path="summary__open_offers_net", is_null=False,
        is_money=True, **ABOUT,
    ),
)  # fmt: skip
CONDITION_PRESETS = (
    Preset(
        subject="customer",
        name="no_offer",
        label=_("No offer in … days"),
        tree=lambda: {"field": "customer.offers", "values": {"amount": NO, "when": "last", "days": 365}},
        order=50,
    ),
)
CONDITION_REFERENCES = (OfferTypeReference, LostReasonReference)
