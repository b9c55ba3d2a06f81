"""What the occurrences of a series have in common, and what one of them has of its own."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from activities.enums import ActivityStatus
from activities.models import Activity, ActivitySeries, Encounter
from crm.models import Document
from crm.registry import declared
from crm.richtext import clean

#: Plain fields that all occurrences share.
SHARED = ("title", "goal", "place", "channel")
NEWEST = 12


def typical(series: ActivitySeries) -> Activity | None:
    """Return the newest occurrence that is like most of the newest ones: what was changed alone is no model."""
    rows = series.activities.select_related("type", "customer").order_by("-series_start", "-pk")[:NEWEST]
    found = list(rows)
    if not found:
        return None
    most = Counter(_content(row) for row in reversed(found)).most_common()
    best = {content for content, number in most if number == most[0][1]}
    return next(row for row in found if _content(row) in best)


def _content(row: Activity) -> tuple[Any, ...]:
    return (*(getattr(row, name) for name in SHARED), row.customer_id, length(row), row.start == row.series_start)


def length(row: Activity) -> dt.timedelta | None:
    return row.end - row.start if row.end else None


def usual(values: Iterable[Any]) -> Any:
    """Return the value that is there most often, None of nothing."""
    return next((value for value, _number in Counter(values).most_common(1)), None)


def begun(rows: Iterable[Activity]) -> set[int]:
    """Return the ids of those on which something has been done: they are never removed. A query for each kind of trace.

    A subject that adds something to activities declares ``SERIES_TRACES`` among its registrations: functions that
    return which of some ids have it.
    """
    by_pk = {row.pk: row for row in rows}
    related = (
        Document.objects.filter(content_type__app_label="activities", content_type__model="activity")
        .filter(object_id__in=by_pk)
        .values_list("object_id", flat=True),
        Activity.objects.filter(follows__in=by_pk).values_list("follows", flat=True),
        Encounter.objects.filter(pk__in=by_pk).values_list("pk", flat=True),
        *(trace(by_pk.keys()) for trace in declared("SERIES_TRACES")),
    )
    found = {int(pk) for query in related for pk in query if pk is not None}
    return found | {pk for pk, row in by_pk.items() if _has_report(row)}


def _has_report(row: Activity) -> bool:
    templates = {"", clean(row.type.memo_template_fi), clean(row.type.memo_template_en)}
    return row.status != ActivityStatus.OPEN or row.hours is not None or row.memo not in templates
