"""Approval of an offer before it is sent: content, price, signature, each by a user who has the right.

An approval applies to one content of the offer (``Offer.content_version``). Requesting and deciding both lock the
offer, so that nobody approves content that is being changed.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from core.status import SHORTEST_REASON
from offers.offers import validators
from offers.offers.enums import UNDECIDED, ApprovalState, ApprovalStep
from offers.offers.models import Approval, Offer
from offers.offers.selectors import approvers_of, is_approved, step_states

DECISIONS = (ApprovalState.APPROVED, ApprovalState.REJECTED)


def check_approved(offer: Offer) -> None:
    """Raise ``approval_missing`` unless the current content has every approval that its type requires."""
    if not is_approved(offer):
        raise BusinessRuleError("approval_missing", _("This offer must be approved before it is sent."))


@transaction.atomic
def approvals_ask(*, offer: Offer, user: User) -> list[Approval]:
    """Request the missing approvals of the current content, notify the first approvers, return the new ones.

    Rejected steps are requested again; approved ones are kept. Raises :class:`BusinessRuleError`: ``offer_decided``,
    ``approval_not_needed``, ``approval_asked``, ``customer_passive``.
    """
    offer = lock(offer)
    _check_undecided(offer)
    validators.check_customer(offer.customer)
    states = step_states(offer)
    if not states:
        raise BusinessRuleError("approval_not_needed", _("This offer needs no approval."))
    requested = [
        _request_approval(offer, state.step, state.approval, user)
        for state in states
        if state.approval is None or state.approval.state == ApprovalState.REJECTED
    ]
    if not requested:
        raise BusinessRuleError("approval_asked", _("Approval has already been requested."))
    _notify_next(offer, by=user)
    return requested


def _request_approval(offer: Offer, step: ApprovalStep, approval: Approval | None, user: User) -> Approval:
    approval = approval or Approval(offer=offer, content_version=offer.content_version, step=step)
    approval.state, approval.asked_by, approval.asked_at = ApprovalState.WAITING, user, clock.now()
    approval.decided_by = approval.decided_at = None
    approval.comment = ""
    approval.save()
    return approval


@transaction.atomic
def approval_decide(*, approval: Approval, user: User, state: ApprovalState, comment: str = "") -> Approval:
    """Approve a step, or send the offer back with a comment; notify the next approvers or the requester.

    Steps are approved in their order, not by the author or the requester (four-eyes principle). Raises
    :class:`BusinessRuleError`: ``offer_decided``, ``approval_outdated``, ``approval_decided``, ``approval_own``,
    ``approval_order``, ``comment_required``, ``state_not_allowed``.
    """
    offer = lock(approval.offer)
    approval = Approval.objects.select_for_update().get(pk=approval.pk)
    if state not in DECISIONS:
        raise BusinessRuleError("state_not_allowed", _("Approve it or send it back."))
    _check_decidable(offer, approval, user)
    approval.comment = comment.strip()[:1_000]
    if state == ApprovalState.REJECTED and len(approval.comment) < SHORTEST_REASON:
        raise BusinessRuleError("comment_required", _("Describe what needs to be changed."), field="comment")
    approval.state, approval.decided_by, approval.decided_at = state, user, clock.now()
    approval.save()
    _notify_decided(offer, approval)
    return approval


def _check_undecided(offer: Offer) -> None:
    if offer.status not in UNDECIDED:
        raise BusinessRuleError("offer_decided", _("This offer has already been decided."))


def _check_decidable(offer: Offer, approval: Approval, user: User) -> None:
    """Check that the approval waits, concerns the current content, is the next step, and is not the user's own."""
    _check_undecided(offer)
    validators.check_customer(offer.customer)
    if approval.content_version != offer.content_version:
        message = _("The offer has changed in the meantime. Request approval again.")
        raise BusinessRuleError("approval_outdated", message)
    if approval.state != ApprovalState.WAITING:
        message = _("%(user)s has already decided this.") % {"user": approval.decided_by}
        raise BusinessRuleError("approval_decided", message)
    before = list(ApprovalStep)[: list(ApprovalStep).index(ApprovalStep(approval.step))]
    earlier = Approval.objects.filter(offer=offer, content_version=offer.content_version, step__in=before)
    if earlier.exclude(state=ApprovalState.APPROVED).exists():
        raise BusinessRuleError("approval_order", _("The previous step has not been approved yet."))
    if user.pk in (offer.owner_id, approval.asked_by_id):
        message = _("You cannot approve an offer that you wrote or requested approval for.")
        raise BusinessRuleError("approval_own", message)


def _notify_next(offer: Offer, *, by: User) -> None:
    """Notify the users who may give the next approval, except the author and the requester."""
    following = next((state for state in step_states(offer) if state.is_next and state.approval), None)
    if following is None or following.approval is None:
        return
    requester = following.approval.asked_by or by
    recipients = approvers_of(following.step).exclude(pk__in=[offer.owner_id, requester.pk, by.pk])
    _notify(list(recipients), "approval_asked", offer, by=requester, step=str(following.step.value))


def _notify_decided(offer: Offer, approval: Approval) -> None:
    user = approval.decided_by
    assert user is not None  # noqa: S101 - it has just been decided
    recipients = [person for person in {approval.asked_by, offer.owner} if person and person != user]
    if approval.state == ApprovalState.REJECTED:
        _notify(recipients, "offer_sent_back", offer, by=user, comment=approval.comment)
    elif is_approved(offer):
        _notify(recipients, "offer_approved", offer, by=user)
    else:
        _notify_next(offer, by=user)


def _notify(users: list[User], kind: str, offer: Offer, *, by: User, **data: str) -> None:
    notify(
        users=users,
        kind=kind,
        url=offer.get_absolute_url(),
        title=offer.title,
        number=offer.number,
        customer=str(offer.customer),
        user=str(by),
        **data,
    )
