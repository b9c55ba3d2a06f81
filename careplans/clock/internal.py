"""Occurrences of internal events, by the same evaluation as those of customers.

There are few events, so that nothing is stored: a page evaluates them, in a constant number of queries.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from careplans.adherence.actions import Entry, history_of
from careplans.adherence.days import NEVER, Span, plus_days
from careplans.adherence.evaluation import CareRecord, Evaluation, evaluate
from careplans.adherence.occurrences import Fulfilment, Occurrence, State
from careplans.caremodels.frequencies import TermDates
from careplans.caremodels.selectors import complete
from careplans.clock.models import InternalAction, InternalWork
from careplans.following.people import Holder, People
from careplans.plans.planned import PlannedAction, planned
from core import clock

ALWAYS: list[Span] = [(dt.date.min, NEVER)]


@dataclass(frozen=True)
class Internal:
    """What the internal events are on a day: the newest action of each code, and its occurrences."""

    day: dt.date
    actions: Mapping[str, InternalAction]
    evaluation: Evaluation
    people: People

    def is_in_force(self, code: str) -> bool:
        """Return whether the event is done on the day or later."""
        last = self.actions[code].last
        return last is None or last >= self.day

    def occurrences(self, code: str, first: dt.date, last: dt.date) -> list[Occurrence]:
        """Return those of a code that are due on these days, the earlier ones first."""
        found = [one for one in self.evaluation.occurrences.get(code, ()) if first <= one.due <= last]
        return sorted(found, key=lambda one: (one.due, one.order))

    def holder(self, code: str, day: dt.date) -> Holder:
        """Return who has an event: people of groups and teams as they are now."""
        return holder_of(self.people, responsible_keys(self.actions[code]), day)


def responsible_keys(action: InternalAction) -> tuple[str, ...]:
    """Return the keys of those who have an event, the person before groups and teams."""
    rows: Any = action
    person = (f"user:{action.person_id}",) if action.person_id else ()
    return (*person, *(row.key for row in rows.responsible.all()))


def holder_of(people: People, keys: Iterable[str], day: dt.date) -> Holder:
    """Return the first of the keys that has somebody: an active person, a team, a group with people."""
    rest = []
    for key in keys:
        kind, _colon, name = key.partition(":")
        if kind != "user":
            rest.append(key)
        elif int(name) in people.active:
            team, unit = people.place_of(int(name))
            return Holder(key, int(name), team, unit)
    return people.holder(0, rest, day)


def internal_read(day: dt.date, until: dt.date, codes: Collection[str] | None = None) -> Internal:
    """Return the internal events with their occurrences, coming ones with windows that open by ``until``."""
    rows = complete(InternalAction.objects.all()).select_related("person", "activity_type").order_by("first")
    actions = list(rows if codes is None else rows.filter(code__in=codes))
    terms = TermDates.read()
    entries: dict[str, list[Entry]] = defaultdict(list)
    for action in actions:
        entries[action.code].append(Entry(planned_of(action, terms), action.first, action.last or NEVER))
    histories = {code: history_of(found, ALWAYS) for code, found in entries.items()}
    record = CareRecord(histories, list(_done(entries, day)))
    newest = {action.code: action for action in actions}
    in_order = sorted(newest, key=lambda code: (newest[code].order, code))
    return Internal(
        day, {code: newest[code] for code in in_order}, evaluate(record, day, until), People.read([], clock.today())
    )


def planned_of(action: InternalAction, terms: TermDates) -> PlannedAction:
    return replace(planned(action, terms=terms), responsible=responsible_keys(action))


def _done(codes: Collection[str], day: dt.date) -> Iterator[Fulfilment]:
    """Yield the done activities of these events."""
    rows = InternalWork.objects.filter(code__in=list(codes), activity__status=ActivityStatus.DONE)
    for code, pk, start in rows.values_list("code", "activity", "activity__start"):
        if (on := clock.day_of(start)) <= day:
            yield Fulfilment(pk, on, frozenset({code}))


def activities_of(occurrences: Iterable[Occurrence], user: Any) -> dict[int, Activity]:
    """Return the activities that completed these, as far as the user sees them, by id."""
    ids = [one.completed_by.id for one in occurrences if one.completed_by]
    return dict(Activity.objects.visible_to(user).in_bulk(ids))


def state_name(occurrence: Occurrence, day: dt.date) -> str:
    """Return the state as the clock counts it."""
    if occurrence.state is State.COMING and occurrence.completed_by is not None:
        return "done"
    return occurrence.state.value


def horizon(year: int, today: dt.date, ahead: int) -> dt.date:
    return max(dt.date(year, 12, 31), plus_days(today, ahead))
