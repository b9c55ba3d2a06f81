"""Claim, assign, return and close leads, and make their customers potential ones after the first mutual contact."""

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
from core.segments import PROPOSED, SET, segment_of, segment_set
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from customers.models import Customer
from segmentation.schemes.models import Scheme, Segment

#: Neither closed nor converted.
OPEN_STATES = (LeadState.UNASSIGNED, LeadState.CLAIMED)

#: The status of the activity in each state of its lead: it stays open until it is closed or has become a customer.
STATUSES = {
    LeadState.UNASSIGNED: ActivityStatus.OPEN,
    LeadState.CLAIMED: ActivityStatus.IN_PROGRESS,
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
        return _("This is not possible in the lead's current state.")

    def enter(self, lead: Lead, state: str, *, at: dt.datetime, reason: str) -> None:
        lead.state_reason = reason[:500]


LEAD_STATE = LeadStateMachine()


@dataclass(frozen=True)
class Conversion:
    """The result of a conversion: the customer's segment, and whether the conversion set or proposed it."""

    activity: Activity
    segment: Segment | None
    is_given: bool
    is_proposed: bool = False


def lead_fill(lead: Lead) -> None:
    """Notify the user that a new lead is offered to; close a lead that is logged as done."""
    if lead.activity.status == ActivityStatus.DONE:
        lead.state = LeadState.CLOSED
    elif lead.offered_to:
        _notify(lead.offered_to, "lead_offered", lead.activity, by=lead.activity.created_by)


def lead_check_open(activity: Activity) -> None:
    """Raise ``lead_open`` if the activity is done although its lead is neither closed nor converted."""
    lead = getattr(activity, "lead", None)
    if lead and activity.status == ActivityStatus.DONE and lead.state in OPEN_STATES:
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

    A claimed lead belongs to ``taker`` (default ``user``), who replaces its opener as participant and is notified if
    somebody else assigned it. Returning and reopening require ``reason`` and notify the opener; closing requires
    ``close_reason``. Setting the present state changes nothing. Raises :class:`BusinessRuleError`:
    ``state_not_allowed``, ``already_taken``, ``user_inactive``, ``reason_required``, ``close_reason_required``,
    ``customer_passive``; :class:`StaleVersionError`.
    """
    locked, lead = _lock_lead(activity, version)
    if lead.state == state:
        if state == LeadState.CLAIMED and lead.taken_by_id != (taker or user).pk:
            message = _("%(user)s has already claimed this lead.") % {"user": lead.taken_by}
            raise BusinessRuleError("already_taken", message)
        return locked
    LEAD_STATE.check(lead, state)
    if step := _STEPS.get(state):
        step(lead, taker or user, close_reason, reason)
    LEAD_STATE.write(lead, state, user=user, reason=reason)
    return _update_activity(locked, lead, user)


def _claim(lead: Lead, taker: User, _close_reason: LeadCloseReason | None, _reason: str) -> None:
    if not taker.is_active:
        message = _("%(user)s does not work here any more.") % {"user": taker}
        raise BusinessRuleError("user_inactive", message, field="taker")
    lead.taken_by, lead.taken_at = taker, clock.now()


def _make_unassigned(lead: Lead, _taker: User, _close_reason: LeadCloseReason | None, reason: str) -> None:
    check_reason(reason)
    lead.taken_by = lead.taken_at = lead.offered_to = lead.close_reason = None


def _close(lead: Lead, _taker: User, close_reason: LeadCloseReason | None, _reason: str) -> None:
    if close_reason is None or close_reason.is_retired:
        raise BusinessRuleError("close_reason_required", _("Choose why the lead is closed."), field="close_reason")
    lead.close_reason = close_reason


def _become_offer(lead: Lead, taker: User, _close_reason: LeadCloseReason | None, _reason: str) -> None:
    """Claim an unassigned lead for the person who makes the offer."""
    if lead.taken_by is None:
        _claim(lead, taker, None, "")


_STEPS: dict[LeadState, Callable[[Lead, User, LeadCloseReason | None, str], None]] = {
    LeadState.UNASSIGNED: _make_unassigned,
    LeadState.CLAIMED: _claim,
    LeadState.OFFER: _become_offer,
    LeadState.CLOSED: _close,
}


def _update_activity(activity: Activity, lead: Lead, user: User) -> Activity:
    """Update the activity's status and participants to the state of its lead, and notify its new holder."""
    status = STATUSES[LeadState(lead.state)]
    if status != activity.status and status not in ACTIVITY_STATUS.following(activity):
        activity = activity_set_status(
            activity=activity,
            status=ActivityStatus.OPEN,
            user=user,
            reason=lead.state_reason or lead.get_state_display(),
        )
    activity = activity_set_status(activity=activity, status=status, user=user, reason=lead.state_reason)
    if lead.state == LeadState.CLAIMED:
        _set_participant(activity, lead.taken_by, instead_of=activity.created_by)
        _notify(lead.taken_by, "lead_given", activity, by=user)
    elif lead.state == LeadState.UNASSIGNED:
        _set_participant(activity, activity.created_by, instead_of=None)
        _notify(activity.created_by, "lead_returned", activity, by=user, reason=lead.state_reason)
    Activity.objects.filter(pk=activity.pk).update(version=activity.version + 1, updated_at=clock.now())
    activity.version += 1
    return activity


def _set_participant(activity: Activity, person: User | None, *, instead_of: User | None) -> None:
    """Add ``person`` to the activity's participants and remove ``instead_of``."""
    if person is None or not person.is_active:
        return
    participant_add(activity=activity, user=person)
    if instead_of and instead_of != person:
        activity.participations.filter(user=instead_of).delete()


@transaction.atomic
def lead_to_customer(*, activity: Activity, user: User, contact: Activity, version: int | None = None) -> Conversion:
    """Make the customer of a claimed lead a potential one, after ``contact``, their first mutual contact.

    The contact is linked to the lead. A customer without a segment gets the one that its scheme gives by a mutual
    contact, if ``user`` may set it; otherwise its owner is notified. Raises :class:`BusinessRuleError`:
    ``customer_required``, ``contact_not_mutual``, ``state_not_allowed``, ``customer_passive``;
    :class:`StaleVersionError`.
    """
    locked, lead = _lock_lead(activity, version)
    customer = locked.customer
    if customer is None:
        raise BusinessRuleError("customer_required", _("Choose the customer of the lead first."), field="contact")
    if lead.state == LeadState.CUSTOMER:
        return Conversion(locked, segment_of(customer), is_given=False)
    _check_mutual(locked, contact)
    converted = lead_set_state(activity=locked, state=LeadState.CUSTOMER, user=user)
    Activity.objects.filter(pk=contact.pk, follows__isnull=True).update(follows=converted)
    outcome = _set_lead_segment(customer, user) if segment_of(customer) is None else ""
    segment = segment_of(customer)
    if segment is None and outcome != PROPOSED:
        _notify(customer.summary.owner, "lead_customer", converted, by=user)
    return Conversion(converted, segment, is_given=outcome == SET, is_proposed=outcome == PROPOSED)


def _check_mutual(lead: Activity, contact: Activity) -> None:
    is_mutual = contact.type.is_contact and contact.status == ActivityStatus.DONE and contact.pk != lead.pk
    if not is_mutual or contact.customer_id != lead.customer_id:
        message = _("Choose a completed contact with this customer.")
        raise BusinessRuleError("contact_not_mutual", message, field="contact")


def _set_lead_segment(customer: Customer, user: User) -> str:
    """Give the customer the segment of a mutual contact; return what became of it, nothing if that was not possible."""
    scheme = Scheme.objects.primary().select_related("lead_segment").first()
    segment = scheme.lead_segment if scheme else None
    if segment is None or not allowed(user, "customers.classify_customer", customer):
        return ""
    try:
        with transaction.atomic():
            return segment_set(customer=customer, segment=segment, user=user, kind="lead").status
    except BusinessRuleError:  # the groups that set the segment do not include the user
        return ""


def _lock_lead(activity: Activity, version: int | None) -> tuple[Activity, Lead]:
    locked = lock(activity)
    check_version(locked, version)
    validators.check_customer(locked.type, locked.customer)
    return locked, Lead.objects.select_related("taken_by").get(pk=locked.pk)


def _notify(person: User | None, kind: str, activity: Activity, *, by: User | None, **data: str) -> None:
    if person and person != by:
        data |= {"title": activity.title, "customer": str(activity.customer or "–"), "user": str(by or "–")}
        notify(users=[person], kind=kind, url=activity.get_absolute_url(), **data)
