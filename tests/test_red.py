"""Red is for those who can act: each list, card and panel with late work, read by the people around it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.feedback.models import Feedback
from activities.leads.models import Lead
from activities.log.acting import mark_activities
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.enums import ResponsibilityRole
from customers.tests.factories import CustomerFactory, ResponsibilityFactory
from offers.offers.models import Offer
from offers.offers.tests.factories import OfferFactory
from offers.offers.tests.pages import client_of

pytestmark = pytest.mark.django_db
DAYS = dt.timedelta(days=1)
RED = re.compile(r'late-time|class="st late"|start-fact late|cell-fault late|"mine": ?true|"mine":true')


def overdue(owner, customer):
    return ActivityFactory(
        customer=customer, participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() - 3 * DAYS
    )


def stale(owner, customer):
    activity = overdue(owner, customer)
    Activity.objects.filter(pk=activity.pk).update(start=timezone.now() - 20 * DAYS)
    return activity


def feedback(owner, customer):
    activity = ActivityFactory(type=activity_type("feedback"), customer=customer, status=ActivityStatus.OPEN)
    Feedback.objects.create(activity=activity, responsible=owner, answer_due=timezone.now() - 2 * DAYS)
    return activity


def lead(owner, customer):
    activity = ActivityFactory(
        type=activity_type("lead"), customer=customer, status=ActivityStatus.OPEN, start=timezone.now() + 9 * DAYS
    )
    Lead.objects.create(activity=activity, offered_to=owner, take_by=timezone.localdate() - 2 * DAYS)
    return activity


def offer(owner, customer):
    made = OfferFactory(owner=owner, customer=customer, estimate=100)
    today = timezone.localdate()
    Offer.objects.filter(pk=made.pk).update(date=today - 9 * DAYS, valid_until=today - DAYS)
    return made


def day(offset):
    return (timezone.localdate() + offset * DAYS).isoformat()


#: A page or fragment, and what makes the late thing on it.
PLACES = {
    "activities": (overdue, lambda late, owner: "/activities/"),
    "stale activities": (stale, lambda late, owner: "/activities/stale/"),
    "a customer's activities": (overdue, lambda late, owner: f"/customers/{late.customer_id}/activities/"),
    "a customer's timeline": (overdue, lambda late, owner: f"/customers/{late.customer_id}/timeline/"),
    "an activity's page": (overdue, lambda late, owner: f"/activities/{late.pk}/"),
    "calendar": (
        overdue,
        lambda late, owner: f"/calendar/events/?user={owner.pk}&start={day(-6)}&end={day(1)}",
    ),
    "calendar's card": (overdue, lambda late, owner: f"/calendar/{late.pk}/"),
    "team week of a person": (overdue, lambda late, owner: f"/team-week/{owner.pk}/"),
    "feedback": (feedback, lambda late, owner: "/feedback/"),
    "feedback of a customer": (feedback, lambda late, owner: f"/customers/{late.customer_id}/feedback/"),
    "feedback at a glance": (feedback, lambda late, owner: f"/customers/{late.customer_id}/feedback/glance/"),
    "feedback on its page": (feedback, lambda late, owner: f"/activities/{late.pk}/feedback/"),
    "late feedback of the start page": (feedback, lambda late, owner: "/start/feedback/late/"),
    "leads": (lead, lambda late, owner: "/leads/"),
    "unassigned leads of the start page": (lead, lambda late, owner: "/start/leads/unassigned/"),
    "offers": (offer, lambda late, owner: "/offers/?tab=open"),
    "an offer's page": (offer, lambda late, owner: f"/offers/{late.pk}/"),
    "offers of a customer": (offer, lambda late, owner: f"/customers/{late.customer_id}/offers/"),
    "board": (offer, lambda late, owner: "/pipeline/?tab=everyone"),
    "pipeline table": (offer, lambda late, owner: "/pipeline/table/?columns=number&columns=valid_until"),
}


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer():
    customer = CustomerFactory()
    ResponsibilityFactory(customer=customer)  # somebody else's: nothing is "without an owner"
    return customer


def is_red(reader, url):
    response = client_of(reader).get(url)
    assert response.status_code == 200, url
    return bool(RED.search(re.sub(r"<nav.*?</nav>", "", response.text, flags=re.DOTALL)))


@pytest.mark.parametrize("place", PLACES)
def test_late_work_is_red_for_whose_it_is_and_plain_for_a_colleague(owner, customer, place):
    make, address = PLACES[place]
    url = address(make(owner, customer), owner)
    colleague = UserFactory(role="account_manager")
    assert (is_red(owner, url), is_red(colleague, url)) == (True, False)


def acting(reader, activity):
    [row] = Activity.objects.with_names().filter(pk=activity.pk)
    mark_activities(reader, [row])
    return row.may_act


def test_late_work_is_red_for_who_leads_the_person(owner, customer):
    leader, manager = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    TeamFactory(members=[owner], leader=leader)
    owner.manager = manager
    owner.save(update_fields=["manager"])
    activity = overdue(owner, customer)
    assert [acting(reader, activity) for reader in (leader, manager)] == [True, True]


@pytest.mark.parametrize(
    ("role", "is_acting"),
    [(ResponsibilityRole.OWNER, True), (ResponsibilityRole.DEPUTY, True), (ResponsibilityRole.OTHER, False)],
)
def test_late_work_is_red_for_who_answers_for_the_customer(owner, role, is_acting):
    reader = UserFactory(role="account_manager")
    responsibility = ResponsibilityFactory(user=reader, role=role)
    activity = overdue(owner, responsibility.customer)
    assert acting(reader, activity) is is_acting
    responsibility.end = timezone.localdate() - DAYS
    responsibility.save()
    assert not acting(reader, activity)


def test_nobody_acts_on_work_of_an_inactive_customer_nor_without_the_right(owner, customer):
    viewer = UserFactory(role="read_only")
    assert not acting(viewer, overdue(viewer, customer))
    activity = overdue(owner, customer)
    customer.state = "passive"
    customer.save(update_fields=["state"])
    assert not acting(owner, activity)


def test_a_lead_that_nobody_was_offered_waits_for_all_who_may_claim(owner):
    lead(None, None)
    assert (is_red(owner, "/leads/"), is_red(UserFactory(role="read_only"), "/leads/")) == (True, False)


def test_how_late_it_is_stands_in_words_for_both(owner, customer):
    overdue(owner, customer)
    for reader in (owner, UserFactory(role="account_manager")):
        assert "3 days overdue" in client_of(reader).get("/activities/").text


@pytest.mark.parametrize("others", [1, 3])
def test_whose_it_is_costs_one_query_whatever_the_rows(customer, django_assert_num_queries, others):
    reader = UserFactory(role="account_manager")
    for _number in range(others):
        overdue(UserFactory(role="account_manager"), customer)
    rows = list(Activity.objects.with_names())
    reader.has_perm("activities.log_activity")
    with django_assert_num_queries(1):
        mark_activities(reader, rows)


def test_a_customer_without_an_owner_is_red_for_who_may_give_one(owner):
    CustomerFactory()
    keeper = UserFactory(role="key_account_manager")
    assert (is_red(keeper, "/customers/"), is_red(owner, "/customers/")) == (True, False)
