"""The lines of an offer or an order as a part of a form.

The page sends each row under its own number (``line-7-name``); the hidden fields ``line`` list the rows in their
order. Without JavaScript, buttons named ``line-do`` move, copy, remove and add rows (:meth:`LineRows.apply`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.forms import DecimalField
from core.numbers import parse_id
from core.problems import Problem
from offers.products.enums import LineKind
from offers.products.lines import LineData, line_of_product, totals_of
from offers.products.models import Product, Unit, VatClass
from offers.products.money import MAX_LINES, MAX_QUANTITY, MAX_UNIT_PRICE, Totals

SPARE, FOUND, MAX_READ = 3, 20, MAX_LINES + 50
MODEL_KEY = "0000"  # the row that JavaScript copies


def _percent(**kwargs: Any) -> DecimalField:
    return DecimalField(min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False, **kwargs)


#: Fields of a row, shared by all rows.
FIELDS: dict[str, forms.Field] = {
    "name": forms.CharField(max_length=200, required=False),
    "details": forms.CharField(max_length=4_000, required=False),
    "quantity": DecimalField(min_value=Decimal("0.01"), max_value=MAX_QUANTITY, max_digits=10, decimal_places=2),
    "unit_price": DecimalField(min_value=0, max_value=MAX_UNIT_PRICE, max_digits=12, decimal_places=2, required=False),
    "discount": _percent(),
    "vat_rate": _percent(),
}
NUMBERS = ("quantity", "unit_price", "discount", "vat_rate")
TEXTS = ("kind", "product", "unit", "owner", "ref", *FIELDS)


@dataclass
class LineRow:
    """A row of the form: its typed values, its errors, and its line when there are no errors."""

    key: str
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    line: LineData | None = None
    code: str = ""  # of the product
    is_spare: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether the row is empty. A product row never is."""
        written = any(self.values.get(name, "").strip() for name in ("name", "details"))
        price = self.values.get("unit_price", "").strip()
        return not written and price in ("", "0", "0,00", "0.00") and self.values.get("kind") != LineKind.PRODUCT

    @property
    def is_heading(self) -> bool:
        return self.values.get("kind") == LineKind.HEADING


class LineRows:
    """A form's rows in order. ``lines`` are the existing lines, ``refs`` their names on the page."""

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[LineData] = (),
        refs: Sequence[Any] = (),
        language: str = "fi",
        day: dt.date | None = None,
        spare: int = SPARE,
    ) -> None:
        self.data, self.language, self.day = data, language, day or clock.today()
        self.is_bound = data is not None
        self.old_lines = list(lines)
        self.error = self.add_error = ""
        self.offered: list[Product] = []
        if self.is_bound:
            self.rows = [
                LineRow(key, {name: data.get(f"line-{key}-{name}", "").replace("\x00", "") for name in TEXTS})
                for key in _row_keys(data)
            ]
        else:
            self.rows = [
                self.row_of(line, str(number), ref=str(ref))
                for number, (line, ref) in enumerate(zip(lines, list(refs) or [""] * len(lines), strict=True), 1)
            ]
            self.rows += [self._blank(LineKind.FREE, is_spare=True) for _number in range(spare)]
        self._read_codes()

    def __iter__(self) -> Iterator[LineRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def problems(self) -> Iterator[Problem]:
        """Yield the errors of the rows, for the summary above the form."""
        if self.error:
            yield Problem("", self.error)
        for number, row in enumerate(self.rows, 1):
            for text in row.errors.values():
                yield Problem(_("Line %(number)d") % {"number": number}, text, f"line-{row.key}")

    def content(self) -> dict[str, list[str]]:
        """Return what a browser would send of the rows with something in them."""
        rows = [row for row in self.rows if not row.is_spare]
        sent = {f"line-{row.key}-{name}": [value] for row in rows for name, value in row.values.items() if value}
        return {"line": [row.key for row in rows]} | sent if rows else {}

    # Choices

    @cached_property
    def units(self) -> list[tuple[str, str]]:
        used = {line.unit_id for line in self.old_lines}
        return [(str(unit.pk), str(unit)) for unit in Unit.objects.all() if not unit.is_retired or unit.pk in used]

    @cached_property
    def people(self) -> dict[str, int]:
        """Return content owners by the name to type; namesakes also with their user name."""
        old_owner_ids = {line.owner_id for line in self.old_lines if line.owner_id}
        users_offered = list(User.objects.filter(is_active=True).order_by("sort_key", "pk"))
        users_offered += list(User.objects.filter(pk__in=old_owner_ids, is_active=False))
        names: dict[str, list[User]] = {}
        for user in users_offered:
            names.setdefault(str(user), []).append(user)
        return {
            name if len(users) == 1 else f"{name} ({user.username})": user.pk
            for name, users in names.items()
            for user in users
        }

    @cached_property
    def vat_rates(self) -> list[str]:
        """Return the rates in force, that of the first VAT class first."""
        classes = VatClass.objects.filter(retired_at__isnull=True).prefetch_related("rates")
        percents = []
        for vat_class in classes:
            rates = [rate for rate in vat_class.rates.all() if rate.valid_from <= self.day]
            if rates:
                percents.append(max(rates, key=lambda rate: rate.valid_from).percent)
        return list(dict.fromkeys(_shown(percent) for percent in percents))

    @property
    def models(self) -> list[LineRow]:
        """Return the empty rows that JavaScript copies."""
        return [replace(self._blank(kind), key=MODEL_KEY) for kind in (LineKind.FREE, LineKind.HEADING)]

    @property
    def totals(self) -> Totals:
        """Return the sums of the valid rows."""
        return totals_of(row.line for row in self.rows if row.line)

    # Reading

    def is_valid(self) -> bool:
        """Check every row, so that all messages show at once. Empty rows are left out."""
        self.rows = [row for row in self.rows if not row.is_empty]
        if len(self.rows) > MAX_LINES:
            self.error = _("At most %(count)d lines.") % {"count": MAX_LINES}
            return False
        self.read()
        return not any(row.errors for row in self.rows)

    def read(self) -> None:
        for row in self.rows:
            _read_row(row, self)

    @property
    def lines(self) -> list[LineData]:
        return [row.line for row in self.rows if row.line]

    @property
    def refs(self) -> list[str]:
        """Return the names of ``lines`` on the page, empty for new ones."""
        return [row.values.get("ref", "") for row in self.rows if row.line]

    # Creating rows

    def row_of(self, line: LineData, key: str, *, ref: str = "") -> LineRow:
        """Return the row that shows ``line``."""
        owner = next((name for name, pk in self.people.items() if pk == line.owner_id), "") if line.owner_id else ""
        values = {
            "kind": str(line.kind),
            "product": str(line.product_id or ""),
            "name": line.name,
            "details": line.details,
            "unit": str(line.unit_id or ""),
            "owner": owner,
            "ref": ref,
            "quantity": _shown(line.quantity),
            "unit_price": _shown(line.unit_price, 2),
            "discount": _shown(line.discount),
            "vat_rate": _shown(line.vat_rate),
        }
        return LineRow(key, values, line=line)

    def product_row(self, product: Product, key: str = MODEL_KEY) -> LineRow:
        """Return the row of a product. Read the product ``with_prices``."""
        row = self.row_of(line_of_product(product, day=self.day, language=self.language), key)
        row.code = product.code
        return row

    def _blank(self, kind: LineKind, *, is_spare: bool = False) -> LineRow:
        vat = self.vat_rates[0] if self.vat_rates else "0"
        values = dict.fromkeys(TEXTS, "") | {"kind": str(kind), "quantity": "1", "vat_rate": vat}
        return LineRow(self._next_key(), values, is_spare=is_spare)

    def _next_key(self) -> str:
        used = [int(row.key) for row in getattr(self, "rows", ())]
        self._last = max([getattr(self, "_last", 0), *used]) + 1
        return str(self._last)

    def _read_codes(self) -> None:
        ids = {pk for row in self.rows if (pk := parse_id(row.values["product"]))}
        codes = dict(Product.objects.filter(pk__in=ids).values_list("pk", "code")) if ids else {}
        for row in self.rows:
            row.code = codes.get(parse_id(row.values["product"]) or 0, "")

    # Buttons without JavaScript

    def apply(self, do: str) -> None:
        """Apply a button: ``up:7``, ``down:7``, ``copy:7``, ``remove:7``, ``add:free``; else update the sums."""
        action, _colon, what = do.partition(":")
        place = next((place for place, row in enumerate(self.rows) if row.key == what), None)
        if (action, what) == ("add", "product"):
            self._add_product()
        elif action == "add" and what in (LineKind.FREE, LineKind.HEADING):
            self.rows.append(self._blank(LineKind(what)))
        elif place is not None and action in ("up", "down"):
            to = max(0, place - 1) if action == "up" else min(len(self.rows) - 1, place + 1)
            self.rows.insert(to, self.rows.pop(place))
        elif place is not None and action == "copy":
            copied = self.rows[place]
            values = copied.values | {"ref": ""}
            self.rows.insert(place + 1, LineRow(self._next_key(), values, code=copied.code))
        elif place is not None and action == "remove":
            del self.rows[place]
        self.read()  # for the sums of the valid rows; errors are not shown yet
        for row in self.rows:
            row.errors = {}

    def _add_product(self) -> None:
        products = Product.objects.in_use().with_prices()
        text = self.data.get("line-search", "").replace("\x00", "").strip()[:200]
        if chosen := parse_id(self.data.get("line-product")):
            matches = list(products.filter(pk=chosen))
        else:
            matches = list(products.filter(code__iexact=text)) or list(products.search(text)[:FOUND]) if text else []
        if len(matches) == 1:
            self.rows.append(self.product_row(matches[0], self._next_key()))
        elif matches:
            self.offered, self.add_error = matches, _("Several products match. Choose one of them.")
        else:
            self.add_error = _("No product matches. Try a shorter word.")


def _row_keys(data: Any) -> Iterable[str]:
    """Return the rows' numbers in the order of the page, without duplicates."""
    keys = [key for key in data.getlist("line") if key.isascii() and key.isdigit() and len(key) < 8]
    return list(dict.fromkeys(keys))[:MAX_READ]


def _shown(value: Decimal, decimals: int | None = None) -> str:
    """Return a number as typed in the page's language, without thousands separators."""
    whole = decimals is None and value == value.to_integral_value()
    text = number_format(value, 0 if whole else 2, use_l10n=True, force_grouping=False)
    return text if decimals is not None or whole else text.rstrip("0")


def _read_row(row: LineRow, rows: LineRows) -> None:
    """Make the row's line, or set its errors."""
    row.errors, row.line = {}, None
    cleaned = {name: _clean_field(row, name) for name in (("name", "details") if row.is_heading else FIELDS)}
    if not row.errors and not cleaned["name"]:
        row.errors["name"] = _("Enter what is offered.")
    owner, unit = _read_owner(row, rows), _read_unit(row, rows)
    if row.errors:
        return
    kind = row.values["kind"] if row.values["kind"] in LineKind.values else LineKind.FREE
    numbers = {name: cleaned.get(name) or Decimal(0) for name in NUMBERS}
    row.line = LineData(
        kind=LineKind(kind),
        product_id=parse_id(row.values["product"]) if kind == LineKind.PRODUCT else None,
        name=cleaned["name"],
        details=cleaned["details"],
        owner_id=owner,
        unit_id=unit,
        **numbers | ({"quantity": Decimal(1)} if row.is_heading else {}),
    )


def _clean_field(row: LineRow, name: str) -> Any:
    try:
        return FIELDS[name].clean(row.values.get(name, ""))
    except forms.ValidationError as error:
        row.errors[name] = error.messages[0]
        return None


def _read_owner(row: LineRow, rows: LineRows) -> int | None:
    name = " ".join(row.values.get("owner", "").split())
    if not name or row.is_heading:
        return None
    user_pk = rows.people.get(name)
    if user_pk is None:
        row.errors["owner"] = _("No user has this name. Choose one from the list.")
    return user_pk


def _read_unit(row: LineRow, rows: LineRows) -> int | None:
    value = row.values.get("unit", "")
    if not value or row.is_heading:
        return None
    if value not in dict(rows.units):
        row.errors["unit"] = _("Choose the unit from the list.")
        return None
    return int(value)
