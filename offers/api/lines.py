"""Lines of offers and orders in the API: the whole list goes in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from crm.api.fields import VisibleRelatedField
from offers.enums import LineKind
from offers.lines import LineData, line_of_product
from offers.models import OfferLine, Product, Unit
from offers.money import MOST_QUANTITY, MOST_UNIT_PRICE

NUMBERS = ("quantity", "unit_price", "discount", "vat_rate")


def _percent(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), required=False, **kwargs
    )


class LineSerializer(serializers.ModelSerializer[OfferLine]):
    """What is left out of a line with a product, the product brings: name, description, price, VAT, unit, owner."""

    kind = serializers.ChoiceField(choices=LineKind.choices, required=False)
    product = VisibleRelatedField(queryset=Product.objects.all(), required=False, allow_null=True)
    name = serializers.CharField(max_length=200, required=False)
    unit = serializers.SlugRelatedField(
        slug_field="code", queryset=Unit.objects.all(), required=False, allow_null=True, help_text=_("Code.")
    )
    quantity = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=Decimal("0.01"), max_value=MOST_QUANTITY, required=False
    )
    unit_price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), max_value=MOST_UNIT_PRICE, required=False
    )
    discount = _percent()
    vat_rate = _percent()
    net = serializers.DecimalField(max_digits=16, decimal_places=2, read_only=True)
    content_owner = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = OfferLine
        fields = (
            "kind", "product", "name", "details", "quantity", "unit", "unit_price", "discount", "vat_rate",
            "content_owner", "net",
        )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("name") and not attrs.get("product"):
            raise serializers.ValidationError({"name": [_("Write what is offered.")]})
        return attrs


def line_data(given: Iterable[dict[str, Any]], *, day: dt.date, language: str) -> list[LineData]:
    """Return lines for the services; a product brings on ``day`` what was left out."""
    given = list(given)
    wanted = {line["product"].pk for line in given if line.get("product")}
    products = {product.pk: product for product in Product.objects.with_prices().filter(pk__in=wanted)}
    return [_line(line, products, day, language) for line in given]


def _line(given: dict[str, Any], products: dict[int, Product], day: dt.date, language: str) -> LineData:
    product = products[given["product"].pk] if given.get("product") else None
    said = {name: given[name] for name in ("name", "details", *NUMBERS) if name in given}
    if "unit" in given:
        said["unit_id"] = given["unit"].pk if given["unit"] else None
    if "content_owner" in given:
        said["owner_id"] = given["content_owner"].pk if given["content_owner"] else None
    if product:
        return replace(line_of_product(product, day=day, language=language), **said)
    kind = given.get("kind", LineKind.FREE)
    return LineData(kind=LineKind(kind), **said)
