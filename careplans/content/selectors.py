"""Reads of needs and charges that lists and API share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from careplans.content.models import NeedCustomer


def with_customers(needs: Iterable[Any], user: Any) -> list[Any]:
    """Return needs with the customers that have them and that the user sees."""
    rows = list(needs)
    shown = NeedCustomer.objects.visible_to(user).filter(need__in=[row.pk for row in rows])
    found: dict[int, list[Any]] = defaultdict(list)
    for one in shown.select_related("customer").order_by("customer__sort_key"):
        found[one.need_id].append(one)
    for row in rows:
        row.shown_customers = found[row.pk]
    return rows


def customers_of(need: Any) -> list[Any]:
    """Return the customers of a need as :func:`with_customers` has read them, else all that have it."""
    if hasattr(need, "shown_customers"):
        return list(need.shown_customers)
    return list(need.customers.select_related("customer").order_by("customer__sort_key"))
