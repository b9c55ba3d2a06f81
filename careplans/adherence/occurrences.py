"""Occurrences of an action, and what people decide about them: to postpone, to skip, to correct what counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from careplans.adherence.actions import Action
from careplans.adherence.days import plus_days
from careplans.adherence.periods import Kind


class State(StrEnum):
    """What an occurrence is on the day of evaluation."""

    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    COMING = "coming"
    SKIPPED = "skipped"
    #: Outside all figures: no installed app can say whether it was done.
    UNTRACKED = "untracked"


class Key(NamedTuple):
    """Which occurrence of a customer it is, whatever changes its due day and window later.

    ``start`` is the last day of the block of a calendar, the day from which an interval is counted, the first day
    under a single action, or the day of the event.
    """

    code: str
    kind: Kind
    start: dt.date
    event: str = ""


@dataclass(slots=True)
class Fulfilment:
    """Something done for a customer on a day: an activity, or what another app has.

    ``fits`` are the codes of the actions, in their versions of that day, that have a filter which it meets.
    """

    id: int
    day: dt.date
    fits: frozenset[str] = frozenset()
    source: str = "activity"

    @property
    def name(self) -> tuple[str, int]:
        """Return what names it among all that was done."""
        return self.source, self.id

    @property
    def order(self) -> tuple[dt.date, str, int]:
        """Return what orders fulfilments."""
        return self.day, self.source, self.id


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a customer; twice on a day is once."""

    kind: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class Postponement:
    """A person sets a later due day; ``is_accepted``: the reason is one of the accepted ones."""

    key: Key
    to: dt.date
    entered: dt.date
    is_accepted: bool = True


@dataclass(frozen=True, slots=True)
class Skip:
    """A person leaves an occurrence out; a manager may do so after its window or its completion too."""

    key: Key
    entered: dt.date
    by_manager: bool = False
    is_accepted: bool = True


@dataclass(frozen=True, slots=True)
class Correction:
    """A person says for which occurrence of an action a fulfilment counts; no key: for none of that action."""

    source: str
    fulfilment_id: int
    code: str
    key: Key | None = None

    @property
    def name(self) -> tuple[str, int]:
        """Return what names the thing done."""
        return self.source, self.fulfilment_id


@dataclass(slots=True)
class Occurrence:
    """One time that an action is due: on ``due``, in the window from ``first`` to ``last``, both included."""

    code: str
    action: Action
    start: dt.date
    first: dt.date
    due: dt.date
    last: dt.date
    event: str = ""
    completed_by: Fulfilment | None = None
    #: The due day that a person has set.
    postponed_to: dt.date | None = None
    #: Left out from the day after this one, unless completed by then.
    skipped_on: dt.date | None = None
    #: A correction keeps it for another fulfilment.
    is_reserved: bool = False
    is_completed_inside: bool = False
    state: State = State.COMING

    @property
    def key(self) -> Key:
        """Return what names the occurrence."""
        return Key(self.code, self.action.frequency.kind, self.start, self.event)

    @property
    def order(self) -> tuple[dt.date, dt.date, dt.date, str]:
        """Return what orders the occurrences of one action: the earlier end first."""
        return self.last, self.first, self.start, self.event

    def is_skipped(self, day: dt.date) -> bool:
        """Return whether it takes no part in matching on ``day``."""
        return self.skipped_on is not None and self.skipped_on < day and self.completed_by is None

    def is_open(self, day: dt.date) -> bool:
        """Return whether a fulfilment that no correction names may complete it on ``day``."""
        if self.completed_by is not None or self.is_reserved:
            return False
        return self.skipped_on is None or self.skipped_on >= day

    def complete(self, fulfilment: Fulfilment) -> None:
        """Record what completed it; that closes the window of an interval, and a due day still ahead."""
        self.completed_by = fulfilment
        day = fulfilment.day
        self.is_completed_inside = day <= self.last
        if self.is_completed_inside and self.action.frequency.kind is Kind.INTERVAL:
            self.first, self.due, self.last = min(self.first, day), min(self.due, day), day

    def state_on(self, day: dt.date) -> State:
        """Return its state at the evaluation of ``day``, with what was done until then."""
        if not self.action.is_tracked:
            return State.UNTRACKED
        if self.skipped_on is not None and self.completed_by is None:
            return State.SKIPPED
        if self.last >= day:
            return State.COMING
        if self.completed_by is None:
            return State.MISSED
        return State.DONE if self.is_completed_inside else State.LATE


Decision = Postponement | Skip


def decisions_by_key(decisions: Iterable[Decision], day: dt.date) -> dict[Key, list[Decision]]:
    """Return the decisions that count at the evaluation of ``day``, in the order of entry.

    Those entered by then, and a manager's skips always: they may be entered late. A manager's skip of an occurrence
    leaves all other decisions about it without effect; on one day a postponement comes before a skip.
    """
    found: dict[Key, list[Decision]] = {}
    for decision in decisions:
        if decision.is_accepted and (decision.entered <= day or is_managers(decision)):
            found.setdefault(decision.key, []).append(decision)
    return {key: in_order(of_one) for key, of_one in found.items()}


def in_order(decisions: list[Decision]) -> list[Decision]:
    """Return the decisions about one occurrence in the order in which they take effect."""
    managers = [decision for decision in decisions if is_managers(decision)]
    if managers:
        return [min(managers, key=lambda skip: skip.entered)]
    return sorted(decisions, key=lambda one: (one.entered, isinstance(one, Skip), getattr(one, "to", one.entered)))


def is_managers(decision: Decision) -> bool:
    """Return whether it is a skip by a manager, which may come after the window or the completion."""
    return isinstance(decision, Skip) and decision.by_manager


def postpone(occurrence: Occurrence, postponement: Postponement) -> None:
    """Move the due day later, and the end of the window, if that was entered by the window's last day."""
    if postponement.entered <= occurrence.last and postponement.to > occurrence.due:
        occurrence.due = occurrence.postponed_to = postponement.to
        occurrence.last = plus_days(postponement.to, occurrence.action.days_after)


def decide(occurrence: Occurrence, decisions: Iterable[Decision]) -> None:
    """Apply all decisions about an occurrence of which the window does not depend on what was done before."""
    for decision in decisions:
        if isinstance(decision, Postponement):
            postpone(occurrence, decision)
        elif decision.by_manager:
            occurrence.skipped_on = dt.date.min
        elif decision.entered <= occurrence.last and occurrence.skipped_on is None:
            occurrence.skipped_on = decision.entered
