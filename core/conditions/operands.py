"""What a condition asks for: an operator, rows, numbers, days, texts. Each is a field of the builder's form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.dates import DayField
from core.fields import LineFormField
from core.filters import EARLIEST
from core.formatting import date_text, number_text
from core.forms import DecimalField, DrawnSelectMultiple, IntegerField

#: The names of rows by model and key, for the words of conditions.
Names = Mapping[tuple[type[Model], Any], str]
#: So many choices are boxes to tick; more are a list that one can type into.
FEW_CHOICES = 8


@dataclass(frozen=True, kw_only=True)
class Operand:
    """A value of a condition. ``shown_if`` names another operand and its values with which this one is asked for.

    One that is needed may be left out where the operand ``instead`` is given.
    """

    name: str
    label: Any
    default: Any = None
    is_needed: bool = True
    instead: str = ""
    is_extra: bool = False  # folded away until it is used
    shown_if: tuple[str, tuple[str, ...]] | None = None

    def form_field(self, user: Any = None) -> forms.Field:
        raise NotImplementedError

    def stored(self, cleaned: Any) -> Any:
        """Return what JSON holds of the form field's value."""
        return cleaned

    def loaded(self, stored: Any) -> Any:
        """Return the value for SQL."""
        return stored

    def text(self, stored: Any, names: Names) -> str:
        """Return the value in words."""
        return str(stored)

    def is_asked(self, values: Mapping[str, Any]) -> bool:
        """Return whether the other values ask for this one."""
        return self.shown_if is None or values.get(self.shown_if[0]) in self.shown_if[1]


@dataclass(frozen=True, kw_only=True)
class Choice(Operand):
    """One of a few words."""

    choices: tuple[tuple[str, Any], ...]

    def form_field(self, user: Any = None) -> forms.Field:
        empty = [] if self.is_needed else [("", "–")]
        return forms.ChoiceField(label=self.label, choices=[*empty, *self.choices], required=False)

    def text(self, stored: Any, names: Names) -> str:
        return str(dict(self.choices).get(stored, stored))


@dataclass(frozen=True, kw_only=True)
class Choices(Operand):
    """Some of a list of words."""

    choices: Iterable[tuple[str, Any]] | Callable[[], Iterable[tuple[str, Any]]]

    @property
    def listed(self) -> list[tuple[str, Any]]:
        return list(self.choices() if callable(self.choices) else self.choices)

    def form_field(self, user: Any = None) -> forms.Field:
        listed = self.listed
        return forms.MultipleChoiceField(
            label=self.label, choices=listed, required=False, widget=_many_widget(len(listed))
        )

    def text(self, stored: Any, names: Names) -> str:
        words = dict(self.listed)
        return either(str(words.get(value, value)) for value in stored or ())


@dataclass(frozen=True, kw_only=True)
class Rows(Operand):
    """Some rows of a model. A selection keeps them by foreign keys (see ``customers.selections``)."""

    model: type[Model]
    rows: Callable[[], QuerySet[Any]]
    label_of: Callable[[Any], str] | None = None
    search_url: str = ""  # the URL name of the choices of a model with very many rows

    def form_field(self, user: Any = None) -> forms.Field:
        return RowsField(self, user)

    def stored(self, cleaned: Any) -> Any:
        return sorted(row.pk for row in cleaned or ())

    def text(self, stored: Any, names: Names) -> str:
        return either(names.get((self.model, pk), f"#{pk}") for pk in stored or ())


class RowsField(forms.ModelMultipleChoiceField):
    """The rows of an operand that the user may see."""

    def __init__(self, operand: Rows, user: Any) -> None:
        self.operand = operand
        rows: Any = operand.rows()
        if user is not None and hasattr(rows, "visible_to"):
            rows = rows.visible_to(user)
        few = not operand.search_url and rows[: FEW_CHOICES + 1].count() <= FEW_CHOICES
        super().__init__(rows, label=operand.label, required=False, widget=self._widget(operand, few))

    @staticmethod
    def _widget(operand: Rows, few: bool) -> Any:
        if operand.search_url:
            return DrawnSelectMultiple({"data-search-url": reverse(operand.search_url)})
        return _many_widget(1 if few else FEW_CHOICES + 1)

    def label_from_instance(self, obj: Any) -> str:
        return self.operand.label_of(obj) if self.operand.label_of else str(obj)


@dataclass(frozen=True, kw_only=True)
class Number(Operand):
    """A whole number or, with ``is_money``, euros; with ``is_decimal`` a number with decimals."""

    lowest: int = 0
    highest: int = 1_000_000_000
    is_money: bool = False
    is_decimal: bool = False

    @property
    def has_decimals(self) -> bool:
        return self.is_money or self.is_decimal

    def form_field(self, user: Any = None) -> forms.Field:
        kind = DecimalField if self.has_decimals else IntegerField
        limits: dict[str, Any] = {"min_value": self.lowest, "max_value": self.highest}
        if self.has_decimals:
            limits |= {"max_digits": 14, "decimal_places": 2}
        field: forms.Field = kind(label=self.label, required=False, **limits)
        field.widget.attrs["class"] = "short"
        return field

    def stored(self, cleaned: Any) -> Any:
        return str(cleaned) if isinstance(cleaned, Decimal) else cleaned

    def loaded(self, stored: Any) -> Any:
        return Decimal(str(stored)) if self.has_decimals else int(stored)

    def text(self, stored: Any, names: Names) -> str:
        number = number_text(Decimal(str(stored)) if self.has_decimals else int(stored))
        return f"{number}\N{NO-BREAK SPACE}€" if self.is_money else number


@dataclass(frozen=True, kw_only=True)
class Day(Operand):
    def form_field(self, user: Any = None) -> forms.Field:
        return DayField(label=self.label, required=False)

    def stored(self, cleaned: Any) -> Any:
        return max(cleaned, EARLIEST).isoformat() if cleaned else None

    def loaded(self, stored: Any) -> Any:
        return dt.date.fromisoformat(stored)

    def text(self, stored: Any, names: Names) -> str:
        return str(date_text(self.loaded(stored), "SHORT_DATE_FORMAT"))


@dataclass(frozen=True, kw_only=True)
class Text(Operand):
    longest: int = 120

    def form_field(self, user: Any = None) -> forms.Field:
        return LineFormField(label=self.label, required=False, max_length=self.longest)

    def text(self, stored: Any, names: Names) -> str:
        return f"“{stored}”"


def _many_widget(count: int) -> Any:
    if count <= FEW_CHOICES:
        return forms.CheckboxSelectMultiple
    return forms.SelectMultiple({"data-searchable": ""})


def name_of(row: Any) -> str:
    """Return the name of a row that a condition names; inactive customers are named to nobody (rule 2)."""
    return _("an inactive customer (%d)") % row.pk if getattr(row, "is_passive", False) else str(row)


def either(words: Iterable[str]) -> str:
    """Return the words with *or* before the last one."""
    found = list(words)
    if len(found) < 2:
        return "".join(found)
    return _("%(words)s or %(last)s") % {"words": ", ".join(found[:-1]), "last": found[-1]}
