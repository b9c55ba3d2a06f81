"""Days: what applies on a day, spans of days, arithmetic of days and months."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

T = TypeVar("T")

#: The last day of what has no end.
NEVER = dt.date.max
ONE_DAY = dt.timedelta(days=1)

#: Days from the first to the last one, both included.
Span = tuple[dt.date, dt.date]
#: Values with the day from which each applies, in order; before the first one there is none.
Steps = Sequence[tuple[dt.date, T]]


def local_day(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """Return the day of an aware time in the organisation's time zone."""
    return moment.astimezone(zone).date()


def plus_days(day: dt.date, days: int) -> dt.date:
    """Return the day that is ``days`` later, or earlier where they are negative."""
    return dt.date.fromordinal(day.toordinal() + days)


def plus_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or the month's last day where it is shorter."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return dt.date(year, month, day.day if day.day <= 28 else min(day.day, monthrange(year, month)[1]))


def day_after(day: dt.date) -> dt.date:
    """Return the next day, of :data:`NEVER` itself."""
    return day if day == NEVER else day + ONE_DAY


def at_end_of_day(changes: Iterable[tuple[dt.datetime, T]], zone: dt.tzinfo) -> list[tuple[dt.date, T]]:
    """Return the value of each day at its end, where it differs from that of the day before.

    What was undone on the same day never happened. Changes at the same moment count in the order given.
    """
    last = {local_day(moment, zone): value for moment, value in sorted(changes, key=itemgetter(0))}
    steps: list[tuple[dt.date, T]] = []
    for day, value in last.items():
        if not steps or steps[-1][1] != value:
            steps.append((day, value))
    return steps


def value_on(steps: Steps[T], day: dt.date) -> T | None:
    """Return the value that applies on ``day``, None before the first one."""
    index = bisect_right(steps, day, key=itemgetter(0))
    return steps[index - 1][1] if index else None


def changes_of(steps: Steps[T]) -> list[tuple[dt.date, T | None, T]]:
    """Return the day of each change with the value before, None before the first one, and the new value."""
    before = [None, *(value for _day, value in steps)]
    return [(day, old, value) for old, (day, value) in zip(before, steps, strict=False)]


def is_within(spans: Sequence[Span], day: dt.date) -> bool:
    """Return whether one of the spans has the day."""
    for first, last in spans:  # noqa: SIM110 - asked for each occurrence: a generator takes twice the time
        if first <= day <= last:
            return True
    return False


def is_unbroken(spans: Sequence[Span], first: dt.date, last: dt.date) -> bool:
    """Return whether one of the spans has all days from ``first`` to ``last``."""
    return any(start <= first and last <= end for start, end in spans)


def days_within(spans: Sequence[Span], first: dt.date, last: dt.date) -> int:
    """Return how many of the days from ``first`` to ``last`` are in the spans, which do not overlap."""
    lengths = ((min(end, last) - max(start, first)).days + 1 for start, end in spans)
    return sum(length for length in lengths if length > 0)
