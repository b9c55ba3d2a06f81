"""Factories of products, offers and orders for all tests.

``OfferFactory(lines=[line(...), …])`` has lines and their sums; without lines it has an estimate. ``status=…`` gives
the status as it is after the steps that lead there. The read model of the customer is fresh.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.enums import SeriesKind
from offers.offers.services.settings import number_take
from offers.offers.tests.factories import OfferTypeFactory
from offers.orders import models
from offers.orders.enums import OrderStatus
from offers.orders.lines import write_new_lines
from offers.orders.services.status import order_sums_refresh
from offers.products.lines import LineData, totals_of


class OrderFactory(DjangoModelFactory[models.Order]):
    """``lines=[line(...)]``; ``delivered=True`` has all of them delivered."""

    class Meta:
        model = models.Order
        skip_postgeneration_save = True

    type = factory.SubFactory(OfferTypeFactory)
    title = factory.Sequence(lambda n: f"Esimiesvalmennus {n}")
    customer = factory.SubFactory(CustomerFactory)
    owner = factory.SubFactory(UserFactory)
    date = factory.LazyFunction(timezone.localdate)
    number = factory.LazyAttribute(lambda order: number_take(kind=SeriesKind.ORDER, year=order.date.year))
    status = OrderStatus.WAITING
    net = factory.LazyAttribute(lambda order: getattr(order, "estimate", None) or Decimal(0))

    @factory.post_generation
    def lines(self: Any, create: bool, lines: list[LineData] | None, **kwargs: Any) -> None:
        if lines:
            sums = totals_of(lines)
            self.net, self.vat = sums.net, sums.vat
            self.save()
            write_new_lines(self, lines)

    @factory.post_generation
    def delivered(self: Any, create: bool, delivered: bool | None, **kwargs: Any) -> None:
        if delivered:
            for line in self.lines.exclude(kind="heading"):
                line.delivered = line.quantity
                line.save()
        order_sums_refresh([self.customer_id])
