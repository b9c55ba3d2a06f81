"""Shared base of filter sets: knows the user, refuses unreadable values and lists the active filters.

Names and values are the same in pages, API and exports: a switch is ``true`` (and ``false`` where that is a separate
choice), the user's own rows are ``mine``, and the ends of a range are ``…_from`` and ``…_to``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.dates import DayField

#: On a select: one can type into it (static/js/select.js).
SEARCHABLE = "data-searchable"
#: Days before it are all alike: nothing that is filtered is older, and time zones have no odd offsets yet.
EARLIEST = dt.date(1900, 1, 1)
YES = [("true", _("yes"))]


@dataclass(frozen=True)
class ActiveFilter:
    label: Any
    value: str
    remove_url: str


class DayFilter(django_filters.DateFilter):
    """A day, typed in any form that forms understand."""

    field_class = DayField


class MomentFromFilter(DayFilter):
    """Moments from the beginning of a day on."""

    def filter(self, qs: Any, value: dt.date | None) -> Any:
        return qs.filter(**{f"{self.field_name}__gte": _start_of(value)}) if value else qs


class MomentToFilter(DayFilter):
    """Moments until the end of a day."""

    def filter(self, qs: Any, value: dt.date | None) -> Any:
        if not value:
            return qs
        if value == dt.date.max:
            return qs.filter(**{f"{self.field_name}__isnull": False})
        return qs.filter(**{f"{self.field_name}__lt": _start_of(value + dt.timedelta(days=1))})


def _start_of(day: dt.date) -> dt.datetime:
    """Return when the day begins for the user."""
    return timezone.make_aware(dt.datetime.combine(max(day, EARLIEST), dt.time()))


class YesFilter(django_filters.ChoiceFilter):
    """A filter that is on (``true``) or not there at all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": YES, "empty_label": "–", **kwargs})


class OneFieldFilter(YesFilter):
    """A condition on one field: ``OneFieldFilter("net", "gt", 0, label=…)``."""

    def __init__(self, field_name: str, lookup_expr: str = "exact", operand: Any = True, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup_expr, **kwargs)
        self.operand = operand

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": self.operand}) if value else qs


class FilterSet(django_filters.FilterSet):
    """A filter set for page, API, selection and export alike.

    A value that can't be read (a letter for a number, an unknown choice) gives no rows and an error at the field: a
    filter that is silently dropped would export or change too many.
    """

    #: Names of filters before the convention, which are read until the next release: old name → new name.
    old_names: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(self.current(data), *args, **kwargs)

    @classmethod
    def current(cls, data: Any) -> Any:
        """Return the parameters of an address with the names and values of today in place of old ones."""
        if not data:
            return data
        renamed = [name for name in cls.old_names if name in data]
        ones = {name for name, item in cls.base_filters.items() if isinstance(item, YesFilter)}
        if not renamed and not any(data.get(name) == "1" for name in ones):
            return data
        current = data.copy()
        for old in renamed:
            value = current[old]
            del current[old]
            current.setdefault(cls.old_names[old], value)
        for name in ones:
            if current.get(name) == "1":
                current[name] = "true"
        return current

    @property
    def user(self) -> Any:
        return self.request.user if self.request else None

    @property
    def qs(self) -> Any:
        if self.is_bound and not self.form.is_valid():
            return self.queryset.none()
        return super().qs

    def active(self) -> list[ActiveFilter]:
        """Return the filters that are on, each with the address of the same list without it (``q`` is left out)."""
        if not self.is_bound or not self.form.is_valid():
            return []
        names = [name for name in self.filters if name != "q" and self.data.get(name) not in (None, "")]
        return [
            ActiveFilter(self.form.fields[name].label, self._value_text(name), self._url_without(name))
            for name in names
        ]

    def options(self, name: str) -> list[dict[str, str]]:
        """Return every choice of a menu that one can type into; other filters' choices are not listed."""
        field = self.form.fields.get(name)
        if field is None or SEARCHABLE not in field.widget.attrs:
            return []
        return [{"id": str(value), "text": str(label)} for value, label in field.choices if str(value)]

    def fold_menus(self) -> None:
        """Leave only what is chosen in the menus that one can type into: the rest is fetched when one is opened."""
        for name, field in self.form.fields.items():
            if SEARCHABLE in field.widget.attrs:
                chosen = [(field.prepare_value(value), label) for value, label in self._chosen(name)]
                field.widget.choices = chosen if field.widget.allow_multiple_selected else [("", ""), *chosen]
                del field.widget.attrs[SEARCHABLE]
                field.widget.attrs |= {"data-search-url": f"{self.request.path}?options={name}", "data-whole": ""}

    def _value_text(self, name: str) -> str:
        return ", ".join(label for _value, label in self._chosen(name))

    def _chosen(self, name: str) -> list[tuple[Any, str]]:
        """Return what is chosen, with its label; nothing where the value can't be read."""
        field, value = self.form.fields[name], self.form.cleaned_data.get(name)
        if value in (None, ""):
            return []
        values = value if isinstance(value, list | tuple | set) or hasattr(value, "_iterable_class") else [value]
        choices = dict(getattr(field, "choices", ()) or ()) if values and not hasattr(field, "queryset") else {}
        return [(item, str(choices.get(item, choices.get(str(item), item)))) for item in values]

    def _url_without(self, name: str) -> str:
        rest = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict("", mutable=True)
        for key in (name, "after", "before"):
            rest.pop(key, None)
        return "?" + rest.urlencode()
