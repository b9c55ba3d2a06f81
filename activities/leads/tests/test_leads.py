"""Leads: every step of their states, what comes with it, and becoming a potential customer."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.models import Lead, LeadCloseReason
from activities.leads.services import STATUSES, lead_set_state, lead_to_customer
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from core.exceptions import BusinessRuleError
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.tests.factories import segment
from segmentation.schemes.models import Scheme, Segment

pytestmark = pytest.mark.django_db


def open_lead(user=None, **kwargs):
    given = {"title": "Needs training", "customer": CustomerFactory(), **kwargs}
    return activity_log(user=user or UserFactory(), type=activity_type("lead"), **given)


def lead_in(state, **kwargs):
    activity = open_lead(**kwargs)
    Lead.objects.update(state=state, taken_by=UserFactory() if state == LeadState.CLAIMED else None)
    Activity.objects.filter(pk=activity.pk).update(status=STATUSES[state])
    return Activity.objects.get(pk=activity.pk)


def close_reason():
    return LeadCloseReason.objects.get_or_create(code="no_need", defaults={"name_fi": "Ei", "name_en": "No need"})[0]


def move(activity, state, **kwargs):
    given = {"user": UserFactory(), "reason": "Because", "close_reason": close_reason(), **kwargs}
    return lead_set_state(activity=activity, state=state, **given)


def notified_users(kind):
    return set(Notification.objects.filter(kind=kind).values_list("user__username", flat=True))


@pytest.mark.parametrize("old", LeadState)
@pytest.mark.parametrize("new", LeadState)
def test_every_step_is_allowed_or_refused_as_the_table_says(old, new):
    activity = lead_in(old)
    if new in LEAD_TRANSITIONS[old]:
        moved = move(activity, new)
        assert (Lead.objects.get().state, moved.status) == (new, STATUSES[new])
    elif new == old:
        move(activity, new, taker=Lead.objects.get().taken_by)
        assert Lead.objects.get().state == old
    else:
        with pytest.raises(BusinessRuleError) as error:
            move(activity, new)
        assert error.value.code == "state_not_allowed"
        assert Lead.objects.get().state == old


def test_a_lead_stays_open_until_it_is_closed():
    with pytest.raises(BusinessRuleError) as error:
        activity_set_status(activity=open_lead(), status=ActivityStatus.DONE, user=UserFactory())
    assert error.value.code == "lead_open"
    assert Activity.objects.get().status == ActivityStatus.OPEN


def test_a_taken_lead_is_its_takers_own_instead_of_its_openers():
    opener, taker = UserFactory(), UserFactory()
    activity = move(open_lead(opener), LeadState.CLAIMED, user=taker)
    assert list(activity.users.all()) == [taker]
    assert Lead.objects.get().taken_by == taker


def test_of_two_who_take_a_lead_the_second_is_told():
    activity = open_lead()
    move(activity, LeadState.CLAIMED, user=UserFactory(first_name="Maija", last_name="Salo"))
    with pytest.raises(BusinessRuleError, match="Maija Salo"):
        move(activity, LeadState.CLAIMED, user=UserFactory())


def test_taking_twice_is_taking_once():
    activity, taker = open_lead(), UserFactory()
    move(activity, LeadState.CLAIMED, user=taker)
    taken_at = Lead.objects.get().taken_at
    move(activity, LeadState.CLAIMED, user=taker)
    assert Lead.objects.get().taken_at == taken_at


def test_who_is_given_a_lead_is_told():
    taker = UserFactory()
    move(open_lead(), LeadState.CLAIMED, taker=taker)
    assert notified_users("lead_given") == {taker.username}


def test_a_lead_is_not_given_to_one_who_has_left():
    with pytest.raises(BusinessRuleError) as error:
        move(open_lead(), LeadState.CLAIMED, taker=UserFactory(is_active=False))
    assert (error.value.code, error.value.field) == ("user_inactive", "taker")


def test_whom_a_lead_is_offered_to_is_told():
    offered = UserFactory()
    open_lead(details={"offered_to": offered})
    assert notified_users("lead_offered") == {offered.username}


def test_a_returned_lead_is_its_openers_again_who_is_told_the_reason():
    opener, taker = UserFactory(), UserFactory()
    activity = move(open_lead(opener), LeadState.CLAIMED, user=taker)
    activity = move(activity, LeadState.UNASSIGNED, user=taker, reason="Too far away")
    assert opener in activity.users.all()
    assert Lead.objects.get().taken_by is None
    assert Notification.objects.get(kind="lead_returned", user=opener).data["reason"] == "Too far away"


@pytest.mark.parametrize("reason", ["", " a "])
def test_returning_needs_a_reason(reason):
    activity = move(open_lead(), LeadState.CLAIMED)
    with pytest.raises(BusinessRuleError) as error:
        move(activity, LeadState.UNASSIGNED, reason=reason)
    assert (error.value.code, error.value.field) == ("reason_required", "reason")
    assert Lead.objects.get().state == LeadState.CLAIMED


def test_closing_needs_its_reason():
    with pytest.raises(BusinessRuleError) as error:
        move(open_lead(), LeadState.CLOSED, close_reason=None)
    assert error.value.field == "close_reason"


def test_a_closed_lead_tells_why():
    activity = move(open_lead(), LeadState.CLOSED, reason="They hired somebody")
    lead = Lead.objects.get()
    assert (lead.close_reason, lead.state_reason) == (close_reason(), "They hired somebody")
    assert activity.closed_at is not None


def test_rule_2_a_lead_of_a_passive_customer_rests():
    activity = open_lead()
    Customer.objects.update(state="passive", passive_reason="closed", passive_since=timezone.localdate())
    with pytest.raises(BusinessRuleError) as error:
        move(activity, LeadState.CLAIMED)
    assert error.value.code == "customer_passive"


def converted(user, customer=None, **contact):
    customer = customer or CustomerFactory()
    lead = move(open_lead(customer=customer), LeadState.CLAIMED, user=user)
    call = ActivityFactory(customer=customer, **contact)
    return lead, call, lambda: lead_to_customer(activity=lead, user=user, contact=call)


@pytest.mark.usefixtures("defaults")
def test_after_the_first_mutual_contact_the_customer_is_a_potential_one():
    lead, call, convert = converted(UserFactory(role="key_account_manager"))
    done = convert()
    call.refresh_from_db()
    assert (done.segment, done.is_given, done.activity.status) == (segment("P"), True, ActivityStatus.DONE)
    assert (Lead.objects.get().state, call.follows) == (LeadState.CUSTOMER, lead)


@pytest.mark.usefixtures("defaults")
def test_a_customer_that_has_a_segment_keeps_it():
    customer = CustomerFactory(segment=segment("B"))
    _lead, _call, convert = converted(UserFactory(role="key_account_manager"), customer)
    done = convert()
    assert (done.segment, done.is_given) == (segment("B"), False)


@pytest.mark.usefixtures("defaults")
def test_who_may_not_give_the_segment_leaves_it_to_the_owner_who_is_told():
    owner = UserFactory()
    _lead, _call, convert = converted(UserFactory(role="customer_adviser"), CustomerFactory(owner=owner))
    done = convert()
    assert (done.segment, done.is_given) == (None, False)
    assert notified_users("lead_customer") == {owner.username}
    assert Lead.objects.get().state == LeadState.CUSTOMER


@pytest.mark.usefixtures("defaults")
def test_a_segment_of_leads_that_needs_approval_is_proposed():
    Scheme.objects.filter(is_primary=True).update(lead_segment=segment("A"))
    _lead, _call, convert = converted(UserFactory(role="key_account_manager"))
    done = convert()
    assert (done.segment, done.is_given, done.is_proposed) == (None, False, True)
    assert Proposal.objects.get().segment == segment("A")


@pytest.mark.usefixtures("defaults")
def test_which_segment_a_mutual_contact_gives_is_data():
    Scheme.objects.filter(is_primary=True).update(lead_segment=None)
    _lead, _call, convert = converted(UserFactory(role="key_account_manager"))
    assert convert().segment is None
    assert Segment.objects.filter(memberships__isnull=False).count() == 0


@pytest.mark.usefixtures("defaults")
def test_becoming_a_customer_twice_is_once():
    _lead, _call, convert = converted(UserFactory(role="key_account_manager"))
    convert()
    assert convert().is_given is False
    assert Membership.objects.filter(segment=segment("P")).count() == 1


@pytest.mark.parametrize(
    "contact",
    [{"status": ActivityStatus.OPEN}, {"customer_of": "another"}, {"code": "planning"}],
    ids=["has not taken place", "of another customer", "no contact at all"],
)
def test_only_a_mutual_contact_makes_a_customer(contact):
    user, customer = UserFactory(), CustomerFactory()
    lead = move(open_lead(customer=customer), LeadState.CLAIMED, user=user)
    kind = activity_type(contact.get("code", "call"))
    where = CustomerFactory() if "customer_of" in contact else customer
    call = ActivityFactory(customer=where, type=kind, status=contact.get("status", ActivityStatus.DONE))
    with pytest.raises(BusinessRuleError) as error:
        lead_to_customer(activity=lead, user=user, contact=call)
    assert error.value.code == "contact_not_mutual"
    assert Lead.objects.get().state == LeadState.CLAIMED
