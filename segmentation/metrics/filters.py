"""Filters of customers with their metrics and of entered values, for pages, API and exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import visible_users
from core.filters import FilterSet, SearchFilter, YesFilter
from customers.filters import CustomerFilter
from customers.models import Customer
from customers.selections.enums import SelectionOf
from customers.selections.filters import SelectionFilter
from segmentation.metrics.columns import is_missing
from segmentation.metrics.models import OwnMetric, OwnValue
from segmentation.metrics.selectors import needed_metrics
from segmentation.metrics.value_mode import visible_metrics

ANY = "any"


def missing_choices(user: Any) -> list[tuple[str, Any]]:
    needed = needed_metrics(visible_metrics(user).values()) if user is not None else []
    return [
        (ANY, pgettext_lazy("missing information", "any of them")),
        *((metric.code, metric.label) for metric in needed),
    ]


class MetricsFilter(FilterSet):
    """Filters of the list of customers with their metrics."""

    q = SearchFilter(method="search", label=_("Search customers"))
    mine = YesFilter(method="only_mine", label=_("My own"))
    owner = filters.ModelChoiceFilter(
        queryset=visible_users, field_name="summary__owner", label=_("Owner"),
        widget=forms.Select(attrs={"data-searchable": ""}),
    )  # fmt: skip
    missing = filters.ChoiceFilter(method="lacking", label=_("Missing information"), choices=())
    selection = SelectionFilter(SelectionOf.CUSTOMERS)

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("missing", missing_choices(getattr(self.request, "user", None)))

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.owned_by(self.user)

    def lacking(self, queryset: Any, name: str, value: str) -> Any:
        needed = needed_metrics(visible_metrics(self.user).values())
        return queryset.filter(is_missing([metric for metric in needed if value in (ANY, metric.code)]))


class OwnValueFilter(FilterSet):
    customer = CustomerFilter()
    metric = filters.ModelChoiceFilter(queryset=OwnMetric.objects.all(), to_field_name="code", label=_("Metric"))
    current = YesFilter(method="only_current", label=_("Current"))

    class Meta:
        model = OwnValue
        fields: tuple[str, ...] = ()

    def only_current(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.current()
