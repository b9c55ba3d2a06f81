"""Pages of series."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.forms.series import choice_of_rule
from activities.log.models import Activity, ActivitySeries
from activities.log.recurrence.rules import parse_rule
from activities.log.services.series_changes import occurrence_skip
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.log.tests.series_helpers import client_of, coming_day, make, rows
from core.templatetags.portaali import day
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
PANEL_QUERIES = 7


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def first(owner):
    return ActivityFactory(
        type=activity_type("meeting"),
        title="Weekly",
        created_by=owner,
        participants=[owner],
        contacts=[ContactFactory()],
        status=ActivityStatus.OPEN,
        start=coming_day(),
        end=coming_day() + dt.timedelta(hours=1),
        memo="<p>Report</p>",
        place="Espoo",
        channel="meeting",
    )


def url(name, activity):
    return reverse(f"activities:{name}", args=[activity.pk])


def test_an_activity_is_made_to_recur_on_its_page(first, owner):
    page = client_of(owner)
    assert "Repeat…" in page.get(url("series", first)).content.decode()
    assert page.post(url("repeat", first), {"repeat": "biweekly", "times": "5"}).status_code == 302
    series = ActivitySeries.objects.get()
    assert (series.rule, series.activities.count()) == ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=5", 5)
    shown = page.get(url("series", first)).content.decode()
    assert "every other week on Mondays, 5 times" in shown


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"repeat": "hourly"}, "Select a valid choice"),
        ({"repeat": "daily", "until": "1.1.2020"}, "before the first"),
        ({"repeat": "daily", "until": "1.1.2040", "times": "3"}, "not both"),
        ({"repeat": "daily", "times": "0"}, "greater than or equal to 1"),
        ({"repeat": "weekly", "days": ["XX"]}, "Select a valid choice"),
    ],
)
def test_a_repetition_that_cannot_be_is_said_at_its_field(first, owner, content, message):
    response = client_of(owner).post(url("repeat", first), content)
    assert (response.status_code, message in response.content.decode()) == (422, True)
    assert not ActivitySeries.objects.exists()


def test_a_series_is_changed_ended_and_one_left_out_on_the_pages(first, owner):
    series, page = make(first, owner, "FREQ=WEEKLY;BYDAY=MO;COUNT=5"), client_of(owner)
    second, third = rows(series)[1:3]
    content = {
        "scope": "following", "title": "New", "at": "13:00", "minutes": "60", "place": "Espoo",
        "participants": [owner.pk], "contacts": [one.pk for one in second.contacts.all()],
        "repeat": "weekly", "days": ["MO"], "times": "5", "version": second.version,
    }  # fmt: skip
    assert page.post(url("series_change", second), content).status_code == 302
    assert [one.title for one in rows(series)] == ["Weekly", "New", "New", "New", "New"]
    assert page.post(url("skip", third)).status_code == 302
    assert page.post(url("series_end", second)).status_code == 302
    assert len(rows(series)) == 2


def test_the_panel_tells_the_days_that_are_left_out(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=4")
    occurrence_skip(activity=rows(series)[1], user=owner)
    shown = client_of(owner).get(url("series", first)).content.decode()
    with translation.override("en"):
        assert f"Left out: {day(first.start + dt.timedelta(days=1))}" in shown


@pytest.mark.parametrize(
    ("rule", "start", "choice"),
    [
        ("FREQ=WEEKLY;COUNT=6", dt.date(2026, 11, 28), "weekly"),  # a Saturday: not every weekday
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", dt.date(2026, 11, 30), "weekdays"),
        ("FREQ=WEEKLY;INTERVAL=2", dt.date(2026, 11, 28), "biweekly"),
        ("FREQ=WEEKLY;BYDAY=MO,WE", dt.date(2026, 11, 30), "weekly"),
        ("FREQ=WEEKLY;INTERVAL=3", dt.date(2026, 11, 28), "rule"),
        ("FREQ=MONTHLY", dt.date(2026, 11, 28), "monthly"),
        ("FREQ=MONTHLY", dt.date(2026, 11, 30), "rule"),  # the 30th of those months that have it
        ("FREQ=MONTHLY;BYMONTHDAY=-1", dt.date(2026, 11, 30), "monthly"),
        ("FREQ=MONTHLY;BYDAY=2SA", dt.date(2026, 11, 14), "monthly_nth"),
        ("FREQ=DAILY;COUNT=3", dt.date(2026, 11, 28), "daily"),
        ("FREQ=YEARLY", dt.date(2026, 11, 28), "yearly"),
    ],
)
def test_the_form_shows_the_choice_that_means_the_rule(rule, start, choice):
    assert choice_of_rule(parse_rule(rule), start) == choice


def log_to_repeat(page, **changes):
    content = {
        "title": "Weekly", "start": f"{coming_day():%Y-%m-%dT09:00}", "customer": CustomerFactory().pk,
        "then": "repeat", "submission_key": str(uuid.uuid4()), **changes,
    }  # fmt: skip
    return content, page.post(reverse("activities:create", query={"type": "call"}), content)


def test_what_is_saved_to_be_repeated_is_logged_and_asked_how_it_recurs(owner):
    activity_type("call")
    page = client_of(owner)
    assert "Save and repeat…" in page.get(reverse("activities:create", query={"type": "call"})).content.decode()
    content, answer = log_to_repeat(page)
    made = Activity.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url("repeat", made))
    assert "Make recurring" in page.get(answer["Location"]).content.decode()
    page.post(answer["Location"], {"repeat": "weekly", "times": "3"})
    assert Activity.objects.filter(title="Weekly", series=ActivitySeries.objects.get()).count() == 3
    again = page.post(reverse("activities:create", query={"type": "call"}), content)  # sent twice
    assert (again["Location"], Activity.objects.count()) == (url("repeat", made), 3)


def test_what_cannot_be_saved_is_not_repeated(owner):
    activity_type("call")
    _content, answer = log_to_repeat(client_of(owner), title="")
    assert answer.status_code == 422
    assert not Activity.objects.exists()


def test_feedback_is_not_offered_to_be_repeated(owner):
    activity_type("feedback")
    page = client_of(owner).get(reverse("activities:create", query={"type": "feedback"})).content.decode()
    assert "Save and repeat…" not in page


@pytest.mark.parametrize("name", ["repeat", "series_change", "series_end", "skip"])
def test_who_takes_no_part_does_not_change_a_series(first, owner, name):
    make(first, owner, "FREQ=DAILY;COUNT=3")
    for role in ("account_manager", "read_only"):
        assert client_of(UserFactory(role=role)).post(url(name, first)).status_code == 403
    assert Client().post(url(name, first)).status_code == 302
    assert Activity.objects.count() == 3


@pytest.mark.parametrize("count", [1, 3])
def test_the_panel_costs_the_same_for_one_and_many(first, owner, count, django_assert_num_queries):
    make(first, owner, f"FREQ=DAILY;COUNT={count + 1}")
    page = client_of(owner)
    page.get(url("series", first), headers={"HX-Request": "true"})
    with django_assert_num_queries(PANEL_QUERIES):
        page.get(url("series", first), headers={"HX-Request": "true"})
