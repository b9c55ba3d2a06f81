"""What is dated "now" counts at once: the program's clock dates it, and the same clock decides whether it has been."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Reminder
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.effects import contact_dates_refresh, reminder_set, reminders_send_due
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.selectors import customers_of_domains
from core import clock
from customers.models import CustomerSummary
from customers.tests.factories import ContactFactory, ContactPointFactory, CustomerFactory, PositionFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2031, 5, 6, 9, 30, 15, tzinfo=dt.UTC)  # later than the database's clock
LONG_AGO = NOW - dt.timedelta(days=200)


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    customer = CustomerFactory(owner=owner)
    ActivityFactory(customer=customer, created_by=owner, start=LONG_AGO)
    contact_dates_refresh([customer.pk])
    return customer


def summary(customer):
    return CustomerSummary.objects.get(customer=customer)


@pytest.fixture
def api(owner):
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(owner)
    return client


@pytest.fixture
def page(owner):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(owner)
    return client


def neglected(page):
    return page.get("/customers/", {"last_contact": "90"}).content.decode()


def test_a_done_call_without_a_start_is_the_last_contact_at_once(api, page, customer):
    activity_type("call")
    assert customer.name in neglected(page)
    data = {"type": "call", "customer": customer.pk, "title": "Called just now", "status": "done"}
    assert api.post("/api/v1/activities/", data).status_code == 201
    shown = api.get(f"/api/v1/customers/{customer.pk}/").json()["last_contact_at"]
    assert dt.datetime.fromisoformat(shown) == NOW
    assert customer.name not in neglected(page)


def test_a_call_that_is_logged_on_the_page_is_too(page, customer):
    activity_type("call")
    data = {"title": "Called just now", "customer": customer.pk, "start": "6.5.2031 12.30"}  # as the form proposes it
    response = page.post("/activities/new/?type=call", data)
    assert response.status_code in {200, 204, 302}, response.content.decode()
    assert Activity.objects.get(title="Called just now").status == ActivityStatus.DONE
    assert summary(customer).last_contact_at == NOW.replace(second=0)
    assert customer.name not in neglected(page)


def test_last_and_next_contact_part_at_the_clocks_time(owner, customer):
    call, later = activity_type("call"), NOW + dt.timedelta(minutes=1)
    activity_log(type=call, title="Next", customer=customer, start=later, user=owner)
    assert (summary(customer).last_contact_at, summary(customer).next_contact_at) == (LONG_AGO, later)
    activity_log(type=call, title="Now", customer=customer, user=owner)
    assert (summary(customer).last_contact_at, summary(customer).next_contact_at) == (NOW, later)


def test_a_reminder_that_was_sent_is_not_sent_again_when_the_start_moves_back(owner):
    start = NOW + dt.timedelta(hours=2)
    activity = ActivityFactory(created_by=owner, status=ActivityStatus.OPEN, start=start)
    reminder_set(activity=activity, user=owner, minutes=60)
    with clock.frozen(NOW + dt.timedelta(hours=1)):
        assert reminders_send_due() == 1
        earlier = start - dt.timedelta(minutes=30)
        activity_change(activity=activity, user=owner, changes={"start": earlier})
        assert reminders_send_due() == 0
    assert Reminder.objects.get().sent_at == NOW + dt.timedelta(hours=1)


@pytest.mark.parametrize(("days", "is_there"), [(0, True), (-1, False)])
def test_contacts_suggest_the_customers_where_they_work_today(days, is_there):
    contact = ContactFactory()
    end = clock.today() + dt.timedelta(days=days)
    position = PositionFactory(contact=contact, start=dt.date(2026, 1, 1), end=end)
    ContactPointFactory(contact=contact, value="aino@example-works.fi")
    found = customers_of_domains(["example-works.fi"])["example-works.fi"]
    assert (position.customer_id in found) == is_there
