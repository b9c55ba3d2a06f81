"""Moving customers between segments: the one rule for every way in (rules 6, 7 and 9)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.exceptions import BusinessRuleError
from core.segments import PROPOSED, REFUSED, SAME, SET, Move, Suggested, moves_decided, suggested_for
from customers.enums import CustomerState
from customers.models import Customer
from segmentation.membership.enums import EndKind, MoveKind
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services import present
from segmentation.membership.services.proposals import proposals_add, proposals_withdraw
from segmentation.schemes.models import Scheme, Segment, SegmentReason

#: Decisions of people: the history says whether they follow the criteria.
BY_PEOPLE = (MoveKind.SET, MoveKind.BULK, MoveKind.APPROVED)
#: A first decision can be undone for so long; later the customer stays in a segment (rule 9).
UNDO_TIME = dt.timedelta(hours=24)


@dataclass
class _World:
    """What the moves of a batch are judged by, read and locked in a constant number of queries."""

    scheme: Scheme
    states: dict[int, str]
    held: dict[int, list[Membership]]
    proposals: dict[int, Proposal]
    settable: set[int]
    members: Counter[int] = field(default_factory=Counter)
    suggested: dict[int, Suggested] = field(default_factory=dict)
    #: Whether a decision against the criteria is refused because nobody says why.
    asks_why: bool = False

    @classmethod
    def read(cls, wanted: Mapping[int, Segment], user: Any) -> _World:
        segments = {segment.pk: segment for segment in wanted.values()}
        scheme = Scheme.objects.get(pk=next(iter(segments.values())).scheme_id)
        customers = Customer.objects.select_for_update(no_key=True).filter(pk__in=list(wanted)).order_by("pk")
        states = dict(customers.values_list("pk", "state"))
        held: dict[int, list[Membership]] = {}
        rows = Membership.objects.present().filter(scheme=scheme, customer__in=list(wanted))
        for membership in rows.select_related("segment"):
            held.setdefault(membership.customer_id, []).append(membership)
        lock_segments([segment for segment in segments.values() if segment.limit or segment.needs_approval])
        proposals = {row.customer_id: row for row in Proposal.objects.open().filter(scheme=scheme, customer__in=wanted)}
        world = cls(scheme, states, held, proposals, settable(segments.values(), user))
        world.members = members_of([segment for segment in segments.values() if segment.limit])
        return world


def lock_segments(segments: Iterable[Segment]) -> None:
    """Lock segments, so that two decisions about the same one take turns. Customers are locked before."""
    ids = sorted({segment.pk for segment in segments})
    if ids:
        list(Segment.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def members_of(segments: Collection[Segment]) -> Counter[int]:
    """Return how many customers are in each of ``segments`` now. Call it when they are locked."""
    ids = [segment.pk for segment in segments]
    present_ids = Membership.objects.present().filter(segment__in=ids).values_list("segment", flat=True)
    return Counter(present_ids) if ids else Counter()


def settable(segments: Iterable[Segment], user: Any) -> set[int]:
    """Return the ids of the segments that the groups of ``user`` may set; None is the program itself."""
    segments = list(segments)
    if user is None or user.is_superuser:
        return {segment.pk for segment in segments}
    own = set(user.groups.values_list("pk", flat=True))
    through = Segment.setters.through._default_manager.filter(segment__in=[segment.pk for segment in segments])
    groups: dict[int, set[int]] = {}
    for segment_id, group_id in through.values_list("segment", "group"):
        groups.setdefault(segment_id, set()).add(group_id)
    return {segment.pk for segment in segments if not groups.get(segment.pk) or groups[segment.pk] & own}


def full_text(segment: Segment) -> str:
    count = segment.limit or 0
    text = ngettext(
        "“%(segment)s” takes at most %(count)d customer and is full.",
        "“%(segment)s” takes at most %(count)d customers and is full.",
        count,
    )
    return text % {"segment": segment, "count": count}


def against_text(name: str) -> str:
    return _("The criteria suggest “%(segment)s”: give a reason for another segment.") % {"segment": name}


def _judge(world: _World, customer_id: int, segment: Segment, direct: bool) -> Move:
    """Return what a wish comes to. A place in a segment with a limit is taken by the first ones."""

    def refused(code: str, text: str) -> Move:
        return Move(customer_id, segment, REFUSED, code, text)

    if customer_id not in world.states:
        return refused("gone", _("The customer is not there any more."))
    if world.states[customer_id] == CustomerState.PASSIVE:
        return refused("customer_passive", _("The customer is inactive."))
    held = world.held.get(customer_id, [])
    if any(membership.segment_id == segment.pk for membership in held):
        return Move(customer_id, segment, SAME)
    if segment.is_retired or world.scheme.is_retired:
        return refused("retired", _("The segment “%(segment)s” is retired.") % {"segment": segment})
    suggested = world.suggested.get(customer_id)
    if world.asks_why and suggested and suggested.segment_id != segment.pk:
        return refused("reason_required", against_text(suggested.name))
    left = held[0].segment if held and world.scheme.is_exclusive else None
    if not direct and (segment.needs_approval or (left is not None and left.needs_approval)):
        return _judge_proposal(world, customer_id, segment)
    if not direct and segment.pk not in world.settable:
        return refused("not_setter", _("Your group may not set the segment “%(segment)s”.") % {"segment": segment})
    if is_full(segment, world.members[segment.pk]):
        return refused("full", full_text(segment))
    world.members[segment.pk] += 1
    return Move(customer_id, segment, SET)


def _judge_proposal(world: _World, customer_id: int, segment: Segment) -> Move:
    existing = world.proposals.get(customer_id)
    if existing is not None and existing.segment_id == segment.pk:
        return Move(customer_id, segment, SAME, "proposed_already", str(already_proposed_text(segment)), existing)
    if existing is not None:
        text = _("The customer has an open proposal to another segment. Decide or withdraw it first.")
        return Move(customer_id, segment, REFUSED, "proposal_open", text, existing)
    if is_full(segment, world.members[segment.pk]):
        advice = _("Make a proposal that names who leaves it.")
        return Move(customer_id, segment, REFUSED, "full", f"{full_text(segment)} {advice}")
    return Move(customer_id, segment, PROPOSED)


def is_full(segment: Segment, members: int) -> bool:
    return segment.limit is not None and members >= segment.limit


def already_proposed_text(segment: Segment) -> str:
    return _("The customer has been proposed to “%(segment)s” already.") % {"segment": segment}


@transaction.atomic
def segments_set(
    *,
    wanted: Mapping[int, Segment],
    user: Any,
    kind: str = MoveKind.SET,
    reason: SegmentReason | None = None,
    text: str = "",
    texts: Mapping[int, str] | None = None,
    criteria_version: int | None = None,
    direct: bool = False,
    proposal: Proposal | None = None,
    write: bool = True,
) -> dict[int, Move]:
    """Move customers (their ids) to segments of one scheme; return what became of each, in the order of the ids.

    A move to or from a segment that needs approval becomes a proposal; ``direct`` writes it nevertheless, for moves
    that management has decided. ``user`` None is the program itself, which may set every segment. ``texts`` are added
    to ``text`` for single customers. ``write`` False writes nothing. A person's move to another segment than the
    criteria give needs a reason or a text. Customers and segments with a limit stay locked.
    """
    if not wanted:
        return {}
    world = _World.read(wanted, user)
    if user is not None and kind in BY_PEOPLE:
        world.suggested = suggested_for(world.scheme.pk, wanted)
        world.asks_why = not (direct or reason or text.strip())
    moves = {pk: _judge(world, pk, wanted[pk], direct) for pk in sorted(wanted)}
    if not write:
        return moves
    about = {"kind": kind, "reason": reason, "text": text.strip()[:1_000]}
    origin = {"criteria_version": criteria_version, "proposal": proposal}
    _write(world, moves, user, {**about, **origin}, texts or {})
    proposed = {pk: move.segment for pk, move in moves.items() if move.status == PROPOSED}
    lefts = {pk: world.held[pk][0].segment for pk in proposed if world.held.get(pk) and world.scheme.is_exclusive}
    made = proposals_add(proposed, lefts, world.scheme, user=user, **about)
    return {pk: replace(move, proposal=made[pk]) if pk in made else move for pk, move in moves.items()}


def _write(
    world: _World, moves: Mapping[int, Move], user: Any, about: Mapping[str, Any], texts: Mapping[int, str]
) -> None:
    done = {pk: move.segment for pk, move in moves.items() if move.status == SET}
    if not done:
        return
    ended = [row for pk in done for row in world.held.get(pk, ())] if world.scheme.is_exclusive else []
    now = clock.now()
    at = present.next_moment(ended, now)
    present.end(ended, at=at)
    own = {pk: _own_values(world, pk, segment, about, texts) for pk, segment in done.items()}
    present.begin(done, world.scheme, at=at, values={**about, "decided_by": user, "decided_at": now}, own=own)
    present.summary_set(done, world.scheme)
    overtaken = [proposal for pk, proposal in world.proposals.items() if pk in done]
    proposals_withdraw(overtaken, user=user, reason=_("The customer moved to another segment."))
    said = {"reason": about["reason"], "texts": {pk: str(values["text"]) for pk, values in own.items()}}
    moves_decided(world.scheme.pk, done, suggested=world.suggested, user=user, **said)


def _own_values(
    world: _World, customer_id: int, segment: Segment, about: Mapping[str, Any], texts: Mapping[int, str]
) -> dict[str, Any]:
    """Return what is the customer's own of a new membership: its text, whether it follows the criteria."""
    text = " ".join(part for part in (about["text"], texts.get(customer_id, "").strip()) if part)[:1_000]
    suggested = world.suggested.get(customer_id)
    if suggested is None:
        return {"text": text}
    return {"text": text, "criteria_version": suggested.version, "overrides": suggested.segment_id != segment.pk}


def segment_set(*, customer: Customer, segment: Segment, user: Any, **about: Any) -> Move:
    """Move one customer; see :func:`segments_set`. Raises :class:`BusinessRuleError` at ``segment`` if refused."""
    move = segments_set(wanted={customer.pk: segment}, user=user, **about)[customer.pk]
    if move.status == REFUSED:
        raise BusinessRuleError(move.code, move.message, field="segment")
    return move


@transaction.atomic
def segment_undo(*, customer: Customer, scheme: Scheme, user: Any, to: Any = ...) -> Membership | None:
    """Undo the last decision about a customer in an exclusive scheme: the earlier segment begins again, as *undone*.

    A first decision leaves no segment; that is possible for 24 hours. Where ``to`` is given (None: no segment), it must
    be what comes back. Returns the new membership. Raises :class:`BusinessRuleError` at ``segment``:
    ``nothing_to_undo``, ``undo_too_late``, ``segment_required``, ``needs_approval``, ``customer_passive``, those of
    :func:`segment_set`.
    """
    _refuse_passive(customer)
    last = Membership.objects.present().filter(customer=customer, scheme=scheme).select_related("segment").first()
    if last is None:
        raise BusinessRuleError("nothing_to_undo", _("There is no decision to undo."), field="segment")
    before = Membership.objects.filter(customer=customer, scheme=scheme, period__endswith=last.start)
    earlier = before.exclude(ended_as=EndKind.INACTIVE).select_related("segment").first()
    if to is not ... and to != (earlier.segment if earlier else None):
        raise BusinessRuleError("segment_required", no_empty_text(), field="segment")
    if last.segment.needs_approval or (earlier and earlier.segment.needs_approval):
        raise BusinessRuleError("needs_approval", _("The segment needs approval: make a proposal."), field="segment")
    if earlier is not None:
        segment_set(customer=customer, segment=earlier.segment, user=user, kind=MoveKind.UNDONE)
        return Membership.objects.present().get(customer=customer, scheme=scheme)
    if last.decided_at < clock.now() - UNDO_TIME:
        raise BusinessRuleError("undo_too_late", no_empty_text(), field="segment")
    present.end([last], at=present.next_moment([last], clock.now()), ended_as=EndKind.UNDONE)
    present.summary_set({customer.pk: None}, scheme)
    return None


def no_empty_text() -> str:
    return _("A customer stays in a segment until it becomes inactive: choose another segment.")


def _refuse_passive(customer: Customer) -> None:
    state = Customer.objects.select_for_update(no_key=True).values_list("state", flat=True).get(pk=customer.pk)
    if state == CustomerState.PASSIVE:
        raise BusinessRuleError("customer_passive", _("The customer is inactive."), field="segment")


@transaction.atomic
def segment_leave(*, customer: Customer, segment: Segment, user: Any) -> None:
    """End a membership in a scheme where a customer may be in several segments or in none.

    A segment that needs approval is left by a decision of its approvers (rule 7). Raises :class:`BusinessRuleError` at
    ``segment``: ``exclusive``, ``needs_approval``, ``not_setter``, ``customer_passive``.
    """
    _refuse_passive(customer)
    if segment.scheme.is_exclusive:
        raise BusinessRuleError("exclusive", no_empty_text(), field="segment")
    if segment.needs_approval and not (user.is_superuser or segment.approvers.filter(user=user.pk).exists()):
        text = _("The segment “%(segment)s” is left by a decision of those who approve it.") % {"segment": segment}
        raise BusinessRuleError("needs_approval", text, field="segment")
    if segment.pk not in settable([segment], user):
        text = _("Your group may not set the segment “%(segment)s”.") % {"segment": segment}
        raise BusinessRuleError("not_setter", text, field="segment")
    rows = list(Membership.objects.present().filter(customer=customer, segment=segment))
    present.end(rows, at=present.next_moment(rows, clock.now()), ended_as=EndKind.LEFT)


def customers_added(customer_ids: Collection[int]) -> None:
    """Give new customers without a segment the default segment of each scheme that has one."""
    schemes = Scheme.objects.in_use().filter(default_segment__isnull=False).select_related("default_segment")
    for scheme in schemes:
        held = Membership.objects.filter(scheme=scheme, customer__in=customer_ids).values_list("customer", flat=True)
        without = set(customer_ids) - set(held)
        assert scheme.default_segment is not None  # noqa: S101 - filtered above
        segments_set(wanted=dict.fromkeys(without, scheme.default_segment), user=None, kind=MoveKind.DEFAULT)


@transaction.atomic
def customers_left(customer_ids: Collection[int]) -> None:
    """End the memberships of customers that became inactive, and withdraw their open proposals."""
    rows = list(Membership.objects.present().filter(customer__in=list(customer_ids)).order_by("pk"))
    present.end(rows, at=present.next_moment(rows, clock.now()), ended_as=EndKind.INACTIVE)
    present.segments_refresh(customer_ids)
    proposals = Proposal.objects.open().filter(customer__in=list(customer_ids))
    leaving = Proposal.objects.open().filter(leaver__in=list(customer_ids))
    proposals_withdraw([*(proposals | leaving)], user=None, reason=_("The customer became inactive."))


_CONTINUE = """
UPDATE membership_membership m SET period = tstzrange(lower(m.period), NULL, '[)'), ended_as = ''
WHERE m.customer_id = ANY(%(ids)s) AND m.ended_as = %(inactive)s AND upper(m.period) >= %(since)s
    AND NOT m.id = ANY(%(surplus)s)
    AND NOT EXISTS (
        SELECT 1 FROM membership_membership n
        WHERE n.customer_id = m.customer_id AND n.scheme_id = m.scheme_id AND lower(n.period) >= upper(m.period)
    )
"""


@transaction.atomic
def customers_returned(customer_ids: Collection[int], since: dt.datetime) -> None:
    """Continue the memberships that ended by a deactivation at ``since`` or later, which is undone.

    Where others have taken the place since, a customer comes back without a segment: the limit holds here too.
    """
    values: dict[str, Any] = {"ids": list(customer_ids), "since": since, "inactive": EndKind.INACTIVE.value}
    values["surplus"] = _without_place(customer_ids, since)
    with connection.cursor() as cursor:
        cursor.execute(_CONTINUE, values)
    present.segments_refresh(customer_ids)


def _without_place(customer_ids: Collection[int], since: dt.datetime) -> list[int]:
    """Return the memberships that would continue beyond the limits of their segments; the longest ones come first."""
    ended = Membership.objects.filter(customer__in=list(customer_ids), ended_as=EndKind.INACTIVE)
    found = ended.filter(period__endswith__gte=since, segment__limit__isnull=False).select_related("segment")
    rows = sorted(found, key=lambda row: row.start)
    lock_segments({row.segment for row in rows})
    members, surplus = members_of({row.segment for row in rows}), []
    for row in rows:
        if is_full(row.segment, members[row.segment_id]):
            surplus.append(row.pk)
        else:
            members[row.segment_id] += 1
    return surplus


def segment_of(customer: Customer) -> Segment | None:
    """Return the customer's segment in the primary scheme."""
    found = Membership.objects.present().primary().filter(customer=customer).select_related("segment__scheme").first()
    return found.segment if found else None


def segments_of(customer: Customer) -> dict[str, list[Segment]]:
    """Return the customer's segments by the code of their scheme."""
    rows = Membership.objects.present().filter(customer=customer).select_related("segment__scheme")
    found: dict[str, list[Segment]] = {}
    for row in rows.order_by(F("scheme__order"), "segment__order"):
        found.setdefault(row.segment.scheme.code, []).append(row.segment)
    return found
