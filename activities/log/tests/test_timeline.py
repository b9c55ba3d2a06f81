"""The timeline of a customer with many activities, and the figure beside the customer's tab."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.selectors import TIMELINE
from activities.log.services.effects import contact_dates_refresh
from activities.log.tests.factories import ActivityFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def page():
    client = Client()
    client.force_login(UserFactory(role="account_manager"))
    return client


def titles(response):
    return [row.activity.title for row in response.context["rows"]]


def test_the_timeline_goes_on_to_older_ones(page):
    customer, now = CustomerFactory(), timezone.now()
    for number in range(TIMELINE + 2):
        ActivityFactory(customer=customer, title=f"Call {number}", start=now - number * DAY)
    first = page.get(reverse("activities:timeline", args=[customer.pk]))
    assert titles(first) == [f"Call {number}" for number in range(TIMELINE)]
    headers = {"HX-Request": "true", "HX-Target": "timeline-older"}
    older = page.get(first.context["older_url"], headers=headers)
    assert titles(older) == [f"Call {TIMELINE}", f"Call {TIMELINE + 1}"]
    assert (b"<section" in older.content, older.context["older_url"]) == (False, "")


def test_an_older_page_opens_without_javascript_too(page):
    customer, now = CustomerFactory(), timezone.now()
    for number in range(TIMELINE + 1):
        ActivityFactory(customer=customer, title=f"Call {number}", start=now - number * DAY)
    url = page.get(reverse("activities:timeline", args=[customer.pk])).context["older_url"]
    assert b"<html" in page.get(url).content


@pytest.mark.parametrize("token", ["x", "%00", "9" * 500])
def test_a_token_that_is_none_is_refused(page, token):
    activity = ActivityFactory(title="Newest")
    url = reverse("activities:timeline", args=[activity.customer_id])
    answer = page.get(f"{url}?after={token}")
    assert answer.status_code == 400
    assert "Newest" not in answer.content.decode()


def test_the_tab_says_how_many_are_open(page):
    customer = CustomerFactory()
    for _ in range(2):
        ActivityFactory(customer=customer, status=ActivityStatus.OPEN)
    ActivityFactory(customer=customer)
    contact_dates_refresh([customer.pk])
    tabs = page.get(reverse("customers:detail", args=[customer.pk])).context["tabs"]
    url = reverse("activities:customer_tab", args=[customer.pk])
    assert [tab["count"] for tab in tabs if tab["url"] == url] == [2]
