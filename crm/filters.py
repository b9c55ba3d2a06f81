"""What all filter sets share: they know the user, refuse what can't be read, and tell which filters are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django.http import QueryDict

from crm.dates import DayField

#: On a select: one can type into it (static/js/select.js).
SEARCHABLE = "data-searchable"


@dataclass(frozen=True)
class ActiveFilter:
    label: Any
    value: str
    remove_url: str


class DayFilter(django_filters.DateFilter):
    """A day, typed in any form that forms understand."""

    field_class = DayField


class FilterSet(django_filters.FilterSet):
    """A filter set for page, API, selection and export alike.

    A value that can't be read (a letter for a number, an unknown choice) gives no rows and an error at the field: a
    filter that is silently dropped would export or change too many.
    """

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
        return [ActiveFilter(self.form.fields[name].label, self._text(name), self._url_without(name)) for name in names]

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

    def _text(self, name: str) -> str:
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
