"""How often an action is due: blocks of the calendar, days from the last done, once, on an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from careplans.adherence.days import Span, plus_days, plus_months

#: Blocks of weeks and months are counted from this Monday.
ORIGIN = dt.date(2001, 1, 1)
ORIGIN_DAY = ORIGIN.toordinal()
WEEK = 7
#: Mean lengths in days, by which frequencies are compared.
MONTH = 30.4375
YEAR = 365.25
#: No month is shorter.
SHORTEST_MONTH = 28


class Kind(StrEnum):
    """Kinds of frequencies, which differ in how their occurrences come about."""

    CALENDAR = "calendar"
    INTERVAL = "interval"
    ONCE = "once"
    EVENT = "event"


class Unit(StrEnum):
    """Units of an interval."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@lru_cache(maxsize=4096)
def month_block(size: int, number: int) -> Span:
    """Return the first and the last day of a block of ``size`` months; number 0 begins in January 2001."""
    first = plus_months(ORIGIN, size * number)
    return first, plus_days(plus_months(first, size), -1)


def months_since_origin(day: dt.date) -> int:
    """Return how many months the day's month is after January 2001."""
    return (day.year - ORIGIN.year) * 12 + day.month - 1


@dataclass(frozen=True, slots=True)
class Weeks:
    """Each block of ``size`` ISO weeks; week 53 is a week like the others."""

    size: int = 1
    kind: ClassVar[Kind] = Kind.CALENDAR

    @property
    def cadence(self) -> float:
        """Return the mean days from one due day to the next."""
        return WEEK * self.size

    def blocks(self, start: dt.date) -> Iterator[Span]:
        """Yield the blocks that end on ``start`` or later, in order and without end."""
        length = WEEK * self.size
        first = ORIGIN_DAY + (start.toordinal() - ORIGIN_DAY) // length * length
        while True:
            yield dt.date.fromordinal(first), dt.date.fromordinal(first + length - 1)
            first += length


@dataclass(frozen=True, slots=True)
class Months:
    """Each block of ``size`` months: 1 a month, 3 a quarter, 6 half a year, 12 a year."""

    size: int
    kind: ClassVar[Kind] = Kind.CALENDAR

    @property
    def cadence(self) -> float:
        """Return the mean days from one due day to the next."""
        return MONTH * self.size

    def blocks(self, start: dt.date) -> Iterator[Span]:
        """Yield the blocks that end on ``start`` or later, in order and without end."""
        number = months_since_origin(start) // self.size
        while True:
            yield month_block(self.size, number)
            number += 1


@dataclass(frozen=True, slots=True)
class NamedMonths:
    """Some months of each year (1–12), each of them a block."""

    months: tuple[int, ...]
    kind: ClassVar[Kind] = Kind.CALENDAR

    @property
    def cadence(self) -> float:
        """Return the mean days from one due day to the next."""
        return YEAR / len(set(self.months))

    def blocks(self, start: dt.date) -> Iterator[Span]:
        """Yield the blocks that end on ``start`` or later, in order and without end."""
        number = months_since_origin(start)
        while True:
            if number % 12 + 1 in self.months:
                yield month_block(1, number)
            number += 1


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms with their dates, in order; ``per_year`` of them are in a year."""

    terms: tuple[Span, ...]
    per_year: int = 2
    kind: ClassVar[Kind] = Kind.CALENDAR

    @property
    def cadence(self) -> float:
        """Return the mean days from one due day to the next."""
        return YEAR / self.per_year

    def blocks(self, start: dt.date) -> Iterator[Span]:
        """Yield the terms that end on ``start`` or later, as far as there are dates."""
        return (term for term in sorted(self.terms) if term[1] >= start)


@dataclass(frozen=True, slots=True)
class Every:
    """A number of days, weeks or months from the last time it was done."""

    count: int
    unit: Unit = Unit.DAY
    kind: ClassVar[Kind] = Kind.INTERVAL

    @property
    def cadence(self) -> float:
        """Return the mean days from one due day to the next."""
        return self.count * {Unit.DAY: 1, Unit.WEEK: WEEK, Unit.MONTH: MONTH}[self.unit]

    @property
    def shortest(self) -> int:
        """Return the fewest days that can be between two due days."""
        return self.count * {Unit.DAY: 1, Unit.WEEK: WEEK, Unit.MONTH: SHORTEST_MONTH}[self.unit]

    def after(self, day: dt.date) -> dt.date:
        """Return the day on which the action is due that was last done on ``day``."""
        if self.unit is Unit.MONTH:
            return plus_months(day, self.count)
        return plus_days(day, self.count if self.unit is Unit.DAY else self.count * WEEK)


@dataclass(frozen=True, slots=True)
class Once:
    """One time, ``days`` after the first day under the action."""

    days: int
    kind: ClassVar[Kind] = Kind.ONCE
    cadence: ClassVar[float] = float("inf")


@dataclass(frozen=True, slots=True)
class OnEvent:
    """``days`` after each event of one of these kinds."""

    events: frozenset[str]
    days: int = 0
    kind: ClassVar[Kind] = Kind.EVENT
    cadence: ClassVar[float] = float("inf")


Calendar = Weeks | Months | NamedMonths | Terms
Frequency = Calendar | Every | Once | OnEvent
