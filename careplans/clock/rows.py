"""What an annual clock has: actions with what, who, recipient, when, where, and what there is in each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from careplans.adherence.days import Span
from careplans.adherence.periods import Every, Frequency, Kind, Weeks

YEAR_DAYS = 365.25


class Shape(StrEnum):
    """How an action is drawn."""

    #: In the months in which it is due.
    MONTHS = "months"
    #: As a ring: each week, or a time after the last one.
    RHYTHM = "rhythm"
    #: Only in the table: once, or after an event.
    NONE = "none"


@dataclass
class Count:
    """Occurrences of a month by state."""

    done: int = 0
    late: int = 0
    missed: int = 0
    coming: int = 0

    @property
    def total(self) -> int:
        return self.done + self.late + self.missed + self.coming

    @property
    def state(self) -> str:
        """The state that the mark of several shows: what needs attention first; empty where there is nothing."""
        order = ("missed", "late", "coming", "done")
        return next((name for name in order if getattr(self, name)), "")

    def add(self, state: str, number: int = 1) -> None:
        setattr(self, state, getattr(self, state) + number)

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, name) + getattr(other, name) for name in ("done", "late", "missed", "coming")))


@dataclass
class Mark:
    """An action in a month: whether it is planned then, and what there is of it."""

    month: int
    is_planned: bool
    count: Count = field(default_factory=Count)
    url: str = ""


@dataclass
class ClockRow:
    """An action of the clock."""

    code: str
    what: str
    who: str
    to_whom: str
    when: str
    where: str
    shape: Shape = Shape.NONE
    scope: str = "customer"
    is_mandatory: bool = True
    number: int = 0
    #: The months in which it is due, of the frequency that applies.
    months: tuple[int, ...] = ()
    #: Occurrences in a year, of a rhythm.
    per_year: int = 0
    marks: dict[int, Mark] = field(default_factory=dict)
    url: str = ""
    #: Where it is moved to another month, empty: it cannot be moved, for the reason in ``fixed``.
    move_url: str = ""
    fixed: str = ""
    #: A move makes an exception of a customer's plan, for which a reason is asked.
    needs_reason: bool = False
    origin: str = ""
    source: Any = None

    @property
    def count(self) -> Count:
        return sum((mark.count for mark in self.marks.values()), Count())

    @property
    def is_movable(self) -> bool:
        return bool(self.move_url)


@dataclass
class Clock:
    """The clock of a year."""

    year: int
    title: str
    rows: Sequence[ClockRow]
    #: Terms that have days in the year, by their names.
    terms: Sequence[tuple[str, Span]] = ()
    today: dt.date | None = None
    #: Whether occurrences are followed: those of a draft are not.
    is_followed: bool = True

    @property
    def on_wheel(self) -> list[ClockRow]:
        return [row for row in self.rows if row.shape is Shape.MONTHS]

    @property
    def rhythms(self) -> list[ClockRow]:
        return [row for row in self.rows if row.shape is Shape.RHYTHM]

    def in_month(self, month: int) -> list[tuple[ClockRow, Mark]]:
        """Return the actions of a month with their marks, in the order of the table."""
        return [(row, row.marks[month]) for row in self.on_wheel if month in row.marks]

    @property
    def months(self) -> Mapping[int, Count]:
        """What there is in each month, of all actions."""
        return {
            month: sum((row.marks[month].count for row in self.rows if month in row.marks), Count())
            for month in range(1, 13)
        }


def shape_of(frequency: Frequency) -> Shape:
    """Return how an action of a frequency is drawn."""
    if isinstance(frequency, Weeks | Every):
        return Shape.RHYTHM
    return Shape.MONTHS if frequency.kind is Kind.CALENDAR else Shape.NONE


def months_of(frequency: Frequency, year: int) -> tuple[int, ...]:
    """Return the months of a year in which an action is due: those in which its blocks end."""
    if shape_of(frequency) is not Shape.MONTHS:
        return ()
    return tuple(dict.fromkeys(day.month for day in _due_days(frequency, year)))


def _due_days(frequency: Any, year: int) -> Iterator[dt.date]:
    for _first, last in frequency.blocks(dt.date(year, 1, 1)):
        if last.year > year:
            return
        yield last


def per_year(frequency: Frequency) -> int:
    """Return how many times a year a rhythm is due, at least once."""
    return max(1, round(YEAR_DAYS / frequency.cadence))


def numbered(rows: Sequence[ClockRow]) -> list[ClockRow]:
    """Return the rows in the order of the year, each with its number: months first, then rhythms, then the others."""
    shapes = list(Shape)
    found = sorted(rows, key=lambda row: (shapes.index(row.shape), min(row.marks, default=13), row.code, row.when))
    for number, row in enumerate(found, 1):
        row.number = number
    return found


def marks_of(row: ClockRow, counts: Mapping[int, Count]) -> None:
    """Give an action its marks: where it is planned, and where there is something of it."""
    for month in range(1, 13):
        is_planned, count = month in row.months, counts.get(month, Count())
        if is_planned or count.total:
            row.marks[month] = Mark(month, is_planned, count)
