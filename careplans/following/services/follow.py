"""Keeping occurrences, and how customers are, as their evaluations have them: only what differs is written.

Sums by day are kept by triggers of the same statements (``migrations/0002_sums``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from careplans.following.models import CareOccurrence, CareStatus
from careplans.following.rows import (
    KEY,
    STATUS,
    VALUES,
    About,
    Name,
    Values,
    as_it_was,
    occurrence_of,
    rows_of,
    status_of,
)
from careplans.plans.evaluations import CustomerEvaluation

#: Rows of one statement.
ROWS = 2_000


def follow(found: Sequence[CustomerEvaluation], today: dt.date) -> None:
    """Bring the rows of these customers up to date, in the transaction that has locked their looks."""
    customers = [one.customer for one in found]
    _write_occurrences(found, _kept(customers), today)
    _write_statuses(found, customers)


def _kept(customers: Sequence[int]) -> dict[Name, tuple[int, Values]]:
    rows = CareOccurrence.objects.filter(customer__in=customers).order_by().values_list("pk", *KEY, *VALUES)
    return {row[1 : len(KEY) + 1]: (row[0], row[len(KEY) + 1 :]) for row in rows}


def _write_occurrences(
    found: Sequence[CustomerEvaluation], kept: dict[Name, tuple[int, Values]], today: dt.date
) -> None:
    about = About.read([one.customer for one in found], today)
    changed: list[CareOccurrence] = []
    for one in found:
        for name, values in rows_of(one, about):
            pk, before = kept.pop(name, (None, None))
            values = as_it_was(values, before, today)
            if values != before:
                changed.append(occurrence_of(name, values))
    if kept:
        CareOccurrence.objects.filter(pk__in=sorted(pk for pk, _values in kept.values())).delete()
    if changed:
        CareOccurrence.objects.bulk_create(
            changed, batch_size=ROWS, update_conflicts=True, unique_fields=KEY, update_fields=VALUES
        )  # fmt: skip


def _write_statuses(found: Sequence[CustomerEvaluation], customers: Sequence[int]) -> None:
    kept = {row[0]: row[1:] for row in CareStatus.objects.filter(pk__in=customers).values_list("pk", *STATUS)}
    changed: list[CareStatus] = []
    for one in found:
        status: dict[str, Any] | None = status_of(one)
        if status is None:
            continue
        before = kept.pop(one.customer, None)
        if before != tuple(status[name] for name in STATUS):
            changed.append(CareStatus(customer_id=one.customer, **status))
    if kept:
        CareStatus.objects.filter(pk__in=list(kept)).delete()
    if changed:
        CareStatus.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["customer"], update_fields=STATUS
        )  # fmt: skip
