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


def _names(customer: Any) -> dict[int, list[str]]:
    """Return the names of the customer's segments by scheme, read with the page by :func:`with_further`."""
    found: dict[int, list[str]] | None = getattr(customer, "further_segments", None)
    return names_by_scheme([customer.pk])[customer.pk] if found is None else found


def names_by_scheme(customers: Any) -> dict[int, dict[int, list[str]]]:
    """Return by customer and further scheme the names of its segments, in one query."""
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _further(customers):
        found[row.customer_id][row.scheme_id].append(str(row.segment))
    return found


def further_segments_of(customer: Any) -> list[str]:
    """Return the names of the customer's segments in every further scheme."""
    return [name for names in _names(customer).values() for name in names]


def segments_in(customer: Any, scheme: int) -> list[str]:
    """Return the names of the customer's segments in one further scheme: one, or several where they do not exclude."""
    return _names(customer).get(scheme, [])


def with_further(customers: Sequence[Any]) -> list[Any]:
    """Return the customers of a page with the names of their segments in further schemes, in one query."""
    found = names_by_scheme([customer.pk for customer in customers])
    for customer in customers:
        customer.further_segments = found[customer.pk]
    return list(customers)
