"""Line data that pages, the API, copies and versions exchange, independent of the stored rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.exceptions import BusinessRuleError
from offers.products.enums import LineKind
from offers.products.models import Line, Product, Unit
from offers.products.money import MAX_LINES, MAX_NET, Totals, line_net, totals


@dataclass(frozen=True, kw_only=True)
class LineData:
    """A line: ``quantity`` in units, ``unit_price`` in euros without VAT, ``discount`` and ``vat_rate`` in per cent."""

    kind: LineKind = LineKind.FREE
    product_id: int | None = None
    name: str
    details: str = ""
    quantity: Decimal = Decimal(1)
    unit_id: int | None = None
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    vat_rate: Decimal = Decimal(0)
    owner_id: int | None = None  # the content owner

    @property
    def net(self) -> Decimal:
        return Decimal(0) if self.kind == LineKind.HEADING else line_net(self.quantity, self.unit_price, self.discount)

    def as_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LineData:
        numbers = ("quantity", "unit_price", "discount", "vat_rate")
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        kind = LineKind(known.pop("kind"))
        return cls(kind=kind, **known | {name: Decimal(data[name]) for name in numbers})


def line_of_product(product: Product, *, day: dt.date, language: str) -> LineData:
    """Return the line of a product on ``day``: price, VAT, unit, description and its first content owner.

    Read the product with ``with_prices``. A product without a price costs nothing, which the page shows.
    """
    price = product.price_on(day)
    rates = [rate for rate in product.vat_class.rates.all() if rate.valid_from <= day]
    rate = max(rates, key=lambda rate_row: rate_row.valid_from, default=None)
    owners = product.owners.all()
    return LineData(
        kind=LineKind.PRODUCT,
        product_id=product.pk,
        name=product.name_in(language),
        details=product.description_in(language),
        unit_id=product.unit_id,
        unit_price=price.price if price else Decimal(0),
        vat_rate=rate.percent if rate else Decimal(0),
        owner_id=owners[0].user_id if owners else None,
    )


def line_from_row(line: Line, *, owner_id: int | None) -> LineData:
    """Return the data of a row of an offer or an order; ``owner_id`` is the content owner."""
    return LineData(
        kind=LineKind(line.kind),
        product_id=line.product_id,
        name=line.name,
        details=line.details,
        quantity=line.quantity,
        unit_id=line.unit_id,
        unit_price=line.unit_price,
        discount=line.discount,
        vat_rate=line.vat_rate,
        owner_id=owner_id,
    )


def line_fields(line: LineData, position: int) -> dict[str, Any]:
    """Return the fields that rows of offers and of orders share."""
    shared = ("kind", "product_id", "name", "details", "quantity", "unit_id", "unit_price", "discount", "vat_rate")
    fields = {name: getattr(line, name) for name in shared}
    if line.kind == LineKind.HEADING:
        nothing = dict.fromkeys(("unit_price", "discount", "vat_rate"), Decimal(0))
        fields |= nothing | {"product_id": None, "quantity": Decimal(1), "unit_id": None}
    return fields | {"position": position}


def totals_of(lines: Iterable[LineData]) -> Totals:
    return totals((line.net, line.vat_rate) for line in lines if line.kind != LineKind.HEADING)


def check_lines(lines: Sequence[LineData], *, before: Iterable[LineData] = ()) -> None:
    """Check lines from pages, API and imports; products retired meanwhile stay if they were in ``before``.

    Raises :class:`BusinessRuleError`: ``too_many_lines``, ``line_name_required``, ``line_not_allowed`` (a number out of
    range), ``product_retired``, ``product_required``, ``sum_too_large``, ``unit_unknown``, ``user_inactive``.
    """
    if len(lines) > MAX_LINES:
        message = ngettext("At most %(count)d line.", "At most %(count)d lines.", MAX_LINES) % {"count": MAX_LINES}
        raise BusinessRuleError("too_many_lines", message, field="lines")
    for number, line in enumerate(lines, 1):
        _check_line(line, number)
    old_lines = list(before)
    _check_products({line.product_id for line in lines if line.product_id}, {line.product_id for line in old_lines})
    _check_units_and_owners(lines, old_lines)
    if totals_of(lines).net > MAX_NET:
        raise BusinessRuleError("sum_too_large", _("The total is too large."), field="lines")


def _check_line(line: LineData, number: int) -> None:
    if not line.name.strip():
        raise BusinessRuleError(
            "line_name_required", _("Line %(number)d has no name.") % {"number": number}, field="lines"
        )
    fields = line_fields(line, number)
    for name in ("quantity", "unit_price", "discount", "vat_rate", "name", "details"):
        field = Line._meta.get_field(name)
        problem = _problem_of_value(field, fields[name])
        if problem:
            message = _("Line %(number)d, %(field)s: %(problem)s") % {
                "number": number,
                "field": field.verbose_name,  # type: ignore[union-attr]
                "problem": problem,
            }
            raise BusinessRuleError("line_not_allowed", message, field="lines")
    if line.kind == LineKind.PRODUCT and not line.product_id:
        message = _("Line %(number)d: choose the product.") % {"number": number}
        raise BusinessRuleError("product_required", message, field="lines")


def _problem_of_value(field: Any, value: Any) -> str:
    try:
        field.run_validators(value)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _check_products(ids: set[int], old_ids: set[int | None]) -> None:
    products = {product.pk: product for product in Product.objects.filter(pk__in=ids)}
    for pk in ids:
        product = products.get(pk)
        if product is None:
            raise BusinessRuleError("product_unknown", _("Choose products from the register."), field="lines")
        if product.is_retired and pk not in old_ids:
            message = _("%(product)s is no longer offered.") % {"product": product}
            raise BusinessRuleError("product_retired", message, field="lines")


def _check_units_and_owners(lines: Sequence[LineData], old_lines: Sequence[LineData]) -> None:
    units = {line.unit_id for line in lines if line.unit_id}
    if Unit.objects.filter(pk__in=units).count() != len(units):
        raise BusinessRuleError("unit_unknown", _("Choose the unit from the list."), field="lines")
    people = {line.owner_id for line in lines if line.owner_id} - {line.owner_id for line in old_lines}
    if User.objects.filter(pk__in=people, is_active=True).count() != len(people):
        message = _("The content owner no longer works here.")
        raise BusinessRuleError("user_inactive", message, field="lines")
