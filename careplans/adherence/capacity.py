"""Capacity: the hours that a person's occurrences take in an ISO week, against the hours that there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from careplans.adherence.days import plus_days
from careplans.adherence.figures import counts
from careplans.adherence.occurrences import Key, Occurrence
from careplans.adherence.periods import WEEK

IsWorkingDay = Callable[[dt.date], bool]


@dataclass(frozen=True, slots=True)
class Load:
    """Hours of work and hours to do it in, of one person and week."""

    hours: Fraction
    available: Fraction

    @property
    def percent(self) -> int | None:
        """Return the share in whole per cent, rounded up; None (“–”) if there are no hours for it."""
        return None if self.available <= 0 else -(-self.hours * 100 // self.available)

    @property
    def is_overload(self) -> bool:
        """Return whether there is more work than hours."""
        return self.hours > max(self.available, Fraction(0))


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the day's ISO week."""
    return plus_days(day, -day.weekday())


def entry_day(occurrence: Occurrence, entries: Mapping[Key, dt.date]) -> dt.date | None:
    """Return the day of what completed it, else of its entry in the calendar."""
    return occurrence.completed_by.day if occurrence.completed_by else entries.get(occurrence.key)


@lru_cache(maxsize=10_000)  # many customers have the same windows
def working_days(first: dt.date, last: dt.date, is_working_day: IsWorkingDay) -> tuple[tuple[dt.date, int], ...]:
    """Return how many working days of a window are in each ISO week, by its Monday, where there are any."""
    window = (plus_days(first, number) for number in range((last - first).days + 1))
    return tuple(Counter(monday_of(day) for day in window if is_working_day(day)).items())


def hours_by_week(
    occurrences: Iterable[Occurrence], entries: Mapping[Key, dt.date], is_working_day: IsWorkingDay
) -> dict[dt.date, Fraction]:
    """Return the hours of a person's occurrences by the Monday of each ISO week; the weeks add up to all of them.

    They fall in the week of the entry, else evenly on the working days of the window; one without a working day has
    its hours on the due day.
    """
    weeks: dict[dt.date, Fraction] = defaultdict(Fraction)
    for occurrence in occurrences:
        if not occurrence.action.hours or not counts(occurrence):
            continue
        day, shares = entry_day(occurrence, entries), working_days(occurrence.first, occurrence.last, is_working_day)
        if day is not None or not shares:
            shares = ((monday_of(day or occurrence.due), 1),)
        hours = Fraction(occurrence.action.hours) / sum(days for _monday, days in shares)
        for monday, days in shares:
            weeks[monday] += hours * days
    return dict(weeks)


def available_hours(
    monday: dt.date, *, daily_hours: Decimal, absent: Mapping[dt.date, Decimal], is_working_day: IsWorkingDay
) -> Fraction:
    """Return working days × daily hours − absences of a week; ``absent``: hours of each day, at most the daily ones."""
    days = [day for day in (plus_days(monday, number) for number in range(WEEK)) if is_working_day(day)]
    return sum((Fraction(daily_hours - min(absent.get(day, Decimal(0)), daily_hours)) for day in days), Fraction(0))


def loads(hours: Mapping[dt.date, Fraction], available: Callable[[dt.date], Fraction]) -> dict[dt.date, Load]:
    """Return the load of each week by its Monday, in order."""
    return {monday: Load(hours[monday], available(monday)) for monday in sorted(hours)}
