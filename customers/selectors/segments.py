"""Reads of customers' segments in the schemes besides the primary one, which the summary has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from customers.models import Customer


def present_memberships() -> Any:
    """Return the memberships that have not ended; another app, above this one, keeps them."""
    model: Any = Customer._meta.get_field("memberships").related_model
    return model.objects.present()


def _further(customers: Any) -> Any:
    rows = present_memberships().filter(customer__in=customers, scheme__is_primary=False)
    return rows.select_related("segment").order_by("scheme__order", "segment__order", "pk")


def further_segments_of(customer: Any) -> list[str]:
    """Return the names of the customer's segments in further schemes, read with the page by :func:`with_further`."""
    names = getattr(customer, "further_segments", None)
    return [str(row.segment) for row in _further([customer.pk])] if names is None else names


def with_further(customers: Sequence[Any]) -> list[Any]:
    """Return the customers of a page with the names of their segments in further schemes, in one query."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in _further([customer.pk for customer in customers]):
        found[row.customer_id].append(str(row.segment))
    for customer in customers:
        customer.further_segments = found[customer.pk]
    return list(customers)
