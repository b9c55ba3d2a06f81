"""Bulk operations on leads: claim, assign, close, export; what they leave out, what an undo puts back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.leads.tests.test_leads import close_reason, open_lead
from activities.log.models import Activity
from core.bulk.models import BulkRun
from core.tests.bulk import bulk, by, draft, outcome, undo
from customers.models import Customer, CustomerSummary

pytestmark = pytest.mark.django_db
CLAIM, ASSIGN, CLOSE = "leads.claim", "leads.assign", "leads.close"


@pytest.fixture
def user():
    return UserFactory(grants=["activities.log_activity", "activities.change_any_activity"])


def fresh(activity):
    return Activity.objects.select_related("lead").get(pk=activity.pk)


def people_of(activity):
    return set(activity.participations.values_list("user", flat=True))


def test_unassigned_leads_are_claimed_and_given_back_by_undo(user):
    opener = UserFactory()
    first, mine, others = open_lead(opener), open_lead(), open_lead()
    bulk(user, CLAIM, [mine])
    bulk(UserFactory(grants=["activities.log_activity"]), CLAIM, [others])
    run = bulk(user, CLAIM, [first, mine, others])
    assert [outcome(run, one) for one in (first, mine, others)] == [
        ("changed", ""), ("unchanged", "has"), ("refused", "claimed"),
    ]  # fmt: skip
    lead = fresh(first).lead
    assert (lead.state, lead.taken_by, lead.taken_at is not None) == (LeadState.CLAIMED, user, True)
    assert (fresh(first).status, people_of(first)) == ("in_progress", {user.pk})
    assert undo(run).undone == 1
    lead = fresh(first).lead
    assert (lead.state, lead.taken_by, lead.taken_at) == (LeadState.UNASSIGNED, None, None)
    assert (fresh(first).status, people_of(first)) == ("open", {opener.pk})
    changes = first.status_changes.order_by("pk").values_list("to_status", flat=True)
    assert list(changes) == ["in_progress", "open"]


def test_leads_are_assigned_with_one_notification(user):
    taker, leads = UserFactory(), [open_lead(), open_lead()]
    bulk(user, ASSIGN, leads, taker=taker.pk)
    assert {fresh(lead).lead.taken_by for lead in leads} == {taker}
    assert {pk for lead in leads for pk in people_of(lead)} == {taker.pk}
    assert list(Notification.objects.filter(user=taker).values_list("kind", "data__count")) == [("bulk_operation", 2)]


def test_leads_are_closed_with_a_reason_and_opened_again_by_undo(user):
    lead, offer = open_lead(), open_lead()
    Lead.objects.filter(pk=offer.pk).update(state=LeadState.OFFER)
    run = bulk(user, CLOSE, [lead, offer], close_reason=close_reason().pk, reason="Not now")
    assert outcome(run, offer) == ("refused", "offer")
    closed = fresh(lead)
    assert (closed.lead.state, closed.lead.close_reason, closed.lead.state_reason) == (
        "closed",
        close_reason(),
        "Not now",
    )
    assert (closed.status, closed.closed_at is not None) == ("done", True)
    assert CustomerSummary.objects.get(customer=lead.customer).open_activities == 0
    undo(run)
    opened = fresh(lead)
    assert (opened.lead.state, opened.lead.close_reason, opened.status) == ("untaken", None, "open")
    assert CustomerSummary.objects.get(customer=lead.customer).open_activities == 1


def test_undo_leaves_a_lead_that_has_moved_on_since(user):
    lead = open_lead()
    run = bulk(user, CLAIM, [lead])
    with by(user):
        Lead.objects.filter(pk=lead.pk).update(state=LeadState.CUSTOMER)
    assert undo(run).kept == 1
    assert fresh(lead).lead.state == LeadState.CUSTOMER


def test_leads_of_inactive_customers_and_those_of_others_are_left_out():
    user = UserFactory(grants=["activities.log_activity", "customers.manage_passive"])
    ended, own, foreign = open_lead(), open_lead(user), open_lead()
    Customer.objects.filter(pk=ended.customer_id).update(state="passive")
    run = draft(user, CLOSE, [ended, own, foreign], close_reason=close_reason().pk)
    assert [outcome(run, one) for one in (ended, own, foreign)] == [
        ("refused", "inactive"), ("waiting", ""), ("refused", "forbidden"),
    ]  # fmt: skip
    assert outcome(draft(user, CLAIM, [foreign]), foreign) == ("waiting", "")  # whoever logs may claim


def test_list_ticks_leads_and_takes_all_that_match(client, user):
    lead, other = open_lead(title="Training"), open_lead(title="Other")
    client.force_login(user)
    response = client.get(reverse("leads:list"))
    assert [item.name for item in response.context["bulk_actions"]] == [CLAIM, ASSIGN, CLOSE, "leads.export"]
    assert response.context["bulk_all"]
    values = {"all": "1", "list": reverse("leads:list"), "query": "tab=untaken&q=training"}
    client.post(reverse("core:bulk_choose", args=[CLAIM]), values)
    assert list(BulkRun.objects.get().rows.values_list("target_id", flat=True)) == [lead.pk]
    assert other.pk != lead.pk
