"""Reads of customers for lists."""

from __future__ import annotations

from collections.abc import Sequence

from customers.models import Customer


def filled(rows: Sequence[Customer]) -> list[Customer]:
    """Return the rows of a page in their order with all that lists show, in one query.

    Filtering and sorting stay a query of few tables: PostgreSQL looks for the best order of at most eight joins.
    """
    found = Customer.objects.with_summary().in_bulk([row.pk for row in rows])
    return [found[row.pk] for row in rows if row.pk in found]
