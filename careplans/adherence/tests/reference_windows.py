"""What the day-by-day reference is made of: occurrences, the block of a day, the end of an interval."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from careplans.adherence.actions import Action
from careplans.adherence.occurrences import Fulfilment
from careplans.adherence.periods import Every, Kind, Months, NamedMonths, Terms, Unit, Weeks

DAY = dt.timedelta(days=1)


def walk(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += DAY


@dataclass
class Window:
    """An occurrence. ``done``: what completed it."""

    kind: Kind
    start: dt.date
    event: str
    action: Action
    first: dt.date
    due: dt.date
    last: dt.date
    done: Fulfilment | None = None
    is_inside: bool = False
    is_skipped: bool = False
    set_by_person: dt.date | None = None
    reserved: Fulfilment | None = None
    #: Decisions that have been applied.
    taken: list[Any] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(list(walk(self.first, self.last)))

    @property
    def order(self) -> Any:
        return self.last, self.first, self.start, self.event


def block(frequency: Any, day: dt.date) -> Any:
    """A name of the block that has a day, None if none has."""
    since = (day - dt.date(2001, 1, 1)).days
    month = 12 * (day.year - 2001) + day.month - 1
    if isinstance(frequency, Weeks):
        return since // (7 * frequency.size)
    if isinstance(frequency, Months):
        return month // frequency.size
    if isinstance(frequency, NamedMonths):
        return month if day.month in frequency.months else None
    assert isinstance(frequency, Terms)
    return next((term for term in frequency.terms if term[0] <= day <= term[1]), None)


def later(day: dt.date, every: Every) -> dt.date:
    """The day of the interval that begins on ``day``."""
    if every.unit is Unit.DAY:
        return day + every.count * DAY
    if every.unit is Unit.WEEK:
        return day + 7 * every.count * DAY
    year, month, number = day.year, day.month, day.day
    for _month in range(every.count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return dt.date(year, month, min(number, monthrange(year, month)[1]))
