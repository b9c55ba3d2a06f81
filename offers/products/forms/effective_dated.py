"""Rows of effective-dated values in the forms of products and VAT classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import DayField
from core.form_undo import content_of
from core.forms import DecimalField
from offers.products.effective_dated import FIRST_YEAR, LAST_YEAR, MAX_ROWS, Dated

BLANK = 2


class DatedRow(forms.Form):
    """A date and the value that applies from it on. An empty row is left out."""

    valid_from = DayField(label=gettext_lazy("Valid from"), required=False)
    value = DecimalField(required=False, decimal_places=2)

    def __init__(self, *args: Any, label: Any, max_value: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = DecimalField(
            label=label, required=False, min_value=0, max_value=max_value, max_digits=12, decimal_places=2
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, value = data.get("valid_from"), data.get("value")
        if day is None and value is not None and "valid_from" not in self.errors:
            self.add_error("valid_from", _("Enter the date from which it applies."))
        if day is not None and value is None and "value" not in self.errors:
            self.add_error("value", _("Enter the value or clear the row."))
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            self.add_error("valid_from", message)
        return data

    @property
    def dated(self) -> Dated | None:
        day, value = self.cleaned_data.get("valid_from"), self.cleaned_data.get("value")
        return Dated(day, value) if day and value is not None else None


class DatedRows:
    """The rows of a form; ``<prefix>-count`` is their number. Two empty ones are ready for new values."""

    def __init__(self, data: Any, *, prefix: str, rows: Sequence[Dated], label: Any, max_value: Decimal) -> None:
        self.prefix, self.label = prefix, label
        self._given: dict[str, Any] = {"label": label, "max_value": max_value}
        sorted_rows = sorted(rows, key=lambda row: row.valid_from)
        self.count = _row_count(data, prefix) if data is not None else len(sorted_rows) + BLANK
        self.rows: list[DatedRow] = []
        for number in range(self.count):
            dated = sorted_rows[number] if data is None and number < len(sorted_rows) else None
            initial = {"valid_from": dated.valid_from, "value": dated.value} if dated else {}
            self.rows.append(DatedRow(data, **self._given, prefix=f"{prefix}-{number}", initial=initial))

    def __iter__(self) -> Iterator[DatedRow]:
        return iter(self.rows)

    @property
    def template(self) -> DatedRow:
        """Return the row that JavaScript copies."""
        return DatedRow(**self._given, prefix=f"{self.prefix}-0000")

    def is_valid(self) -> bool:
        """Check every row, so that all messages show at once; each date is on one row only."""
        checked = [row.is_valid() for row in self.rows]
        seen = set()
        for row in self.rows:
            day = row.cleaned_data.get("valid_from")
            if day in seen:
                row.add_error("valid_from", _("There is already a value from this date."))
            seen |= {day} if day else set()
        return all(checked) and not any(row.errors for row in self.rows)

    @property
    def dated(self) -> list[Dated]:
        return [row.dated for row in self.rows if row.dated]


def _row_count(data: Any, prefix: str) -> int:
    text = data.get(f"{prefix}-count", "")
    return min(int(text), MAX_ROWS + BLANK) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


class WithDatedRows(forms.ModelForm):
    """A form with rows of effective-dated values below it; valid when they are."""

    rows_prefix: ClassVar[str]
    rows_title: ClassVar[Any]
    rows_label: ClassVar[Any]
    rows_hint: ClassVar[Any] = ""
    rows_max: ClassVar[Decimal]
    dated: DatedRows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.held_rows() if self.instance.pk else []
        data = self.data if self.is_bound else None
        self.dated = DatedRows(data, prefix=self.rows_prefix, rows=rows, label=self.rows_label, max_value=self.rows_max)

    def held_rows(self) -> Sequence[Dated]:
        raise NotImplementedError

    def more_content(self) -> dict[str, list[str]]:
        content = {f"{self.rows_prefix}-count": [str(len(self.dated.rows))]}
        return content | {name: sent for row in self.dated for name, sent in content_of(row).items()}

    def is_valid(self) -> bool:
        own, rows = super().is_valid(), self.dated.is_valid()
        return own and rows
