"""Memberships of past years with their own dates, as an administrator imports them once (rules 6, 7 and 9).

This is the only way in that puts a customer into a segment that needs approval: with management's decision. The
history of a customer in a scheme is taken as a whole or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from core import clock
from customers.models import Customer
from segmentation.membership.enums import EndKind, MoveKind
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services import present
from segmentation.membership.services.moves import is_full, lock_segments, members_of
from segmentation.schemes.models import Scheme, Segment, SegmentReason

SAME, ADDED, HELD = "same", "added", "held"
_DAY = dt.timedelta(days=1)


def midnight(day: dt.date) -> dt.datetime:
    """Return the first moment of a day in the organisation's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


@dataclass(frozen=True)
class PastMembership:
    """A customer's days in a segment, the last one included; without a last day it is still there.

    ``number`` is of one entry of a call only. ``decided_by`` and ``decided_on`` are the decision of management,
    which a segment that needs approval cannot do without.
    """

    number: int
    customer_id: int
    segment: Segment
    first: dt.date
    last: dt.date | None = None
    reason: SegmentReason | None = None
    text: str = ""
    decided_by: Any = None
    decided_on: dt.date | None = None


@dataclass(frozen=True)
class PastResult:
    """What became of an entry; ``code`` and ``params`` say why it was held."""

    status: str
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Span:
    """A time in a segment: of an entry, or of a membership that is there."""

    segment: Segment
    start: dt.datetime
    end: dt.datetime | None
    entry: PastMembership | None = None
    membership: Membership | None = None

    @classmethod
    def of_entry(cls, entry: PastMembership) -> _Span:
        end = midnight(entry.last + _DAY) if entry.last else None
        return cls(entry.segment, midnight(entry.first), end, entry=entry)

    @classmethod
    def of_membership(cls, row: Membership) -> _Span:
        return cls(row.segment, row.start, row.end, membership=row)


class _Held(Exception):
    """An entry that cannot be taken, with the reason."""

    def __init__(self, entry: PastMembership, code: str, **params: Any) -> None:
        super().__init__(code)
        self.entry, self.code, self.params = entry, code, params


@dataclass
class _Plan:
    """What is written for a customer: new spans, one of which may take the place of the default segment."""

    new: list[_Span] = field(default_factory=list)
    replaced: Membership | None = None
    same: list[PastMembership] = field(default_factory=list)


@dataclass
class _World:
    scheme: Scheme
    held: dict[int, list[Membership]]
    inactive: dict[int, str]
    proposed: set[int]
    members: dict[int, int]
    deciders: dict[int, set[int]]

    @classmethod
    def read(cls, scheme: Scheme, entries: Sequence[PastMembership]) -> _World:
        ids = sorted({entry.customer_id for entry in entries})
        customers = list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        inactive = {customer.pk: customer.name for customer in customers if customer.is_passive}
        held: dict[int, list[Membership]] = defaultdict(list)
        rows = Membership.objects.filter(scheme=scheme, customer__in=ids).select_related("segment").order_by("period")
        for row in rows:
            held[row.customer_id].append(row)
        limited = {entry.segment for entry in entries if entry.segment.limit}
        lock_segments(limited)
        proposals = Proposal.objects.open().filter(scheme=scheme, customer__in=ids).values_list("customer", flat=True)
        return cls(scheme, held, inactive, set(proposals), members_of(limited), _deciders(scheme))


def _deciders(scheme: Scheme) -> dict[int, set[int]]:
    """Return the users of the approvers of each segment, deactivated ones too: they decided at their time."""
    found: dict[int, set[int]] = defaultdict(set)
    pairs = Segment.objects.filter(scheme=scheme, needs_approval=True).values_list("pk", "approvers__user")
    for segment_id, user_id in pairs:
        found[segment_id].add(user_id)
    return found


@transaction.atomic
def memberships_load(*, scheme: Scheme, entries: Sequence[PastMembership], write: bool = True) -> dict[int, PastResult]:
    """Add memberships with their own dates; return what became of each entry by its number.

    Entries of a customer are taken together: one that is held holds the others. ``write`` False writes nothing.
    Customers and segments with a limit stay locked.
    """
    world, results, plans = _World.read(scheme, entries), dict[int, PastResult](), dict[int, _Plan]()
    by_customer: dict[int, list[PastMembership]] = defaultdict(list)
    for entry in entries:
        by_customer[entry.customer_id].append(entry)
    for customer_id, own in by_customer.items():
        try:
            plans[customer_id] = _plan(world, customer_id, own)
        except _Held as held:
            results |= {entry.number: PastResult(HELD, "sibling_held", {"number": held.entry.number}) for entry in own}
            results[held.entry.number] = PastResult(HELD, held.code, held.params)
    for plan in plans.values():
        results |= {entry.number: PastResult(SAME) for entry in plan.same}
        results |= {span.entry.number: PastResult(ADDED) for span in plan.new if span.entry}
    if write:
        _write(scheme, plans)
    return results


def _plan(world: _World, customer_id: int, entries: Sequence[PastMembership]) -> _Plan:
    """Return what is written for a customer. Raises :class:`_Held` for the first entry that cannot be taken."""
    rows, plan = world.held[customer_id], _Plan()
    fresh = [entry for entry in entries if not _is_there(entry, rows)]
    plan.same = [entry for entry in entries if entry not in fresh]
    if not fresh:
        return plan
    if customer_id in world.inactive:
        raise _Held(fresh[0], "passive", name=world.inactive[customer_id])
    for entry in fresh:
        _check_days(entry)
    if world.scheme.is_exclusive:
        _plan_exclusive(plan, fresh, rows)
    else:
        _plan_several(plan, fresh, rows)
    _check_decisions(world, plan, rows)
    _check_present(world, customer_id, plan)
    return plan


def _is_there(entry: PastMembership, rows: Iterable[Membership]) -> bool:
    """Return whether the membership is there; one without an end may have ended since."""
    for row in rows:
        if row.segment_id == entry.segment.pk and clock.day_of(row.start) == entry.first:
            return entry.last is None or (row.end is not None and _ends_with(clock.day_of(row.end), entry.last))
    return False


def _ends_with(day: dt.date, last: dt.date) -> bool:
    """Return whether a membership that ended on ``day`` had ``last`` as its last day."""
    return last <= day <= last + _DAY


def _check_days(entry: PastMembership) -> None:
    today = clock.today()
    if entry.first > today:
        raise _Held(entry, "future_day", field="segment_from")
    if entry.last and entry.last >= today:
        raise _Held(entry, "future_day", field="segment_until")
    if entry.last and entry.last < entry.first:
        raise _Held(entry, "until_before_from")
    if entry.decided_on and entry.decided_on > today:
        raise _Held(entry, "future_day", field="decided_on")
    if entry.last is None and entry.segment.is_retired:
        raise _Held(entry, "retired_segment", value=entry.segment.code)


def _plan_exclusive(plan: _Plan, fresh: Sequence[PastMembership], rows: Sequence[Membership]) -> None:
    """Put the entries between what is there, each beginning where the one before ended."""
    default = next((row for row in rows if row.end is None and row.kind == MoveKind.DEFAULT), None)
    if default and any(entry.last is None and entry.first <= clock.day_of(default.start) for entry in fresh):
        plan.replaced = default
    spans = [_Span.of_entry(entry) for entry in fresh]
    spans += [_Span.of_membership(row) for row in rows if row is not plan.replaced]
    spans.sort(key=lambda span: span.start)
    for place in range(len(spans) - 1):
        spans[place], spans[place + 1] = _joined(spans[place], spans[place + 1])
    last = spans[-1]
    if last.entry and last.end:
        raise _Held(last.entry, "period_gap", day=clock.day_of(last.end).isoformat())
    plan.new = [span for span in spans if span.entry]


def _joined(first: _Span, second: _Span) -> tuple[_Span, _Span]:
    """Let two spans meet that end and begin on the same day. Raises :class:`_Held` where they overlap or leave a gap.

    What is there keeps its moments: people move customers in the middle of a day.
    """
    if first.entry:
        first = _ended(first, first.entry, second)
    elif second.entry:
        second = _begun(second, second.entry, first)
    for span, other in ((first, second), (second, first)):
        if span.entry and span.end is not None and span.end <= span.start:
            raise _overlap(span.entry, other)
    return first, second


def _ended(span: _Span, entry: PastMembership, following: _Span) -> _Span:
    """Return the span of an entry that ends where the next one begins: on its last day, or on the day after."""
    day = clock.day_of(following.start)
    if entry.last is None or entry.last > day:
        raise _overlap(following.entry or entry, span if following.entry else following)
    if entry.last < day - _DAY:
        raise _Held(following.entry or entry, "period_gap", day=(entry.last + _DAY).isoformat())
    return replace(span, end=following.start)


def _begun(span: _Span, entry: PastMembership, before: _Span) -> _Span:
    """Return the span of an entry that begins when what is there has ended; later only if the customer was inactive."""
    if before.end is None or entry.first < clock.day_of(before.end):
        raise _overlap(entry, before)
    return replace(span, start=max(span.start, before.end))


def _overlap(entry: PastMembership, other: _Span) -> _Held:
    return _Held(entry, "period_overlap", segment=str(other.segment), day=clock.day_of(other.start).isoformat())


def _plan_several(plan: _Plan, fresh: Sequence[PastMembership], rows: Sequence[Membership]) -> None:
    """Let the entries in where a customer may be in several segments: only one segment's own times must not overlap."""
    spans = [*map(_Span.of_entry, fresh), *map(_Span.of_membership, rows)]
    spans.sort(key=lambda span: (span.segment.pk, span.start))
    for first, second in pairwise(spans):
        entry = second.entry or first.entry
        if entry and first.segment == second.segment and (first.end is None or second.start < first.end):
            raise _overlap(entry, second if entry is first.entry else first)
    plan.new = [span for span in spans if span.entry]


def _check_decisions(world: _World, plan: _Plan, rows: Sequence[Membership]) -> None:
    """Ask for management's decision where a segment needs approval to be entered or, in an exclusive scheme, left."""
    for span in plan.new:
        entry = span.entry
        assert entry is not None  # noqa: S101 - the new ones are entries
        for segment in _deciding(world, plan, span, rows):
            if entry.decided_by is None or entry.decided_on is None:
                raise _Held(entry, "decision_missing", segment=str(segment))
            if not entry.decided_by.is_superuser and entry.decided_by.pk not in world.deciders[segment.pk]:
                raise _Held(entry, "no_approver", name=str(entry.decided_by), segment=str(segment))
            break


def _deciding(world: _World, plan: _Plan, span: _Span, rows: Sequence[Membership]) -> list[Segment]:
    """Return the segments that need approval, the one entered before the one left."""
    left: list[Segment] = []
    if world.scheme.is_exclusive:
        before = [*plan.new, *map(_Span.of_membership, rows)]
        left = [other.segment for other in before if other.end == span.start]
    return [segment for segment in (span.segment, *left) if segment.needs_approval]


def _check_present(world: _World, customer_id: int, plan: _Plan) -> None:
    """Keep the limit of the segments of today, and what is being decided about."""
    for span in plan.new:
        entry = span.entry
        if entry is None or span.end is not None:
            continue
        if customer_id in world.proposed:
            raise _Held(entry, "proposal_open")
        if is_full(span.segment, world.members.get(span.segment.pk, 0)):
            raise _Held(entry, "segment_full", value=span.segment.code)
        world.members[span.segment.pk] = world.members.get(span.segment.pk, 0) + 1


_CHANGED = ("segment", "period", "kind", "decided_by", "decided_at", "reason", "text")


def _write(scheme: Scheme, plans: dict[int, _Plan]) -> None:
    """Write the memberships; what takes the default segment's place keeps its row, so that an undo gives it back."""
    added: list[Membership] = []
    changed: list[Membership] = []
    for plan in plans.values():
        for span in plan.new:
            row = _row(scheme, span)
            if plan.replaced is not None and span.end is None:
                row.pk = plan.replaced.pk
                changed.append(row)
            else:
                added.append(row)
    Membership.objects.bulk_update(changed, _CHANGED, batch_size=500)
    Membership.objects.bulk_create(added, batch_size=1_000)
    present.segments_refresh([pk for pk, plan in plans.items() if plan.new])


def _row(scheme: Scheme, span: _Span) -> Membership:
    entry = span.entry
    assert entry is not None  # noqa: S101 - the new ones are entries
    return Membership(
        scheme=scheme,
        segment=span.segment,
        customer_id=entry.customer_id,
        period=DateTimeTZRange(span.start, span.end, "[)"),
        is_exclusive=scheme.is_exclusive,
        kind=MoveKind.IMPORT,
        ended_as=EndKind.LEFT if span.end and not scheme.is_exclusive else EndKind.FOLLOWED,
        decided_by=entry.decided_by,
        decided_at=midnight(entry.decided_on) if entry.decided_on else span.start,
        reason=entry.reason,
        text=entry.text[:1_000],
    )
