"""What customers with the same days under an action have in common: its runs of days and its windows by the calendar.

Many customers come under a model on the same day. Their versions are then the same objects, and the runs, spans and
windows that follow from them are computed once for all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from careplans.adherence.actions import Action, Version
from careplans.adherence.chain import Run, runs_of, spans_of
from careplans.adherence.days import Span
from careplans.adherence.fixed import fixed_occurrences
from careplans.adherence.occurrences import Occurrence
from careplans.adherence.periods import Kind


class Window(NamedTuple):
    """An occurrence that is the same for all customers with these versions."""

    action: Action
    start: dt.date
    first: dt.date
    due: dt.date
    last: dt.date

    def occurrence(self, code: str) -> Occurrence:
        return Occurrence(code, self.action, self.start, self.first, self.due, self.last)


@dataclass(slots=True)
class Timetable:
    """The runs and spans of a history, those of its runs that are intervals, and the windows that open by a day."""

    history: Sequence[Version]
    runs: list[Run]
    spans: list[Span]
    intervals: list[Run]
    #: None where events make some of them.
    windows: list[Window] | None


@dataclass(slots=True)
class Timetables:
    """The timetables of histories, which are known as objects: each is kept as long as this is."""

    until: dt.date
    _known: dict[int, Timetable] = field(default_factory=dict)

    def of(self, history: Sequence[Version]) -> Timetable:
        known = self._known.get(id(history))
        if known is None:
            known = self._known[id(history)] = timetable_of(history, self.until)
        return known


def timetable_of(history: Sequence[Version], until: dt.date) -> Timetable:
    """Return what follows from a history alone, with windows that open by ``until``."""
    runs = runs_of(history)
    spans = spans_of(runs)
    intervals = [run for run in runs if run.kind is Kind.INTERVAL]
    windows = None
    if not any(run.kind is Kind.EVENT for run in runs):
        fixed = fixed_occurrences("", runs, spans, events=(), decisions={}, until=until)
        windows = [Window(one.action, one.start, one.first, one.due, one.last) for one in fixed]
    return Timetable(history, runs, spans, intervals, windows)
