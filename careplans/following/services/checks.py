"""Whether the sums by day are those of the occurrences, and making them so."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q

from careplans.following.models import FIGURES, GROUPED, CareOccurrence, CareSum

#: The lock of the triggers that write sums (``migrations/0002_sums``).
LOCK = 4_714_003
_COUNTED: dict[str, Any] = {
    **{state: Q(state=state) for state in ("done", "late", "missed", "coming", "skipped")},
    "already_done": Q(state="coming", done_on__isnull=False),
    "scheduled": Q(state="coming", is_scheduled=True),
}
Sums = dict[tuple[Any, ...], tuple[int, ...]]


def sums_counted() -> Sums:
    """Return the sums as the occurrences have them."""
    numbers = {f"n_{name}": Count("pk", filter=_COUNTED[name]) for name in FIGURES}
    rows = CareOccurrence.objects.order_by().values_list("last", *GROUPED).annotate(**numbers)
    return {row[: len(GROUPED) + 1]: row[len(GROUPED) + 1 :] for row in rows}


def sums_kept() -> Sums:
    rows = CareSum.objects.order_by().values_list("day", *GROUPED, *FIGURES)
    return {row[: len(GROUPED) + 1]: row[len(GROUPED) + 1 :] for row in rows}


def sums_wrong() -> Counter[str]:
    """Return by figure how much the sums differ from the occurrences, without signs; nothing if they are equal."""
    counted, kept = sums_counted(), sums_kept()
    none = (0,) * len(FIGURES)
    found: Counter[str] = Counter()
    for key in counted.keys() | kept.keys():
        for name, one, other in zip(FIGURES, counted.get(key, none), kept.get(key, none), strict=True):
            found[name] += abs(one - other)
    return +found


@transaction.atomic
def sums_mend() -> Counter[str]:
    """Count all sums again while nobody writes any; return what was wrong."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    wrong = sums_wrong()
    if wrong:
        CareSum.objects.all().delete()
        names = ("day", *GROUPED, *FIGURES)
        rows = (CareSum(**dict(zip(names, (*key, *numbers), strict=True))) for key, numbers in sums_counted().items())
        CareSum.objects.bulk_create(rows, batch_size=2_000)
    return wrong
