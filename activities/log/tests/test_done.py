"""When an activity may be done: after it has begun, and a visit with its report (rule 13)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.status import activities_close
from activities.log.tests.factories import ActivityFactory, activity_type
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
URL = "/api/v1/activities/"
PAST = {"start": "2026-01-05T10:00:00Z"}


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def api(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


@pytest.fixture
def page(owner):
    client = Client()
    client.force_login(owner)
    return client


def visit(owner, days=-1, **given):
    given = {"status": "open", "goal": "Agree", "type": activity_type("visit"), **given}
    return ActivityFactory(start=timezone.now() + days * DAY, created_by=owner, participants=[owner], **given)


def refused(code, call, **kwargs):
    with pytest.raises(BusinessRuleError) as caught:
        call(**kwargs)
    assert caught.value.code == code


def status_of(activity):
    return Activity.objects.get(pk=activity.pk).status


def test_nothing_is_done_before_it_begins(owner, api, page):
    coming = visit(owner, days=20, type=activity_type("meeting"))
    answer = api.post(f"{URL}{coming.pk}/status/", {"status": "done"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_begun")
    body = {"type": "meeting", "customer": coming.customer_id, "title": "Later", "start": "2100-01-04T10:00:00+02:00"}
    answer = api.post(URL, {**body, "status": "done"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_begun")
    assert api.post(URL, body).json()["status"] == "open"
    page.post(reverse("activities:status", args=[coming.pk]), {"status": "done"})
    assert status_of(coming) == "open"
    answer = page.get(coming.get_absolute_url())
    assert "It begins on" in answer.content.decode()


def test_what_is_done_does_not_move_into_the_future(owner):
    done = ActivityFactory(created_by=owner)
    refused("not_begun", activity_change, activity=done, user=owner, changes={"start": timezone.now() + DAY})
    activity_change(activity=done, user=owner, changes={"start": timezone.now() - DAY})


def test_a_visit_without_a_report_stays_open(owner, api):
    customer = CustomerFactory()
    body = {
        "type": "visit",
        "customer": customer.pk,
        "title": "Visit",
        "goal": "Agree",
        "start": "2026-01-05T10:00:00Z",
    }
    assert api.post(URL, body).json()["status"] == "open"
    assert api.post(URL, {**body, "memo": "<p>Agreed on three.</p>"}).json()["status"] == "done"
    answer = api.post(URL, {**body, "status": "done"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "report_required")
    assert "memo" in answer.json()["error"]["fields"]
    given = {"user": owner, "type": activity_type("visit"), "title": "Visit", "customer": customer, "goal": "Agree"}
    refused("report_required", activity_log, **given, start=timezone.now() - DAY, status="done")


def test_a_visit_is_closed_with_its_report_only(owner, api, page):
    done = visit(owner)
    answer = api.post(f"{URL}{done.pk}/status/", {"status": "done"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "report_required")
    url = reverse("activities:finish", args=[done.pk])
    for memo in ("", "<p> </p>", done.type.memo_template_en):
        assert page.post(url, {"memo": memo, "memo-format": "html", "version": done.version}).status_code == 422
        assert status_of(done) == "open"
    answer = page.post(url, {"memo": "<p>Agreed.</p>", "memo-format": "html", "version": done.version})
    assert (answer.status_code, status_of(done)) == (302, "done")
    refused("report_required", activity_change, activity=done, user=owner, changes={"memo": ""})


def test_closing_many_leaves_what_has_not_begun_and_reports_visits_with_the_explanation(owner):
    past, coming, reported = visit(owner), visit(owner, days=3), visit(owner, memo="<p>Agreed.</p>")
    result = activities_close(user=owner, ids=[past.pk, coming.pk, reported.pk], reason="Nobody came")
    assert (result.closed, result.coming, result.left_open) == (2, [coming.pk], [coming.pk])
    memos = dict(Activity.objects.values_list("pk", "memo"))
    assert (memos[past.pk], memos[reported.pk]) == ("<p>Nobody came</p>", "<p>Agreed.</p>")


@pytest.mark.parametrize(
    ("hours", "days", "is_taken"),
    [("24", 0, True), ("24.01", 0, False), ("25", 0, False), ("48", 1, True), ("48.5", 1, False), ("72", 2, True)],
)
def test_an_activity_takes_at_most_24_hours_a_day(hours, days, is_taken, api):
    start = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
    body = {
        "type": "call",
        "customer": CustomerFactory().pk,
        "title": "Long",
        "hours": hours,
        "start": start.isoformat(),
    }
    answer = api.post(
        URL, {**body, "start": start.isoformat(), "end": (start + days * DAY + dt.timedelta(hours=1)).isoformat()}
    )
    assert answer.status_code == (201 if is_taken else 409), answer.content
    if not is_taken:
        assert answer.json()["error"]["code"] == "too_many_hours"
