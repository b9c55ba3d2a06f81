"""Keeping occurrences, and how customers are, as their evaluations have them: only what differs is written.

Sums by day are kept by triggers of the same statements (``migrations/0010_sums_in_place``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from careplans.following.models import CareOccurrence, CareReach, CareStatus
from careplans.following.rows import (
    KEY,
    VALUES,
    About,
    Name,
    Values,
    as_it_was,
    occurrence_of,
    reach_of,
    rows_of,
    status_of,
)
from careplans.plans.evaluations import CustomerEvaluation
from core.copying import copy_rows

#: Rows of one statement.
ROWS = 2_000
STATUS = ("overdue_since", "asks_for_contact", "next_due")
COLUMNS = (*KEY, *VALUES)
#: New rows are written in the order of their last day, with which most indexes are ordered: what is written next to
#: each other is near in all of them, which takes two thirds of the time of the order of customers.
_BY_DAY = itemgetter(COLUMNS.index("last"))


def follow(found: Sequence[CustomerEvaluation], today: dt.date) -> None:
    """Bring the rows of these customers up to date, in the transaction that has locked their looks."""
    _write_occurrences(found, today)
    _write(CareStatus, ("customer_id",), STATUS, found, status_of)
    _write(CareReach, ("customer_id", "code", "first"), ("last", "days"), found, reach_of)


def _write_occurrences(found: Sequence[CustomerEvaluation], today: dt.date) -> None:
    customers = [one.customer for one in found]
    kept = _kept(CareOccurrence, KEY, VALUES, customers)
    about = About.read(customers, today)
    added: list[Values] = []
    changed: list[CareOccurrence] = []
    for one in found:
        for name, values, holder in rows_of(one, about):
            before = kept.pop(name, None)
            wanted = as_it_was(values, before, today, holder)
            if before is None:
                added.append((*name, *wanted))
            elif wanted != before:
                changed.append(occurrence_of(name, wanted))
    _delete(CareOccurrence, KEY, kept)
    added.sort(key=_BY_DAY)
    _add(CareOccurrence, COLUMNS, added)
    _save(changed, KEY, VALUES)


def _write(model: Any, key: Sequence[str], names: Sequence[str], found: Sequence[CustomerEvaluation], of: Any) -> None:
    """Write the rows that ``of`` makes of each evaluation where they differ."""
    kept = _kept(model, key, names, [one.customer for one in found])
    added, changed = [], []
    for one in found:
        for name, values in of(one):
            before = kept.pop(name, None)
            if before is None:
                added.append((*name, *values))
            elif before != values:
                changed.append(model(**dict(zip((*key, *names), (*name, *values), strict=True))))
    _delete(model, key, kept)
    _add(model, (*key, *names), added)
    _save(changed, key, names)


def _kept(model: Any, key: Sequence[str], names: Sequence[str], customers: Sequence[int]) -> dict[Name, Values]:
    rows = model.objects.filter(customer__any_of=list(customers)).order_by().values_list(*key, *names)
    return {row[: len(key)]: row[len(key) :] for row in rows}


def _delete(model: Any, key: Sequence[str], gone: dict[Name, Values]) -> None:
    """Delete the rows with these names, in one statement."""
    if not gone:
        return
    rows = model.objects.filter(customer__in={name[0] for name in gone}).values_list("pk", *key)
    model.objects.filter(pk__in=[pk for pk, *name in rows if tuple(name) in gone]).delete()


def _add(model: Any, names: Sequence[str], rows: list[Values]) -> None:
    """Insert new rows: nobody else writes those of customers of which the looks are locked."""
    if rows:
        copy_rows(model, names, rows)


def _save(rows: list[Any], key: Sequence[str], names: Sequence[str]) -> None:
    """Change the rows with the same names."""
    if rows:
        type(rows[0]).objects.bulk_create(
            rows, batch_size=ROWS, update_conflicts=True, unique_fields=key, update_fields=names
        )  # fmt: skip
