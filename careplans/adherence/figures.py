"""Figures about occurrences: adherence, pace, overdue contact, reach, rows by owner or segment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import add, attrgetter
from typing import TypeVar

from careplans.adherence.actions import Action, Version, actions_on
from careplans.adherence.days import Span, Steps, is_within, value_on
from careplans.adherence.evaluation import Evaluation
from careplans.adherence.matching import Reason
from careplans.adherence.occurrences import Key, Occurrence, State

Row = TypeVar("Row", bound=Hashable)
Holder = Hashable

#: Something done that completed nothing of an action.
EXTRA = frozenset({Reason.EXTRA, Reason.EARLY, Reason.SAME_DAY})


class Pace(StrEnum):
    """How far a customer is with an action in a period."""

    BEHIND = "behind"
    ON_SCHEDULE = "on_schedule"
    AHEAD = "ahead"


def percent(part: int, whole: int) -> int | None:
    """Return the share in whole per cent, rounded down, but 1 if there is any; None (“–”) of nothing."""
    if not whole:
        return None
    return max(part * 100 // whole, 1) if part else 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of occurrences, which are added, never their percentages."""

    done: int = 0
    late: int = 0
    missed: int = 0
    coming: int = 0
    #: Of the coming ones.
    already_done: int = 0
    scheduled: int = 0

    def __add__(self, other: Figures) -> Figures:
        """Return the figures of both together."""
        return Figures(*map(add, _numbers(self), _numbers(other)))

    @property
    def due(self) -> int:
        """Return how many windows are over; so many are expected to be done by now."""
        return self.done + self.late + self.missed

    @property
    def planned(self) -> int:
        """Return how many the period has."""
        return self.due + self.coming

    @property
    def unscheduled(self) -> int:
        """Return how many coming ones are neither done nor in a calendar by a person's decision."""
        return self.coming - self.already_done - self.scheduled

    @property
    def adherence(self) -> int | None:
        """Return done ÷ due in per cent; None if nothing was due."""
        return percent(self.done, self.due)

    @property
    def pace(self) -> Pace | None:
        """Return the pace of one customer and action; None if the period has nothing of it."""
        if not self.planned:
            return None
        if self.missed:
            return Pace.BEHIND
        return Pace.AHEAD if self.already_done else Pace.ON_SCHEDULE


_numbers = attrgetter(*(field.name for field in fields(Figures)))


def counts(occurrence: Occurrence) -> bool:
    """Return whether an occurrence is in figures: neither skipped nor without anything that tracks it."""
    return occurrence.state not in (State.SKIPPED, State.UNTRACKED)


def by_default(occurrence: Occurrence) -> bool:
    """Return whether it is of a mandatory action toward the customer, which figures mean unless they say otherwise."""
    return occurrence.action.counts_by_default


def in_period(occurrences: Iterable[Occurrence], period: Span) -> list[Occurrence]:
    """Return those of a period: the ones with windows that end in it."""
    first, last = period
    return [occurrence for occurrence in occurrences if first <= occurrence.last <= last and counts(occurrence)]


def figures_of(occurrences: Iterable[Occurrence], scheduled: Collection[Key] = ()) -> Figures:
    """Return the figures of these occurrences; ``scheduled``: a person has set or confirmed an entry of theirs."""
    states = dict.fromkeys(State, 0)
    already_done = in_calendar = 0
    for occurrence in occurrences:
        states[occurrence.state] += 1
        if occurrence.state is State.COMING:
            is_done = occurrence.completed_by is not None
            already_done += is_done
            in_calendar += not is_done and occurrence.key in scheduled
    return Figures(
        states[State.DONE], states[State.LATE], states[State.MISSED], states[State.COMING], already_done, in_calendar
    )


def pace_of(figures: Iterable[Figures]) -> Pace | None:
    """Return the pace of a customer with the figures of each of its actions: the worst, else ahead if any is."""
    paces = {one.pace for one in figures}
    return next((pace for pace in (Pace.BEHIND, Pace.AHEAD, Pace.ON_SCHEDULE) if pace in paces), None)


def extra_of(evaluation: Evaluation, code: str, period: Span) -> int:
    """Return how many things done in a period completed nothing of an action that they fit."""
    return sum(
        verdict.code == code and verdict.reason in EXTRA and period[0] <= verdict.fulfilment.day <= period[1]
        for verdict in evaluation.verdicts
    )


def is_overdue(occurrences: Iterable[Occurrence]) -> bool:
    """Return whether the newest window of one action that is over was missed and no later one is completed."""
    known = [occurrence for occurrence in occurrences if counts(occurrence)]
    over = [occurrence for occurrence in known if occurrence.state is not State.COMING]
    if not over:
        return False
    newest = max(over, key=lambda occurrence: occurrence.order)
    return newest.state is State.MISSED and not any(
        occurrence.completed_by is not None and occurrence.order > newest.order for occurrence in known
    )


def is_contact_overdue(evaluation: Evaluation) -> bool:
    """Return whether contact is overdue: of some contact action that figures mean and the customer is under now."""
    return any(
        is_overdue(occurrence for occurrence in occurrences if is_contact(occurrence.action))
        for code, occurrences in evaluation.occurrences.items()
        if is_within(evaluation.spans[code], evaluation.day)
    )


def is_contact(action: Action) -> bool:
    """Return whether an action counts as contact in figures."""
    return action.is_contact and action.counts_by_default and action.is_tracked


@dataclass(frozen=True, slots=True)
class Reach:
    """How many customers should be in contact and how many were."""

    customers: int = 0
    reached: int = 0

    def __add__(self, other: Reach) -> Reach:
        """Return both together."""
        return Reach(self.customers + other.customers, self.reached + other.reached)

    @property
    def percent(self) -> int | None:
        """Return the share in per cent; None if there are no customers."""
        return percent(self.reached, self.customers)


def reach_of(evaluation: Evaluation, histories: Mapping[str, Sequence[Version]], period: Span) -> Reach:
    """Return the reach of one customer, which counts if it is under a contact action on the period's last day.

    That day is the day of evaluation if it is earlier. A contact is anything done in the period that fits such an
    action, whatever it completed.
    """
    last = min(period[1], evaluation.day)
    codes = {code for code, action in actions_on(histories, last).items() if is_contact(action)}
    is_reached = any(
        verdict.code in codes and verdict.reason is not Reason.EXCLUDED and period[0] <= verdict.fulfilment.day <= last
        for verdict in evaluation.verdicts
    )
    return Reach(bool(codes), bool(codes) and is_reached)


def responsible_of(occurrence: Occurrence, holders: Mapping[str, Steps[Holder | None]]) -> Holder | None:
    """Return who has an occurrence: the holder on the due day of the first role that has one; None: nobody.

    A unit or team that is responsible is a role with itself as the holder.
    """
    for role in occurrence.action.responsible:
        holder = value_on(holders.get(role, ()), occurrence.due)
        if holder is not None:
            return holder
    return None


def sums(
    occurrences: Iterable[Occurrence], row_of: Callable[[Occurrence], Row], scheduled: Collection[Key] = ()
) -> dict[Row, Figures]:
    """Return the figures by row, such as the segment or the owner on the due day; the rows add up to the total."""
    rows: dict[Row, list[Occurrence]] = {}
    for occurrence in occurrences:
        rows.setdefault(row_of(occurrence), []).append(occurrence)
    return {row: figures_of(of_row, scheduled) for row, of_row in rows.items()}


def value_on_due_day(steps: Steps[Row]) -> Callable[[Occurrence], Row | None]:
    """Return what gives an occurrence the value of its due day: segment, group, owner, unit, team or model."""

    def value(occurrence: Occurrence) -> Row | None:
        return value_on(steps, occurrence.due)

    return value
