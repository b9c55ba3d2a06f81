"""The filters that higher apps add to the list of customers (``CUSTOMER_LIST_FILTERS``), read once at start."""

from __future__ import annotations

from typing import Any

from core.filters import YesFilter
from core.registry import declared
from customers.filters import CustomerFilterSet
from customers.plugs import CustomerFilter
from customers.selections.from_filters import CUSTOMERS


def add_filters() -> None:
    """Add what apps declare to the filters of customers; the filters of other lists that build on them stay."""
    for added in declared("CUSTOMER_LIST_FILTERS"):
        CustomerFilterSet.base_filters[added.name] = _filter_of(added)
        CUSTOMERS[added.name] = (added.name, lambda value: {"answer": "yes"})


def _filter_of(added: CustomerFilter) -> YesFilter:
    def only_found(queryset: Any, name: str, value: str) -> Any:
        return added.found(queryset) if value else queryset

    return YesFilter(field_name=added.name, method=only_found, label=added.label)
