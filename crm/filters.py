"""What all filter sets share: they know the user, refuse what can't be read, and tell which filters are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django.http import QueryDict


@dataclass(frozen=True)
class ActiveFilter:
    label: Any
    value: str
    remove_url: str


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

    def _text(self, name: str) -> str:
        field, value = self.form.fields[name], self.form.cleaned_data.get(name)
        choices = dict(getattr(field, "choices", ()) or ()) if not hasattr(field, "queryset") else {}
        values = value if isinstance(value, list | tuple | set) or hasattr(value, "_iterable_class") else [value]
        return ", ".join(str(choices.get(item, choices.get(str(item), item))) for item in values)

    def _url_without(self, name: str) -> str:
        rest = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict("", mutable=True)
        for key in (name, "after", "before"):
            rest.pop(key, None)
        return "?" + rest.urlencode()
