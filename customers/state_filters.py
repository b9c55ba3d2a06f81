"""Inactive customers in lists, their exports and the API: only when asked for (docs/views.md).

Customers and contacts have the filter *State* (``state``); work and money, which have a customer, the filter *State of
the customer* (``customer_state``). Only users who may list inactive customers have these filters, and see such rows.
"""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from core.filters import is_empty
from customers.enums import CustomerState
from customers.querysets import active_for_each

ALL_STATES = "all"


def may_see_inactive(user: Any) -> bool:
    return user is not None and bool(user.has_perm("customers.manage_passive"))


class StateFilter(filters.ChoiceFilter):
    """Active, inactive or all; without a value the rows of active customers."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [*CustomerState.choices, (ALL_STATES, _("all"))]
        super().__init__(choices=choices, empty_label=None, **kwargs)


class CustomerStateFilter(StateFilter):
    """The state of the customer of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"field_name": "customer__state", "label": _("State of the customer"), **kwargs})

    def filter(self, qs: Any, value: str) -> Any:
        return qs if value in ("", None, ALL_STATES) else super().filter(qs, value)


class OfActiveCustomers:
    """A filter set of rows with a customer and the filter ``customer_state``.

    It leaves out the rows of inactive customers unless that filter asks for them, or another one that names them.
    """

    #: Filters that ask for the rows of inactive customers too: who names a customer wants its rows.
    asking: ClassVar[tuple[str, ...]] = ("customer",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self
        state = own.filters.pop("customer_state", None)
        if state is not None and may_see_inactive(own.user):
            own.filters["customer_state"] = state  # the last one

    def filter_queryset(self, queryset: Any) -> Any:
        own: Any = self
        values = own.form.cleaned_data
        asked = any(not is_empty(values.get(name)) for name in ("customer_state", *self.asking))
        if "customer_state" in own.filters and not asked:
            queryset = queryset.filter(active_for_each())
        return super().filter_queryset(queryset)  # type: ignore[misc]
