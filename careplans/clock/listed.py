"""Occurrences of internal events as a list, with the work in calendars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activities.log.models import Activity
from careplans.adherence.occurrences import Key, Occurrence
from careplans.caremodels.services.models import care_settings
from careplans.clock.internal import activities_of, horizon, internal_read, state_name
from careplans.clock.models import InternalAction, InternalWork
from careplans.clock.words import STATES, internal_who
from careplans.work.enums import WorkState
from careplans.work.lists import keys_of, list_words
from core import clock

#: Rows of the list.
MOST = 400


@dataclass
class EventRow:
    """An occurrence of an internal event."""

    action: InternalAction
    occurrence: Occurrence
    state: str
    kind: str
    word: Any
    who: str
    #: What completed it, and the open entry in a calendar.
    activity: Activity | None = None
    work: InternalWork | None = None
    list_words: str = ""
    may_claim: bool = False
    may_release: bool = False


def claimable_of(user: Any) -> list[EventRow]:
    """Return the occurrences with work that waits on the user's lists, of any year."""
    year = clock.today().year
    rows = [row for number in (year - 1, year, year + 1) for row in events_of(user, number)]
    return [row for row in rows if row.may_claim]


def events_of(user: Any, year: int, *, month: int | None = None, code: str = "", state: str = "") -> list[EventRow]:
    """Return the occurrences of a year that are due in a month, of a code, in a state: the earlier ones first.

    They are read in a constant number of queries.
    """
    today = clock.today()
    internal = internal_read(today, horizon(year, today, care_settings().work_ahead))
    rows = [
        EventRow(action, one, state_name(one, today), "", "", internal_who(action))
        for name, action in internal.actions.items()
        if code in ("", name)
        for one in internal.evaluation.occurrences.get(name, ())
        if one.due.year == year and month in (None, one.due.month)
    ]
    rows = [row for row in rows if row.state in STATES and state in ("", row.state)]
    rows.sort(key=lambda row: (row.occurrence.due, row.action.order, row.action.code))
    return _completed(rows, user)


def _completed(rows: list[EventRow], user: Any) -> list[EventRow]:
    """Add the words, the activities and the open work."""
    done = activities_of([row.occurrence for row in rows], user)
    works = _open_work()
    words = list_words({work.list_key for work in works.values() if work.list_key})
    mine = set(keys_of(user)) if user.has_perm("activities.log_activity") else set()
    for row in rows:
        row.kind, row.word = STATES[row.state]
        by = row.occurrence.completed_by
        row.activity = done.get(by.id) if by else None
        row.work = works.get(row.occurrence.key)
        if row.work is not None:
            row.list_words = words.get(row.work.list_key, "")
            row.may_claim = row.work.person_id is None and row.work.list_key in mine
            row.may_release = bool(row.work.list_key) and row.work.person_id == user.pk
    return rows


def _open_work() -> dict[Key, InternalWork]:
    rows = InternalWork.objects.filter(state=WorkState.OPEN).select_related("activity", "person")
    return {row.key: row for row in rows if row.activity is not None}
