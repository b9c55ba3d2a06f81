"""Leads: taking up, returning, closing, and becoming a potential customer after the first mutual contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.models import Lead, LeadCloseReason
from activities.log import validators
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import participant_add
from activities.log.services.status import ACTIVITY_STATUS, activity_set_status
from core import clock
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from customers.enums import BranchPurpose
from customers.models import ClassificationNode, Customer
from customers.services.assignments import classifications_set

POTENTIAL = "P"

#: Neither closed nor a customer.
GOING_ON = (LeadState.UNTAKEN, LeadState.TAKEN)

#: The status of the activity in each state of its lead: it stays open until it is closed or has become a customer.
STATUSES = {
    LeadState.UNTAKEN: ActivityStatus.OPEN,
    LeadState.TAKEN: ActivityStatus.IN_PROGRESS,
    LeadState.CUSTOMER: ActivityStatus.DONE,
    LeadState.OFFER: ActivityStatus.DONE,
    LeadState.CLOSED: ActivityStatus.DONE,
}


class LeadStateMachine(StatusMachine[Lead]):
    """The states of leads. Their history is that of the activity's status, which follows them."""

    transitions = LEAD_TRANSITIONS
    field = "state"
    refusal_code = "state_not_allowed"
    refusal_field = None

    def refusal(self, lead: Lead, state: str) -> str:
        return _("This cannot follow the lead's present state.")

    def enter(self, lead: Lead, state: str, *, at: dt.datetime, reason: str) -> None:
        lead.state_reason = reason[:500]


LEAD_STATE = LeadStateMachine()


@dataclass(frozen=True)
class Conversion:
    """A lead that became a customer: the segment that the customer has now, and whether it was given just now."""

    activity: Activity
    segment: ClassificationNode | None
    is_given: bool


def lead_fill(lead: Lead) -> None:
    """Tell whom a new lead is offered to. One that is logged as done has been dealt with."""
    if lead.activity.status == ActivityStatus.DONE:
        lead.state = LeadState.CLOSED
    elif lead.offered_to:
        _tell(lead.offered_to, "lead_offered", lead.activity, by=lead.activity.created_by)


def lead_check_open(activity: Activity) -> None:
    """A lead stays open until it is closed with a reason or has become a customer. Raise ``lead_open``."""
    lead = getattr(activity, "lead", None)
    if lead and activity.status == ActivityStatus.DONE and lead.state in GOING_ON:
        message = _("A lead stays open until it is closed with a reason or becomes a potential customer.")
        raise BusinessRuleError("lead_open", message, field="status")


@transaction.atomic
def lead_set_state(
    *,
    activity: Activity,
    state: LeadState,
    user: User,
    taker: User | None = None,
    close_reason: LeadCloseReason | None = None,
    reason: str = "",
    version: int | None = None,
) -> Activity:
    """Move a lead to ``state`` by :data:`LEAD_TRANSITIONS`, its activity's status with it; return the activity.

    Taken up by ``taker`` (``user``), who takes part instead of its opener and is told when somebody else gives it;
    returned or opened again with ``reason``, the opener is told; closed with ``close_reason``. The state that it has
    already changes nothing. Raises :class:`BusinessRuleError`: ``state_not_allowed``, ``already_taken``,
    ``user_inactive``, ``reason_required``, ``close_reason_required``, ``customer_passive``;
    :class:`StaleVersionError`.
    """
    row, lead = _locked(activity, version)
    if lead.state == state:
        return _stay(row, lead, taker or user)
    LEAD_STATE.check(lead, state)
    if step := _STEPS.get(state):
        step(lead, taker or user, close_reason, reason)
    LEAD_STATE.write(lead, state, user=user, reason=reason)
    return _follow(row, lead, user)


def _stay(activity: Activity, lead: Lead, taker: User) -> Activity:
    if lead.state == LeadState.TAKEN and lead.taken_by_id != taker.pk:
        raise BusinessRuleError("already_taken", _("%(user)s has taken this up already.") % {"user": lead.taken_by})
    return activity


def _take(lead: Lead, taker: User, _close_reason: LeadCloseReason | None, _reason: str) -> None:
    if not taker.is_active:
        message = _("%(user)s does not work here any more.") % {"user": taker}
        raise BusinessRuleError("user_inactive", message, field="taker")
    lead.taken_by, lead.taken_at = taker, clock.now()


def _open_again(lead: Lead, _taker: User, _close_reason: LeadCloseReason | None, reason: str) -> None:
    check_reason(reason)
    lead.taken_by = lead.taken_at = lead.offered_to = lead.close_reason = None


def _close(lead: Lead, _taker: User, close_reason: LeadCloseReason | None, _reason: str) -> None:
    if close_reason is None or close_reason.is_retired:
        raise BusinessRuleError("close_reason_required", _("Choose why the lead is closed."), field="close_reason")
    lead.close_reason = close_reason


def _become_offer(lead: Lead, taker: User, _close_reason: LeadCloseReason | None, _reason: str) -> None:
    """Who makes an offer of an untaken lead takes it up by that."""
    if lead.taken_by is None:
        _take(lead, taker, None, "")


_STEPS: dict[LeadState, Callable[[Lead, User, LeadCloseReason | None, str], None]] = {
    LeadState.UNTAKEN: _open_again,
    LeadState.TAKEN: _take,
    LeadState.OFFER: _become_offer,
    LeadState.CLOSED: _close,
}


def _follow(activity: Activity, lead: Lead, user: User) -> Activity:
    """Bring status and participants of the activity after its lead, and tell whom it concerns."""
    status = STATUSES[LeadState(lead.state)]
    if status != activity.status and status not in ACTIVITY_STATUS.following(activity):
        activity = activity_set_status(
            activity=activity,
            status=ActivityStatus.OPEN,
            user=user,
            reason=lead.state_reason or lead.get_state_display(),
        )
    activity = activity_set_status(activity=activity, status=status, user=user, reason=lead.state_reason)
    if lead.state == LeadState.TAKEN:
        _hand_to(activity, lead.taken_by, instead_of=activity.created_by)
        _tell(lead.taken_by, "lead_given", activity, by=user)
    elif lead.state == LeadState.UNTAKEN:
        _hand_to(activity, activity.created_by, instead_of=None)
        _tell(activity.created_by, "lead_returned", activity, by=user, reason=lead.state_reason)
    Activity.objects.filter(pk=activity.pk).update(version=activity.version + 1, updated_at=clock.now())
    activity.version += 1
    return activity


def _hand_to(activity: Activity, person: User | None, *, instead_of: User | None) -> None:
    """Make the activity ``person``'s own, and no longer that of who merely opened it."""
    if person is None or not person.is_active:
        return
    participant_add(activity=activity, user=person)
    if instead_of and instead_of != person:
        activity.participations.filter(user=instead_of).delete()


@transaction.atomic
def lead_to_customer(*, activity: Activity, user: User, contact: Activity, version: int | None = None) -> Conversion:
    """Make the customer of a taken lead a potential one, after ``contact``, their first mutual contact.

    The contact is linked to the lead. A customer without a segment is given *potential* when ``user`` may give it;
    else its owner is told. Raises :class:`BusinessRuleError`: ``customer_required``, ``contact_not_mutual``,
    ``state_not_allowed``, ``customer_passive``; :class:`StaleVersionError`.
    """
    row, lead = _locked(activity, version)
    if row.customer is None:
        raise BusinessRuleError("customer_required", _("Choose the customer of the lead first."), field="contact")
    if lead.state == LeadState.CUSTOMER:
        return Conversion(row, _segment_of(row.customer), is_given=False)
    _check_mutual(row, contact)
    row = lead_set_state(activity=row, state=LeadState.CUSTOMER, user=user)
    Activity.objects.filter(pk=contact.pk, follows__isnull=True).update(follows=row)
    is_given = _give_potential(row.customer, user) if row.customer and _segment_of(row.customer) is None else False
    segment = _segment_of(row.customer) if row.customer else None
    if segment is None and row.customer:
        _tell(row.customer.summary.owner, "lead_customer", row, by=user)
    return Conversion(row, segment, is_given)


def _check_mutual(lead: Activity, contact: Activity) -> None:
    is_mutual = contact.type.is_contact and contact.status == ActivityStatus.DONE and contact.pk != lead.pk
    if not is_mutual or contact.customer_id != lead.customer_id:
        message = _("Choose a contact with this customer that has taken place.")
        raise BusinessRuleError("contact_not_mutual", message, field="contact")


def _segment_of(customer: Customer) -> ClassificationNode | None:
    held = ClassificationNode.objects.filter(customerclassifications__customer=customer)
    return held.filter(branch__purpose=BranchPurpose.SEGMENT).first()


def _give_potential(customer: Customer, user: User) -> bool:
    node = ClassificationNode.objects.in_use().filter(branch__purpose=BranchPurpose.SEGMENT, code=POTENTIAL).first()
    if node is None or not allowed(user, "customers.classify_customer", customer):
        return False
    try:
        with transaction.atomic():
            classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)
    except BusinessRuleError:  # the class's own assigners do not include the user
        return False
    return True


def _locked(activity: Activity, version: int | None) -> tuple[Activity, Lead]:
    row = lock(activity)
    check_version(row, version)
    validators.check_customer(row.type, row.customer)
    return row, Lead.objects.select_related("taken_by").get(pk=row.pk)


def _tell(person: User | None, kind: str, activity: Activity, *, by: User | None, **data: str) -> None:
    if person and person != by:
        words = {"title": activity.title, "customer": str(activity.customer or "–"), "user": str(by or "–"), **data}
        notify(users=[person], kind=kind, url=activity.get_absolute_url(), **words)
