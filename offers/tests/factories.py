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
from offers import models
from offers.enums import OfferStatus, OrderStatus, SeriesKind
from offers.lines import LineData, totals_of
from offers.offer_lines import write_offer_lines
from offers.order_lines import write_new_lines
from offers.services.order_summaries import order_sums_refresh
from offers.services.series import number_take
from offers.services.summaries import offer_sums_refresh


def line(name: str = "Valmennuspäivä", **fields: Any) -> LineData:
    """A tailored line of one at 100 euros, VAT 25.5 %, unless told otherwise."""
    numbers = {"quantity": 1, "unit_price": 100, "discount": 0, "vat_rate": "25.5"} | fields
    for key in ("quantity", "unit_price", "discount", "vat_rate"):
        numbers[key] = Decimal(str(numbers[key]))
    return LineData(name=name, **numbers)


class UnitFactory(DjangoModelFactory[models.Unit]):
    class Meta:
        model = models.Unit

    code = factory.Sequence(lambda n: f"unit-{n}")
    name_fi, name_en = "kpl", "pcs"


class VatClassFactory(DjangoModelFactory[models.VatClass]):
    """``rates={"2020-01-01": 24}``: percent by the day from which it holds."""

    class Meta:
        model = models.VatClass
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"vat-{n}")
    name_fi, name_en = "yleinen", "general"

    @factory.post_generation
    def rates(self: Any, create: bool, rates: Any, **kwargs: Any) -> None:
        for day, percent in (rates or {"2020-01-01": "25.5"}).items():
            models.VatRate.objects.create(vat_class=self, valid_from=day, percent=percent)


def product_group(name: str = "Johtaminen", *, code: str = "", parent: Any = None) -> models.ProductGroup:
    """Return a new product group, below ``parent`` or at the top."""
    fields = {"name_fi": name, "name_en": name, "code": code or f"group-{models.ProductGroup.objects.count()}"}
    tree = models.ProductGroup.objects
    group: models.ProductGroup = tree.add_child(parent, fields) if parent else tree.add_root(fields)
    return group


class ProductFactory(DjangoModelFactory[models.Product]):
    """``prices={"2020-01-01": 100}``: euros by the day from which they hold; ``owner=user`` answers for the content."""

    class Meta:
        model = models.Product
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"K-{n:03d}")
    name_fi = factory.Sequence(lambda n: f"Koulutus {n}")
    name_en = factory.Sequence(lambda n: f"Training {n}")
    unit = factory.SubFactory(UnitFactory)
    vat_class = factory.SubFactory(VatClassFactory)

    @factory.post_generation
    def prices(self: Any, create: bool, prices: Any, **kwargs: Any) -> None:
        for day, price in ({"2020-01-01": 100} if prices is None else prices).items():
            models.ProductPrice.objects.create(product=self, valid_from=day, price=price)

    @factory.post_generation
    def owner(self: Any, create: bool, user: Any, **kwargs: Any) -> None:
        if user:
            models.ProductOwner.objects.create(product=self, user=user)


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
            self.max_discount = max(one.discount for one in lines)
            self.save()
            write_offer_lines(self, lines)
        offer_sums_refresh([self.customer_id])


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
            for row in self.lines.exclude(kind="heading"):
                row.delivered = row.quantity
                row.save()
        order_sums_refresh([self.customer_id])
