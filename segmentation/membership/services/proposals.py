"""Proposals of moves that need approval: made by people of the customer, decided by the approvers (rule 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from customers.models import Customer
from segmentation.membership.enums import PROPOSAL_TRANSITIONS, MoveKind, ProposalStatus
from segmentation.membership.models import Proposal, ProposalComment, ProposalStatusChange
from segmentation.schemes.models import Scheme, Segment


class ProposalStatusMachine(StatusMachine[Proposal]):
    transitions = PROPOSAL_TRANSITIONS
    history = ProposalStatusChange
    owner = "proposal"
    refusal_code = "already_decided"
    refusal_field = None

    def refusal(self, row: Proposal, status: Any) -> str:
        return _("The proposal has been decided already: %(status)s.") % {"status": row.get_status_display()}

    def enter(self, row: Proposal, status: Any, *, at: dt.datetime, reason: str) -> None:
        row.decided_at = at

    def decide(self, proposal: Proposal, status: str, *, user: Any, reason: str) -> Proposal:
        proposal.decided_by = user
        return self.write(proposal, status, user=user, reason=reason)


PROPOSAL_STATUS = ProposalStatusMachine()


def deciding_segment(proposal: Proposal) -> Segment | None:
    """Return the segment that the deciding approvers belong to: the one proposed, or else the one that is left."""
    return proposal.segment if proposal.segment.needs_approval else proposal.from_segment


def may_decide(user: Any, proposal: Proposal) -> bool:
    """Return whether the user is an approver of the segment and did not make the proposal."""
    segment = deciding_segment(proposal)
    if segment is None or user.pk == proposal.proposed_by_id:
        return False
    return bool(user.is_superuser or segment.approvers.filter(user=user.pk).exists())


def approvers_of(segment: Segment | None) -> QuerySet[User]:
    groups = segment.approvers.all() if segment else Group.objects.none()
    return User.objects.filter(is_active=True, groups__in=groups).distinct()


def proposals_add(
    wanted: Mapping[int, Segment], lefts: Mapping[int, Segment], scheme: Scheme, *, user: Any, **about: Any
) -> dict[int, Proposal]:
    """Add proposals for customers that the caller has locked and judged; return them by customer."""
    now = clock.now()
    made = Proposal.objects.bulk_create(
        Proposal(
            customer_id=pk,
            scheme=scheme,
            segment=segment,
            from_segment=lefts.get(pk),
            proposed_by=user,
            proposed_at=now,
            **about,
        )
        for pk, segment in wanted.items()
    )
    for proposal in made:
        PROPOSAL_STATUS.begin(proposal, user=user, reason=proposal.text)
    _notify_approvers(made, user)
    return {proposal.customer_id: proposal for proposal in made}


def _notify_approvers(proposals: Collection[Proposal], user: Any) -> None:
    """Notify the approvers and the owners of each proposal; of many at once only of how many there are."""
    by_segment: dict[Segment | None, list[Proposal]] = {}
    for proposal in proposals:
        by_segment.setdefault(deciding_segment(proposal), []).append(proposal)
    for segment, found in by_segment.items():
        people = [person for person in approvers_of(segment) if person != user]
        if len(found) == 1:
            _tell(found[0], people, "segment_proposed", user)
        else:
            url = "/segment-proposals/?awaiting=true"
            notify(users=people, kind="segments_proposed", url=url, count=len(found), segment=str(segment))
    if len(proposals) == 1:
        _tell_owner(next(iter(proposals)), "segment_proposed", user)


def _tell(proposal: Proposal, people: Iterable[Any], kind: str, user: Any, **data: str) -> None:
    names = {"customer": str(proposal.customer), "segment": str(proposal.segment), "user": str(user or "–")}
    notify(users=list(people), kind=kind, url=proposal.get_absolute_url(), **names, **data)


def _tell_owner(proposal: Proposal, kind: str, user: Any, *, besides: Collection[Any] = (), **data: str) -> None:
    owner = proposal.customer.summary.owner
    if owner and owner != user and owner not in besides:
        _tell(proposal, [owner], kind, user, **data)


@transaction.atomic
def proposal_make(
    *,
    customer: Customer,
    segment: Segment,
    user: Any,
    leaver: Customer | None = None,
    leaver_segment: Segment | None = None,
    reason: Any = None,
    text: str = "",
) -> Proposal:
    """Propose a customer to a segment that needs approval, or from one; a full segment needs one that leaves it.

    Raises :class:`BusinessRuleError`: at ``segment`` ``no_approval_needed`` and those of ``segment_set``; at ``leaver``
    ``full``, ``not_member``, ``same_customer``; at ``leaver_segment`` ``leaver_segment_missing``, ``retired``,
    ``needs_approval``.
    """
    from segmentation.membership.services.moves import segments_set  # both ways: a move may be a proposal

    ids = sorted({customer.pk, *([leaver.pk] if leaver else [])})
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    _check_leaver(customer, segment, leaver, leaver_segment)
    move = segments_set(wanted={customer.pk: segment}, user=user, reason=reason, text=text, write=False)[customer.pk]
    is_full = move.code == "full"
    if move.status == "set" or (move.status == "same" and move.proposal is None):
        message = _("This move needs no approval: set the segment.")
        raise BusinessRuleError("no_approval_needed", message, field="segment")
    if is_full and leaver is None:
        full = _("“%(segment)s” is full: choose the customer that makes room.") % {"segment": segment}
        raise BusinessRuleError(move.code, full, field="leaver")
    if move.status != "proposed" and not is_full:
        raise BusinessRuleError(move.code, move.message, field="segment")
    held = _present_segment(customer, segment.scheme_id)
    about = {"reason": reason, "text": text.strip()[:1_000], "leaver": leaver, "leaver_segment": leaver_segment}
    made = proposals_add(
        {customer.pk: segment},
        {customer.pk: held} if held else {},
        segment.scheme,
        user=user,
        kind=MoveKind.SET,
        **about,
    )
    return made[customer.pk]


def _present_segment(customer: Customer, scheme_id: int) -> Segment | None:
    rows = customer.memberships.filter(period__upper_inf=True, scheme=scheme_id).select_related("segment")
    found = rows.first()
    return found.segment if found else None


def _check_leaver(
    customer: Customer, segment: Segment, leaver: Customer | None, leaver_segment: Segment | None
) -> None:
    if leaver is None:
        return
    if leaver == customer:
        raise BusinessRuleError("same_customer", _("Choose another customer to leave."), field="leaver")
    if _present_segment(leaver, segment.scheme_id) != segment:
        text = _("%(customer)s is not in “%(segment)s”.") % {"customer": leaver, "segment": segment}
        raise BusinessRuleError("not_member", text, field="leaver")
    if leaver_segment is None or leaver_segment == segment or leaver_segment.scheme_id != segment.scheme_id:
        text = _("Choose the segment that %(customer)s moves to.") % {"customer": leaver}
        raise BusinessRuleError("leaver_segment_missing", text, field="leaver_segment")
    if leaver_segment.is_retired:
        text = _("The segment “%(segment)s” is retired.") % {"segment": leaver_segment}
        raise BusinessRuleError("retired", text, field="leaver_segment")
    if leaver_segment.needs_approval:
        text = _("“%(segment)s” needs approval, too: choose another segment.") % {"segment": leaver_segment}
        raise BusinessRuleError("needs_approval", text, field="leaver_segment")


@transaction.atomic
def proposal_approve(*, proposal: Proposal, user: Any, text: str = "", version: int | None = None) -> Proposal:
    """Approve a proposal: the customer moves, and the one that makes room with it, in one decision.

    Customers are locked before the segment: of two approvals at once the second one counts what the first wrote.
    Raises :class:`BusinessRuleError`: ``already_decided``, ``not_approver``, ``own_proposal``, ``full``,
    ``not_member``, ``retired``, ``needs_approval``, ``customer_passive``; :class:`StaleVersionError`.
    """
    from segmentation.membership.services.moves import segments_set

    locked = _lock_open(proposal, version)
    _check_approver(locked, user)
    ids = [pk for pk in (locked.customer_id, locked.leaver_id) if pk]
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    list(Segment.objects.select_for_update(no_key=True).filter(pk=locked.segment_id).values_list("pk"))
    _check_leaver(locked.customer, locked.segment, locked.leaver, locked.leaver_segment)
    locked = PROPOSAL_STATUS.decide(locked, ProposalStatus.APPROVED, user=user, reason=text)
    about = {"user": user, "kind": MoveKind.APPROVED, "reason": locked.reason, "text": locked.text, "direct": True}
    moves: list[tuple[Any, Any]] = [(locked.leaver, locked.leaver_segment)] if locked.leaver else []
    for customer, segment in [*moves, (locked.customer, locked.segment)]:
        move = segments_set(wanted={customer.pk: segment}, proposal=locked, **about)[customer.pk]
        if move.status == "refused":
            raise BusinessRuleError(move.code, move.message)
    _tell_decision(locked, user, "segment_approved", text)
    return locked


def _lock_open(proposal: Proposal, version: int | None) -> Proposal:
    locked = lock(proposal)
    check_version(locked, version)
    PROPOSAL_STATUS.check(locked, ProposalStatus.WITHDRAWN)
    return locked


def proposal_check(proposal: Proposal, user: Any = None) -> None:
    """Raise ``already_decided``; where a user decides about the proposal, also ``own_proposal``, ``not_approver``."""
    PROPOSAL_STATUS.check(proposal, ProposalStatus.WITHDRAWN)
    if user:
        _check_approver(proposal, user)


def _check_approver(proposal: Proposal, user: Any) -> None:
    if proposal.proposed_by_id == user.pk:
        raise BusinessRuleError("own_proposal", _("Somebody else decides about your own proposal."))
    if not may_decide(user, proposal):
        raise BusinessRuleError("not_approver", _("Your group does not decide about this segment."))


def _tell_decision(proposal: Proposal, user: Any, kind: str, text: str) -> None:
    proposer = proposal.proposed_by
    if proposer and proposer != user:
        _tell(proposal, [proposer], kind, user, text=text)
    _tell_owner(proposal, kind, user, besides=[proposer], text=text)


@transaction.atomic
def proposal_reject(*, proposal: Proposal, user: Any, reason: str, version: int | None = None) -> Proposal:
    """Reject a proposal with a reason; the customer stays where it is.

    Raises :class:`BusinessRuleError`: ``already_decided``, ``not_approver``, ``own_proposal``, ``reason_required``.
    """
    locked = _lock_open(proposal, version)
    _check_approver(locked, user)
    locked = PROPOSAL_STATUS.decide(locked, ProposalStatus.REJECTED, user=user, reason=check_reason(reason))
    _tell_decision(locked, user, "segment_rejected", reason)
    return locked


@transaction.atomic
def proposal_withdraw(*, proposal: Proposal, user: Any, reason: str = "", version: int | None = None) -> Proposal:
    """Withdraw an open proposal. Raises :class:`BusinessRuleError` ``already_decided``."""
    locked = _lock_open(proposal, version)
    return PROPOSAL_STATUS.decide(locked, ProposalStatus.WITHDRAWN, user=user, reason=reason)


def proposals_withdraw(proposals: Iterable[Proposal], *, user: Any, reason: str) -> None:
    """Withdraw open proposals that something else has overtaken."""
    for proposal in proposals:
        locked = lock(proposal)
        if locked.is_open:
            PROPOSAL_STATUS.decide(locked, ProposalStatus.WITHDRAWN, user=user, reason=reason)


def segment_counts(segment: Segment) -> tuple[int, int]:
    """Return how many customers a segment has now, and how many open proposals are about it alone."""
    return segment.memberships.filter(period__upper_inf=True).count(), _decided_by(segment).count()


def _decided_by(segment: Segment) -> QuerySet[Proposal]:
    """Return the open proposals that need approval only because of one segment."""
    to_it = Q(segment=segment) & (Q(from_segment__isnull=True) | Q(from_segment__needs_approval=False))
    from_it = Q(from_segment=segment, segment__needs_approval=False)
    return Proposal.objects.open().filter(to_it | from_it)


def approval_ended(segment: Segment, user: Any) -> None:
    """Withdraw the open proposals that nobody needs to approve: the segment needs no approval any more."""
    proposals_withdraw(list(_decided_by(segment)), user=user, reason=_("The segment needs no approval any more."))


@transaction.atomic
def proposal_comment(*, proposal: Proposal, user: Any, text: str) -> ProposalComment:
    """Add a comment to an open proposal.

    Raises :class:`BusinessRuleError`: ``already_decided``, ``reason_required``.
    """
    locked = _lock_open(proposal, None)
    words = check_reason(text, longest=2_000)
    return ProposalComment.objects.create(proposal=locked, user=user, text=words, at=clock.now())
