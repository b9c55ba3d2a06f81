"""What plans ask for now: at most one occurrence for each customer and action (``adherence.work_for``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from careplans.adherence.days import plus_days
from careplans.adherence.evaluation import Evaluation
from careplans.adherence.occurrences import Key, Occurrence, State
from careplans.adherence.work import Phase, work_for
from careplans.caremodels.enums import FulfilKind
from careplans.plans.evaluations import CustomerEvaluation
from careplans.plans.planned import PlannedAction

#: A customer and the code of an action.
Place = tuple[int, str]
#: The horizon that the batch being evaluated has, in days, for :func:`next_look`.
_ahead: ContextVar[int] = ContextVar("care_work_ahead", default=90)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence of a customer for which there should be work, and what its action is."""

    customer: int
    occurrence: Occurrence
    action: PlannedAction

    @property
    def place(self) -> Place:
        return self.customer, self.occurrence.code

    @property
    def key(self) -> Key:
        return self.occurrence.key


def makes_work(occurrence: Occurrence) -> bool:
    """Return whether the action comes into calendars: one that activities complete."""
    action = occurrence.action
    if not isinstance(action, PlannedAction) or not action.is_tracked:
        return False
    return FulfilKind.ACTIVITY in action.filter.completed_by


def wanted_of(found: Sequence[CustomerEvaluation], today: dt.date, ahead: int) -> dict[Place, Wanted]:
    """Return for which occurrences there should be work, those with a window that opens within ``ahead`` days."""
    _ahead.set(ahead)
    until = plus_days(today, ahead)
    return {one.place: one for evaluated in found for one in _of_customer(evaluated, until)}


def _of_customer(one: CustomerEvaluation, until: dt.date) -> Iterator[Wanted]:
    for code in one.evaluation.occurrences:
        if not any(last >= one.evaluation.day for _first, last in one.evaluation.spans[code]):
            continue  # the customer is inactive, or the plan does not have the action any more
        occurrence = _occurrence(one.evaluation, code, until)
        if occurrence is not None and makes_work(occurrence):
            action = occurrence.action
            assert isinstance(action, PlannedAction)  # noqa: S101 - makes_work has looked
            yield Wanted(one.customer, occurrence, action)


def _occurrence(evaluation: Evaluation, code: str, until: dt.date) -> Occurrence | None:
    """Return the occurrence to work for: a missed one is not taken up again after a person has left out a later one."""
    work = work_for(evaluation, code, until)
    if work is None or work.phase is not Phase.OVERDUE:
        return work.occurrence if work else None
    known = evaluation.occurrences[code]
    left_out = (one for one in known if one.state is State.SKIPPED and one.first <= evaluation.day)
    if not any(one.order > work.occurrence.order for one in left_out):
        return work.occurrence
    coming = (one for one in known if one.state is State.COMING and one.completed_by is None and one.first <= until)
    return min(coming, key=lambda one: (one.first, one.order), default=None)


def next_look(one: CustomerEvaluation, today: dt.date) -> dt.date | None:
    """Return the first later day on which the window of another occurrence comes within the horizon."""
    ahead = _ahead.get()
    until = plus_days(today, ahead)
    firsts = [
        occurrence.first
        for occurrences in one.evaluation.occurrences.values()
        for occurrence in occurrences
        if occurrence.first > until
        and occurrence.state is State.COMING
        and occurrence.completed_by is None
        and makes_work(occurrence)
    ]
    return plus_days(min(firsts), -ahead) if firsts else None
