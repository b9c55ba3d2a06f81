"""Products, offers and orders for everyone's tests.

``OfferFactory(lines=[line(...), …])`` has lines and their sums; without lines it has an estimate. ``status=…`` gives
the status as it is after the steps that lead there. The read model of the customer is fresh.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from offers.products import models
from offers.products.lines import LineData


def line(name: str = "Valmennuspäivä", **fields: Any) -> LineData:
    """Return a tailored line of one at 100 euros, VAT 25.5 %, unless ``fields`` say otherwise."""
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
