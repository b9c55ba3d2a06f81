"""Form fields that choose a customer or a user by a search on the server."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext

from accounts.models import User
from core.numbers import parse_id
from customers.models import Customer


class RemoteSelect(forms.Select):
    """A select with options from the server; the page contains only the chosen one."""

    def __init__(self, url_name: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-search-url": reverse_lazy(url_name), **(attrs or {})})

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        chosen = [pk for pk in map(parse_id, value) if pk]
        choices: Any = self.choices
        records = choices.queryset.filter(pk__in=chosen) if chosen else []
        options = [("", ""), *((record.pk, self.label(record)) for record in records)]
        return [
            (None, [self.create_option(name, pk, label, str(pk) in map(str, value), index)], index)
            for index, (pk, label) in enumerate(options)
        ]

    @staticmethod
    def label(customer: Customer) -> str:
        """Return the label; a passive customer's name is hidden, because not all users may see it (rule 2)."""
        return gettext("an inactive customer (%d)") % customer.pk if customer.is_passive else str(customer)


class CustomerChoiceField(forms.ModelChoiceField):
    """An active customer; passive ones cannot be chosen (rule 2)."""

    def __init__(self, **kwargs: Any) -> None:
        widget = kwargs.pop("widget", None) or RemoteSelect("customers:options")
        super().__init__(kwargs.pop("queryset", Customer.objects.active()), widget=widget, **kwargs)


class PersonChoiceField(forms.ModelChoiceField):
    """An active user."""

    def __init__(self, **kwargs: Any) -> None:
        widget = kwargs.pop("widget", None) or forms.Select({"data-searchable": ""})
        super().__init__(User.objects.active().order_by("sort_key"), widget=widget, **kwargs)
