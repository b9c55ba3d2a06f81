"""Which occurrence the work in a calendar is for: at most one for each customer and action."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from careplans.adherence.days import is_unbroken
from careplans.adherence.evaluation import Evaluation
from careplans.adherence.occurrences import Occurrence, State


class Phase(StrEnum):
    """How the work for an occurrence is in time."""

    #: Its window is open.
    OPEN = "open"
    #: Missed, and the next window is not open yet.
    OVERDUE = "overdue"
    #: Its window opens later.
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Work:
    """The occurrence to work for now."""

    phase: Phase
    occurrence: Occurrence


def work_for(evaluation: Evaluation, code: str, until: dt.date) -> Work | None:
    """Return what is to be done for an action: the open occurrence, else the missed one, else the next one.

    The next one is that with a window which opens by ``until``; the evaluation must reach as far. None: nothing.
    """
    day = evaluation.day
    known = [one for one in evaluation.occurrences[code] if one.state is not State.SKIPPED]
    begun = [one for one in known if one.state is State.COMING and one.first <= day]
    uncompleted = [one for one in begun if one.completed_by is None]
    if uncompleted:
        return Work(Phase.OPEN, uncompleted[0])
    missed = overdue(evaluation, code, known) if not begun else None
    if missed is not None:
        return Work(Phase.OVERDUE, missed)
    coming = [one for one in known if one.state is State.COMING and day < one.first <= until]
    coming = [one for one in coming if one.completed_by is None]
    return Work(Phase.NEXT, min(coming, key=lambda one: (one.first, one.order))) if coming else None


def overdue(evaluation: Evaluation, code: str, known: list[Occurrence]) -> Occurrence | None:
    """Return the newest occurrence that is over, if it was missed and can still be completed late."""
    over = [one for one in known if one.state in (State.DONE, State.LATE, State.MISSED)]
    newest = max(over, key=lambda one: one.order, default=None)
    if newest is None or newest.state is not State.MISSED:
        return None
    return newest if is_unbroken(evaluation.spans[code], newest.due, evaluation.day) else None
