"""Capacity: the hours that a person's occurrences take in an ISO week, against the hours that there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class Work:
    """An occurrence that takes hours: its window, and the day of what completed it or of its entry in the calendar."""

    hours: Decimal
    first: dt.date
    due: dt.date
    last: dt.date
    day: dt.date | None = None


def works_of(occurrences: Iterable[Occurrence], entries: Mapping[Key, dt.date]) -> Iterator[Work]:
    """Yield the work of the evaluated occurrences that are in figures; ``entries``: their days in the calendar."""
    for one in occurrences:
        if one.action.hours and counts(one):
            day = one.completed_by.day if one.completed_by else entries.get(one.key)
            yield Work(one.action.hours, one.first, one.due, one.last, day)


@lru_cache(maxsize=10_000)  # many customers have the same windows
def working_days(first: dt.date, last: dt.date, is_working_day: IsWorkingDay) -> tuple[tuple[dt.date, int], ...]:
    """Return how many working days of a window are in each ISO week, by its Monday, where there are any."""
    window = (plus_days(first, number) for number in range((last - first).days + 1))
    return tuple(Counter(monday_of(day) for day in window if is_working_day(day)).items())


def parts_by_week(
    first: dt.date, due: dt.date, last: dt.date, is_working_day: IsWorkingDay
) -> Iterator[tuple[dt.date, Fraction]]:
    """Yield which part of a window's work falls in each ISO week, by its Monday: evenly on the working days.

    A window without a working day has all of it on the due day.
    """
    found = working_days(first, last, is_working_day) or ((monday_of(due), 1),)
    days = sum(number for _monday, number in found)
    for monday, number in found:
        yield monday, Fraction(number, days)


def hours_of(work: Work, is_working_day: IsWorkingDay) -> dict[dt.date, Fraction]:
    """Return the hours of one by the Monday of each ISO week: in the week of its day, else by its window."""
    hours = Fraction(work.hours)
    if work.day is not None:
        return {monday_of(work.day): hours}
    parts = parts_by_week(work.first, work.due, work.last, is_working_day)
    return {monday: hours * part for monday, part in parts}


def hours_by_week(works: Iterable[Work], is_working_day: IsWorkingDay) -> dict[dt.date, Fraction]:
    """Return the hours of a person's work by the Monday of each ISO week; the weeks add up to all of them."""
    weeks: dict[dt.date, Fraction] = defaultdict(Fraction)
    for work in works:
        for monday, hours in hours_of(work, is_working_day).items():
            weeks[monday] += hours
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
