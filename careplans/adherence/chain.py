"""Occurrences of an action that is counted from the last time it was done, each after the one before it.

A :class:`Chain` is brought forward from one day to the next one on which something was done, so that a year without
anything costs a few steps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from careplans.adherence.actions import Action, Version
from careplans.adherence.days import NEVER, Span, days_within, is_within, plus_days
from careplans.adherence.occurrences import Decision, Fulfilment, Key, Occurrence, Skip, decide, postpone
from careplans.adherence.periods import Every, Kind


@dataclass(slots=True)
class Run:
    """Days without a break of which the versions have the same kind, from the first to the last one."""

    first: dt.date
    last: dt.date
    versions: list[tuple[dt.date, Action]]

    @property
    def kind(self) -> Kind:
        """Return the kind of all its versions."""
        return self.versions[0][1].frequency.kind

    def last_of(self, number: int) -> dt.date:
        """Return the last day of one of its versions."""
        return plus_days(self.versions[number + 1][0], -1) if number + 1 < len(self.versions) else self.last


def runs_of(history: Sequence[Version]) -> list[Run]:
    """Return the days under an action, broken where the customer is not under it and where the kind changes."""
    runs: list[Run] = []
    for index, version in enumerate(history):
        if version.action is None:
            continue
        last = plus_days(history[index + 1].first, -1) if index + 1 < len(history) else NEVER
        run = runs[-1] if runs else None
        if run and run.kind is version.action.frequency.kind and run.last == plus_days(version.first, -1):
            run.versions.append((version.first, version.action))
            run.last = last
        else:
            runs.append(Run(version.first, last, [(version.first, version.action)]))
    return runs


def spans_of(runs: Sequence[Run]) -> list[Span]:
    """Return the days under the action without regard to kinds."""
    spans: list[Span] = []
    for run in runs:
        if spans and spans[-1][1] == plus_days(run.first, -1):
            spans[-1] = (spans[-1][0], run.last)
        else:
            spans.append((run.first, run.last))
    return spans


def exists(occurrence: Occurrence, spans: Sequence[Span]) -> bool:
    """Return whether the customer is under the action on the due day and on at least half of the window's days."""
    first, due, last = occurrence.first, occurrence.due, occurrence.last
    for start, end in spans:
        if start <= first and last <= end and start <= due <= end:
            return True
    return is_within(spans, due) and 2 * days_within(spans, first, last) >= (last - first).days + 1


@dataclass(slots=True)
class Over:
    """The occurrences with the newest window that is over: the only ones that may still be completed late."""

    end: dt.date = dt.date.min
    occurrences: list[Occurrence] = field(default_factory=list)

    def add(self, occurrence: Occurrence) -> None:
        """Take note of a window that is over."""
        if occurrence.last > self.end:
            self.end, self.occurrences = occurrence.last, [occurrence]
        elif occurrence.last == self.end:
            self.occurrences.append(occurrence)


@dataclass(slots=True)
class Chain:
    """The occurrences of one code from the last done, as they are on the morning of a day.

    ``reserved``: the fulfilment that a correction gives to an occurrence. ``left`` collects open occurrences that
    outlive their run of days: their due day was in it.
    """

    code: str
    runs: list[Run]
    spans: Sequence[Span]
    over: Over
    decisions: Mapping[Key, Sequence[Decision]]
    reserved: Mapping[Key, Fulfilment]
    current: Occurrence | None = None
    closed: list[Occurrence] = field(default_factory=list)
    left: list[Occurrence] = field(default_factory=list)
    #: The day of the last matching activity.
    latest: dt.date = dt.date.min
    _action: Action = field(init=False)
    _every: Every = field(init=False)
    #: The day from which the present cadence and window apply.
    _changed: dt.date = field(init=False)
    _boundary: dt.date = NEVER
    _next_run: int = 0
    _next_version: int = 0
    #: Decisions about the open occurrence, in the order in which they take effect.
    _waiting: list[Decision] = field(default_factory=list)

    def advance(self, day: dt.date) -> None:
        """Bring the chain to the morning of ``day``: what was decided before it, windows that are over, changes."""
        while self._has_step(day):
            self._step(day)

    def finish(self, day: dt.date) -> None:
        """Bring the chain to the evening of ``day`` and keep the open occurrence if it will exist."""
        self.advance(day)
        evening = plus_days(day, 1)
        while self.current is not None and self._waiting and self._decide(self.current, evening, is_last=True):
            pass
        current = self.current
        if current is not None and current.due <= self._run.last and exists(current, self.spans):
            self.closed.append(current)

    def complete(self, current: Occurrence, fulfilment: Fulfilment) -> None:
        """Complete the open occurrence; the count begins from that day."""
        current.complete(fulfilment)
        self.closed.append(current)
        self.over.add(current)
        self._open(fulfilment.day, fulfilment.day)

    def completed_late(self, day: dt.date) -> None:
        """Count from the day on which a missed occurrence was completed, unless the next window is open already."""
        if self.current is not None and day < self.current.first:
            self._open(max(self.current.start, day), max(self.latest, day))

    def is_early(self, day: dt.date) -> bool:
        """Return whether the day is before the open occurrence's window."""
        return self.current is not None and day < self.current.first

    def done_early(self, day: dt.date) -> None:
        """Count the due day from something done before the window; it completes nothing."""
        if self.current is not None and self.latest < day < self.current.first:
            self.latest = day
            self._set_due(self.current, self._every.after(day))

    @property
    def _run(self) -> Run:
        return self.runs[self._next_run - 1]

    def _begin(self) -> None:
        """Begin the next run of days: its first day counts as if done."""
        run = self.runs[self._next_run]
        self._next_run += 1
        self._next_version = 1
        self._changed = run.first
        self._use(run.versions[0][1])
        self._set_boundary()
        self._open(run.first, run.first)

    def _use(self, action: Action) -> None:
        """Count by an action from now on."""
        self._action, self._every = action, cast(Every, action.frequency)

    def _set_boundary(self) -> None:
        """Note the morning on which the version changes or the run is over."""
        run = self._run
        if self._next_version < len(run.versions):
            self._boundary = run.versions[self._next_version][0]
        else:
            self._boundary = NEVER if run.last == NEVER else plus_days(run.last, 1)

    def _open(self, counted: dt.date, latest: dt.date) -> None:
        """Open the occurrence that is counted from ``counted`` and due after ``latest``."""
        self.latest = latest
        every, action = self._every, self._action
        planned = every.after(counted)
        due = planned if latest == counted else every.after(latest)
        if due < self._changed:
            due = every.after(self._changed)
        first, last = plus_days(planned, -action.days_before), plus_days(due, action.days_after)
        self.current = current = Occurrence(self.code, action, counted, first, due, last)
        if self.decisions or self.reserved:
            key = current.key
            self._waiting = list(self.decisions.get(key, ()))
            fulfilment = self.reserved.get(key)
            current.is_reserved = fulfilment is not None and fulfilment.day > counted

    def _set_due(self, current: Occurrence, due: dt.date) -> None:
        """Set a computed due day, which never comes before one that a person has set."""
        current.due = max(due, current.postponed_to or due)
        current.last = plus_days(current.due, current.action.days_after)

    def _pass(self, current: Occurrence) -> None:
        """Leave an occurrence uncompleted; the count continues from its due day."""
        self.closed.append(current)
        self.over.add(current)
        self._open(current.due, current.due)

    def _change(self) -> None:
        """Begin the next version, or end the run."""
        run = self._run
        if self._next_version < len(run.versions):
            version = run.versions[self._next_version]
            self._next_version += 1
            self._set_boundary()
            self._take(*version)
            return
        current, self.current = self.current, None
        waiting, self._waiting = self._waiting, []
        if current is not None and current.due <= run.last:
            decide(current, waiting)
            if exists(current, self.spans):
                self.left.append(current)

    def _take(self, day: dt.date, action: Action) -> None:
        """Compute the open occurrence again by a version from ``day`` on, unless its due day is past."""
        is_changed = not action.has_cadence_of(self._action)
        self._use(action)
        if is_changed:
            self._changed = day
        current = self.current
        if current is None or current.due < day:
            return
        current.action = action
        if not is_changed:
            return
        due = self._every.after(self.latest)
        if due < day:
            due = min(current.due, self._every.after(day))
        current.first = plus_days(self._every.after(current.start), -action.days_before)
        self._set_due(current, due)

    def _has_step(self, day: dt.date) -> bool:
        """Return whether something happens by the morning of ``day``."""
        if self.current is None:
            return self._next_run < len(self.runs) and self.runs[self._next_run].first <= day
        return self.current.last < day or self._boundary <= day or bool(self._waiting and self._morning() <= day)

    def _step(self, day: dt.date) -> None:
        """Do what happens next; on one morning decisions come first, then a window that is over, then a change."""
        current = self.current
        if current is None:
            self._begin()
            return
        if self._waiting and self._decide(current, min(plus_days(current.last, 1), self._boundary, day)):
            return
        if current.last < self._boundary:
            self._pass(current)
        else:
            self._change()

    def _morning(self) -> dt.date:
        """Return the morning on which the next decision takes effect.

        That is the one after it was entered. A manager's skip, which may be entered later, takes effect when the window
        opens at the latest.
        """
        decision = self._waiting[0]
        morning = plus_days(decision.entered, 1)
        if isinstance(decision, Skip) and decision.by_manager and self.current is not None:
            return min(morning, self.current.first)
        return morning

    def _decide(self, current: Occurrence, morning: dt.date, *, is_last: bool = False) -> bool:
        """Apply the next decision if it takes effect by ``morning``; return whether there was one.

        ``is_last``: nothing comes after, so that a manager's skip takes effect at any rate.
        """
        decision = self._waiting[0]
        is_managers = isinstance(decision, Skip) and decision.by_manager
        if self._morning() > morning and not (is_last and is_managers):
            return False
        self._waiting.pop(0)
        if isinstance(decision, Skip):
            current.skipped_on = dt.date.min if is_managers else decision.entered
            self.closed.append(current)
            self._open(current.due, current.due)
        else:
            postpone(current, decision)
        return True
