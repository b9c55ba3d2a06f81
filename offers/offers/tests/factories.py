"""Products, offers and orders for everyone's tests.

``OfferFactory(lines=[line(...), …])`` has lines and their sums; without lines it has an estimate. ``status=…`` gives
the status as it is after the steps that lead there. The read model of the customer is fresh.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers import models
from offers.offers.content import write_offer_lines
from offers.offers.enums import OfferStatus, SeriesKind
from offers.offers.services.settings import number_take
from offers.offers.services.status import offer_sums_refresh
from offers.products.lines import LineData, totals_of
from offers.products.reductions import greatest_reduction


class OfferTypeFactory(DjangoModelFactory[models.OfferType]):
    """A type that asks for nothing and has no limits of approval."""

    class Meta:
        model = models.OfferType

    code = factory.Sequence(lambda n: f"type-{n}")
    name_fi, name_en = "Palvelutilaus", "Service order"
    needs_contact = False
    needs_expected_close = False


class LostReasonFactory(DjangoModelFactory[models.LostReason]):
    class Meta:
        model = models.LostReason

    code = factory.Sequence(lambda n: f"lost-{n}")
    name_fi, name_en = "Hinta", "Price"


class OfferFactory(DjangoModelFactory[models.Offer]):
    class Meta:
        model = models.Offer
        skip_postgeneration_save = True

    type = factory.SubFactory(OfferTypeFactory)
    title = factory.Sequence(lambda n: f"Esimiesvalmennus {n}")
    customer = factory.SubFactory(CustomerFactory)
    owner = factory.SubFactory(UserFactory)
    date = factory.LazyFunction(timezone.localdate)
    valid_until = factory.LazyAttribute(lambda offer: offer.date + dt.timedelta(days=30))
    number = factory.LazyAttribute(lambda offer: number_take(kind=SeriesKind.OFFER, year=offer.date.year))
    lost_reason = factory.LazyAttribute(lambda o: LostReasonFactory() if o.status == OfferStatus.LOST else None)
    decided_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.status in (OfferStatus.LOST, OfferStatus.ORDER) else None
    )
    status = OfferStatus.OPEN
    net = factory.LazyAttribute(lambda offer: getattr(offer, "estimate", None) or Decimal(0))

    @factory.post_generation
    def lines(self: Any, create: bool, lines: list[LineData] | None, **kwargs: Any) -> None:
        if lines:
            sums = totals_of(lines)
            self.net, self.vat = sums.net, sums.vat
            self.max_discount = greatest_reduction(lines, self.date)
            self.save()
            write_offer_lines(self, lines)
        offer_sums_refresh([self.customer_id])
