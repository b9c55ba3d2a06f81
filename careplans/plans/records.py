"""What adherence needs to know of customers (:class:`~careplans.adherence.evaluation.CareRecord`).

``read_plans`` reads all of it for up to :data:`BATCH` customers in a constant number of queries.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from careplans.adherence.actions import Entry, Version, history_of
from careplans.adherence.days import Span
from careplans.adherence.evaluation import CareRecord
from careplans.adherence.occurrences import Correction, Decision, Event, Fulfilment, Postponement, Skip
from careplans.adherence.periods import OnEvent
from careplans.caremodels.plugs import event_sources, fulfillers
from careplans.caremodels.selectors import complete
from careplans.plans.entries import Entries, Read, active_spans, entries_of
from careplans.plans.enums import DecisionKind
from careplans.plans.models import OccurrenceCorrection, OccurrenceDecision
from careplans.plans.planned import PlannedAction, kinds_of

#: The most customers that are read at once.
BATCH = 2_000

Histories = dict[str, tuple[Version, ...]]


@dataclass(slots=True)
class Plan:
    """The actions in one customer's plan with their days, and its record for adherence."""

    entries: Entries
    record: CareRecord


def records(customers: Collection[int], until: dt.date) -> dict[int, CareRecord]:
    """Return what is known of each customer with what was done, and what happened, by ``until``."""
    return {pk: plan.record for pk, plan in read_plans(customers, until).items()}


def read_plans(customers: Collection[int], until: dt.date, read: Read = complete) -> dict[int, Plan]:
    """Return the plans of at most :data:`BATCH` customers with their records; ``read``: what is read with actions."""
    if len(customers) > BATCH:
        raise ValueError(f"Read at most {BATCH} customers at once.")
    entries, active = entries_of(customers, read), active_spans(customers)
    known: Known = {}
    histories = {pk: _histories(entries[pk], active[pk], known) for pk in customers}
    actions = {action for of_one in histories.values() for action in _actions(of_one)}
    since = _beginning(histories.values())
    done = _done(customers, actions, since, until) if since else {}
    events = _events(customers, actions, since, until) if since else {}
    decisions, corrections = _decisions(customers), _corrections(customers)
    return {
        pk: Plan(
            entries[pk],
            CareRecord(
                histories[pk],
                list(_fulfilments(done.get(pk, ()), histories[pk], {one.name for one in corrections.get(pk, ())})),
                events.get(pk, ()),
                decisions.get(pk, ()),
                corrections.get(pk, ()),
            ),
        )
        for pk in customers
    }


#: The histories of a batch by the actions, as objects, and their days: many customers share them.
Known = dict[tuple[Any, ...], tuple[Version, ...]]


def _histories(entries: Mapping[str, Sequence[Entry]], active: Sequence[Span], known: Known) -> Histories:
    found: Histories = {}
    days = tuple(active)
    for code, of_code in entries.items():
        key = (days, *[(id(entry.action), entry.first, entry.last) for entry in of_code])
        history = known.get(key)
        if history is None:
            history = known[key] = history_of(of_code, active)
        if history:
            found[code] = history
    return found


def _actions(histories: Histories) -> Iterator[PlannedAction]:
    for history in histories.values():
        for version in history:
            if isinstance(version.action, PlannedAction):
                yield version.action


def _beginning(histories: Collection[Histories]) -> dt.date | None:
    """Return the first day on which any customer is under an action; None: there is none."""
    return min((history[0].first for of_one in histories for history in of_one.values()), default=None)


def _done(
    customers: Collection[int], actions: Collection[PlannedAction], since: dt.date, until: dt.date
) -> dict[int, list[tuple[str, Any]]]:
    """Return what was done for each customer, with its kind."""
    found: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    for kind in sorted(kinds_of(actions)):
        fulfiller = fulfillers().get(kind)
        for served in fulfiller.served(customers, since, until) if fulfiller else ():
            found[served.customer].append((kind, served))
    return found


def _fulfilments(
    done: Collection[tuple[str, Any]], histories: Histories, corrected: Collection[tuple[str, int]]
) -> Iterator[Fulfilment]:
    """Yield what was done with the codes of the actions that it fits, in their versions of its day.

    What fits none counts only where a person has corrected it.
    """
    for kind, served in done:
        fits = frozenset(
            code
            for code, history in histories.items()
            if (action := action_on(history, served.day)) is not None and action.filter.fits(served, kind)
        )
        if fits or (kind, served.id) in corrected:
            yield Fulfilment(served.id, served.day, fits, kind)


def action_on(history: Sequence[Version], day: dt.date) -> PlannedAction | None:
    """Return the action that applies on a day by the versions of its code."""
    index = bisect_right(history, day, key=attrgetter("first"))
    action: Any = history[index - 1].action if index else None
    return action


def _events(
    customers: Collection[int], actions: Collection[PlannedAction], since: dt.date, until: dt.date
) -> dict[int, list[Event]]:
    """Return the events that actions follow."""
    keys = {key for action in actions if isinstance(action.frequency, OnEvent) for key in action.frequency.events}
    found: dict[int, list[Event]] = defaultdict(list)
    for key in sorted(keys):
        kind, _colon, about = key.partition(":")
        source = event_sources().get(kind)
        for customer, day in source.events(customers, since, until, about) if source else ():
            found[customer].append(Event(key, day))
    return found


def _decisions(customers: Collection[int]) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = defaultdict(list)
    for row in OccurrenceDecision.objects.filter(customer__any_of=list(customers)):
        found[row.customer_id].append(decision_of(row))
    return found


def decision_of(row: OccurrenceDecision) -> Decision:
    """Return a decision as adherence knows it."""
    if row.decision == DecisionKind.SKIP or row.to is None:
        return Skip(row.key, row.entered, row.by_manager, row.is_accepted)
    return Postponement(row.key, row.to, row.entered, row.is_accepted)


def _corrections(customers: Collection[int]) -> dict[int, list[Correction]]:
    found: dict[int, list[Correction]] = defaultdict(list)
    for row in OccurrenceCorrection.objects.filter(customer__any_of=list(customers)):
        found[row.customer_id].append(Correction(row.source, row.fulfilment_id, row.code, row.key))
    return found
