"""The occurrences of customers as rows, with what figures are grouped by on a due day (careplans.md §4, rule 16)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from careplans.adherence.actions import Scope, Version
from careplans.adherence.days import NEVER, Span, Steps, at_end_of_day, is_within, plus_days, value_on
from careplans.adherence.figures import is_contact, is_overdue
from careplans.adherence.matching import Reason
from careplans.adherence.occurrences import Key, Occurrence, State
from careplans.caremodels.models import CareAction, StatutoryTask
from careplans.following.models import CareOccurrence
from careplans.following.people import Holder, People
from careplans.following.unheeded import unheeded
from careplans.plans.evaluations import CustomerEvaluation
from careplans.plans.models import CustomerAction
from careplans.plans.plan import next_of
from core.registry import declared
from customers.models import CustomerSummary
from segmentation.membership.models import Membership

#: What names an occurrence, and what is kept of it besides.
KEY = ("customer_id", "code", "kind", "start", "event")
VALUES = (
    "holder", "user_id", "team_id", "unit_id", "segment_id", "node_id", "care_model_id", "scope", "is_mandatory",
    "is_contact", "first", "due", "last", "state", "is_scheduled", "done_on", "done_source", "done_id", "hours",
    "action_id", "own_action_id", "task_id", "is_unheeded",
)  # fmt: skip
#: What says what is done, in the order of the columns.
SOURCES = (CareAction, CustomerAction, StatutoryTask)
Name = tuple[Any, ...]
Values = tuple[Any, ...]


@dataclass(frozen=True)
class About:
    """What figures of some customers are grouped by: who has what, segments by day, groups of today."""

    people: People
    segments: Mapping[int, Steps[int | None]]
    nodes: Mapping[int, int | None]
    scheduled: Mapping[int, Collection[Key]]
    _actions: dict[int, Values] = field(default_factory=dict)

    @classmethod
    def read(cls, customers: Collection[int], today: dt.date) -> About:
        groups = CustomerSummary.objects.filter(customer__any_of=list(customers)).values_list("customer", "group")
        scheduled: dict[int, set[Key]] = defaultdict(set)
        for customer, key in (found for read in declared("CARE_SCHEDULED") for found in read(customers)):
            scheduled[customer].add(key)
        return cls(People.read(customers, today), _segments(customers), dict(groups), scheduled)

    def of_action(self, action: Any) -> Values:
        """Return what an action says of all its occurrences, as rows have it."""
        known = self._actions.get(id(action))
        if known is None:
            model = action.origin.model_id if action.origin and action.model else None
            sources = [action.source.pk if isinstance(action.source, kind) else None for kind in SOURCES]
            known = model, action.scope.value, action.is_mandatory, action.is_contact, action.hours, *sources
            self._actions[id(action)] = known
        return known


def _segments(customers: Collection[int]) -> dict[int, Steps[int | None]]:
    """Return the segments of the primary scheme by the ends of days."""
    rows = Membership.objects.filter(customer__any_of=list(customers), scheme__is_primary=True).order_by("period")
    changes: dict[int, list[tuple[dt.datetime, int | None]]] = defaultdict(list)
    for customer, segment, period in rows.values_list("customer", "segment", "period"):
        known = changes[customer]
        if known and known[-1][0] == period.lower and known[-1][1] is None:
            known.pop()
        known.append((period.lower, segment))
        if period.upper is not None:
            known.append((period.upper, None))
    zone = timezone.get_default_timezone()
    return {customer: at_end_of_day(found, zone) for customer, found in changes.items()}


def rows_of(one: CustomerEvaluation, about: About) -> Iterator[tuple[Name, Values, Holder]]:
    """Yield what names each occurrence of a customer that can be tracked, its values, its holder."""
    evaluation, customer, holder_of = one.evaluation, one.customer, about.people.holder
    segments, node = about.segments.get(customer, ()), about.nodes.get(customer)
    scheduled = about.scheduled.get(customer, ())
    for code, occurrences in evaluation.occurrences.items():
        is_asked = is_within(evaluation.spans[code], evaluation.day)  # what is not asked for any more alerts nobody
        ignored = unheeded(occurrences) if is_asked else None
        for occurrence in occurrences:
            if occurrence.state is not State.UNTRACKED:
                action, due = occurrence.action, occurrence.due
                name = (customer, code, action.frequency.kind, occurrence.start, occurrence.event)
                holder = holder_of(customer, action.responsible, due)
                place = holder.key, holder.user, holder.team, holder.unit, value_on(segments, due), node
                is_scheduled = bool(scheduled) and is_to_do(occurrence) and occurrence.key in scheduled
                values = _values(occurrence, about.of_action(action), is_scheduled, occurrence is ignored)
                yield name, (*place, *values), holder


def is_to_do(occurrence: Occurrence) -> bool:
    return occurrence.state is State.COMING and occurrence.completed_by is None


def _values(occurrence: Occurrence, of_action: Values, is_scheduled: bool, is_unheeded: bool) -> Values:
    model, scope, is_mandatory, is_contact, hours, *sources = of_action
    done = occurrence.completed_by
    about_done = (done.day, done.source, done.id) if done else (None, "", None)
    return (
        model, scope, is_mandatory, is_contact, occurrence.first, occurrence.due, occurrence.last, occurrence.state,
        is_scheduled, *about_done, hours, *sources, is_unheeded,
    )  # fmt: skip


_OF_GROUPING = slice(0, 4)
_NODE, _DUE = VALUES.index("node_id"), VALUES.index("due")


def as_it_was(values: Values, kept: Values | None, today: dt.date, holder: Holder) -> Values:
    """Return the values with what has no history as it was on the due day, if that is over and was kept.

    The team and unit of the same holder, the customer group, and who had it of a group or team; or who has it by the
    roles alone, where the former holder is neither of these any more.
    """
    if kept is None or values[_DUE] >= today or kept[_DUE] != values[_DUE]:
        return values
    grouping, former = values[_OF_GROUPING], kept[_OF_GROUPING]
    if former[0] == grouping[0] or (holder.former is not None and former[0] in holder.former):
        grouping = former
    elif holder.by_role is not None:
        one = holder.by_role
        grouping = former if one.key == former[0] else (one.key, one.user, one.team, one.unit)
    changed = [*grouping, *values[4:]]
    changed[_NODE] = kept[_NODE]
    return tuple(changed)


def status_of(one: CustomerEvaluation) -> Iterator[tuple[Name, Values]]:
    """Yield how a customer with a plan is now: overdue since, whether contact is asked for, what is due next."""
    evaluation, today = one.evaluation, one.evaluation.day
    under = [found for code, found in evaluation.occurrences.items() if is_within(evaluation.spans[code], today)]
    if under:
        coming = [next_of(found, today) for found in under if _is_toward_customer(found)]
        days = [occurrence.due for occurrence in coming if occurrence]
        since = [day for found in under if (day := overdue_since(found))]
        asks = any(is_contact(occurrence.action) for found in under for occurrence in found[-1:])
        yield (one.customer,), (min(since, default=None), asks, min(days, default=None))


def _is_toward_customer(occurrences: Sequence[Occurrence]) -> bool:
    return any(occurrence.action.scope is Scope.CUSTOMER for occurrence in occurrences[-1:])


def overdue_since(occurrences: Sequence[Occurrence]) -> dt.date | None:
    """Return the last day of the missed window by which contact of one action is overdue (rule 19)."""
    contacts = [one for one in occurrences if is_contact(one.action)]
    if not contacts or not is_overdue(contacts):
        return None
    return max((one for one in contacts if one.state is State.MISSED), key=lambda one: one.order).last


def occurrence_of(name: Name, values: Values) -> CareOccurrence:
    return CareOccurrence(**dict(zip(KEY, name, strict=True)), **dict(zip(VALUES, values, strict=True)))


def reach_of(one: CustomerEvaluation) -> Iterator[tuple[Name, Values]]:
    """Yield the days under each contact action, with the days of the contacts that fit it (rule 20)."""
    for code, history in one.plan.record.histories.items():
        spans = list(_contact_spans(history))
        if spans:
            days = {
                verdict.fulfilment.day
                for verdict in one.evaluation.verdicts
                if verdict.code == code and verdict.reason is not Reason.EXCLUDED
            }
            for first, last in spans:
                yield (one.customer, code, first), (last, sorted(days))


def _contact_spans(history: Sequence[Version]) -> Iterator[Span]:
    """Yield the days on which the versions of a code ask for contact; adjacent ones together."""
    since: dt.date | None = None
    for version in history:
        is_asked = version.action is not None and is_contact(version.action)
        if is_asked and since is None:
            since = version.first
        elif not is_asked and since is not None:
            yield since, plus_days(version.first, -1)
            since = None
    if since is not None:
        yield since, NEVER
