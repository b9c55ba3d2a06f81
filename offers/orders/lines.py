"""The lines of an order: reading, checking and writing them. Lines with deliveries always keep their row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError
from core.numbers import parse_id
from offers.orders.models import Order, OrderLine
from offers.products.enums import LineKind
from offers.products.lines import LineData, line_fields, line_from_row
from offers.products.money import CENT

#: Fields that cannot change once a part of the line has been invoiced, or delivered.
INVOICED_FIELDS = ("unit_price", "discount", "vat_rate")
DELIVERED_FIELDS = ("product_id", "unit_id")


@dataclass(frozen=True, kw_only=True)
class OrderLineData(LineData):
    """A line with the id of its row (``pk``); None for a new line."""

    pk: int | None = None


def order_lines_of(order: Order) -> list[OrderLineData]:
    """Return the lines of an order by position, each with the id of its row."""
    return [
        _order_line(line.pk, line_from_row(line, owner_id=line.responsible_id))
        for line in order.lines.order_by("position", "pk")
    ]


def with_refs(lines: Sequence[LineData], refs: Sequence[str]) -> list[OrderLineData]:
    """Return the lines of a form with the row ids in ``refs``."""
    return [_order_line(parse_id(ref), line) for line, ref in zip(lines, refs, strict=True)]


def _order_line(pk: int | None, line: LineData) -> OrderLineData:
    return OrderLineData(pk=pk, **{name: getattr(line, name) for name in LineData.__dataclass_fields__})


def shown_quantity(value: Decimal) -> str:
    """Return a quantity in the user's format without trailing zeros: 3, 2,5."""
    plain = value.quantize(CENT).normalize()
    return number_format(plain if plain != plain.to_integral_value() else plain.quantize(Decimal(1)), use_l10n=True)


def check_quantity(quantity: Decimal, *, maximum: Decimal, field: str, code: str) -> None:
    """Raise :class:`BusinessRuleError` ``quantity_not_allowed``, or ``code`` if it exceeds ``maximum``."""
    if not quantity.is_finite() or quantity <= 0 or quantity != quantity.quantize(CENT):
        message = _("Enter a quantity of at least 0.01, with at most two decimals.")
        raise BusinessRuleError("quantity_not_allowed", message, field=field)
    if quantity > maximum:
        message = _("At most %(most)s is left.") % {"most": shown_quantity(maximum)}
        raise BusinessRuleError(code, message, field=field)


def check_line_changes(rows: Iterable[OrderLine], lines: Sequence[LineData]) -> None:
    """Check that the new ``lines`` agree with what has been delivered and invoiced of ``rows``.

    Raises :class:`BusinessRuleError`: ``line_unknown``, ``line_delivered`` (removed, of something else or below what
    was delivered), ``line_invoiced`` (price, discount or VAT).
    """
    by_pk = {row.pk: row for row in rows}
    pks = [pk for line in lines if (pk := _row_id(line))]
    if len(set(pks)) != len(pks) or set(pks) - by_pk.keys():
        message = _("The lines have changed in the meantime. Open the order again.")
        raise BusinessRuleError("line_unknown", message, field="lines")
    for pk, row in by_pk.items():
        if row.delivered and pk not in pks:
            message = _("“%(line)s” has been partly delivered, so it cannot be removed.") % {"line": row.name}
            raise BusinessRuleError("line_delivered", message, field="lines")
    for number, line in enumerate(lines, 1):
        present = by_pk.get(_row_id(line) or 0)
        if present and present.delivered:
            _check_delivered_line(present, line, number)


def _check_delivered_line(row: OrderLine, line: LineData, number: int) -> None:
    values = {"number": number, "delivered": shown_quantity(row.delivered)}
    if line.kind == LineKind.HEADING or line.quantity < row.delivered:
        message = (
            _("Line %(number)d: %(delivered)s has already been delivered, so the quantity cannot be smaller.") % values
        )
        raise BusinessRuleError("line_delivered", message, field="lines")
    if any(getattr(line, name) != getattr(row, name) for name in DELIVERED_FIELDS):
        message = _("Line %(number)d has been partly delivered: its product and unit cannot be changed.") % values
        raise BusinessRuleError("line_delivered", message, field="lines")
    if row.invoiced and any(getattr(line, name) != getattr(row, name) for name in INVOICED_FIELDS):
        message = _("Line %(number)d has been partly invoiced: its price, discount and VAT cannot be changed.") % values
        raise BusinessRuleError("line_invoiced", message, field="lines")


def write_new_lines(order: Order, lines: Sequence[LineData]) -> None:
    """Add the lines of an order without lines, in one statement."""
    OrderLine.objects.bulk_create(
        OrderLine(order=order, responsible_id=line.owner_id, **line_fields(line, number))
        for number, line in enumerate(lines, 1)
    )


def write_order_lines(order: Order, rows: Sequence[OrderLine], lines: Sequence[LineData]) -> None:
    """Replace the list of lines: update their rows, remove the missing ones and add the new ones."""
    by_pk = {row.pk: row for row in rows}
    kept_ids = {pk for line in lines if (pk := _row_id(line))}
    changed, added = [], []
    for number, line in enumerate(lines, 1):
        fields: dict[str, Any] = line_fields(line, number) | {"responsible_id": line.owner_id}
        row = by_pk.get(_row_id(line) or 0)
        if row is None:
            added.append(OrderLine(order=order, **fields))
        elif any(getattr(row, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(row, name, value)
            changed.append(row)
    order.lines.filter(pk__in=by_pk.keys() - kept_ids).delete()
    written = [name.removesuffix("_id") for name in (*line_fields(LineData(name="x"), 1), "responsible_id")]
    OrderLine.objects.bulk_update(changed, written)
    OrderLine.objects.bulk_create(added)


def _row_id(line: LineData) -> int | None:
    return getattr(line, "pk", None)
