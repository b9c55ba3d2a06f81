"""Entering hours, copying a week, and work targets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.calendar.models import WorkTarget
from activities.calendar.selectors.hours import week_hours
from activities.calendar.services.hours import undo_token, week_copy, week_copy_undo
from activities.calendar.tests.hours_pages import MONDAY, cell, client_of, hours_url, local, own_work, work
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries
from activities.log.tests.factories import activity_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", last_name="Virtanen")


@pytest.fixture
def page(owner):
    return client_of(owner)


# Writing


def test_writing_into_a_cell_gives_its_activity_the_hours(page, owner):
    activity = own_work(owner)
    name = cell(activity.type)
    assert page.post(hours_url(), {name: "2,5", f"was-{name}": "1.5"}).status_code == 302
    activity.refresh_from_db()
    assert activity.hours == Decimal("2.5")


def test_writing_into_an_empty_cell_logs_other_customer_work(page, owner):
    kind = activity_type("customer_work")
    page.post(hours_url(), {cell(kind): "2"})
    activity = Activity.objects.get()
    assert (activity.type, activity.customer, activity.hours, activity.status) == (kind, None, 2, "done")
    assert (activity.start, activity.end) == (local(2026, 3, 3, 8), local(2026, 3, 3, 10))
    assert list(activity.users.all()) == [owner]


def test_the_second_work_of_a_day_stands_after_the_first(page, owner):
    own_work(owner, type=activity_type("planning"), start=local(2026, 3, 3, 8), end=local(2026, 3, 3, 11))
    page.post(hours_url(), {cell(activity_type("customer_work")): "1"})
    assert Activity.objects.latest("pk").start == local(2026, 3, 3, 11)


def test_sending_the_same_twice_logs_once(page):
    content = {cell(activity_type("customer_work")): "2"}
    page.post(hours_url(), content)
    second = page.post(hours_url(), content)
    assert second.status_code == 422
    assert "This has changed in the meantime." in second.content.decode()
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("many", "Enter the hours as a number"),
        ("25", "The hours of a day must be between 0 and 24."),
        ("-1", "The hours of a day must be between 0 and 24."),
        ("9" * 5_000, "The hours of a day must be between 0 and 24."),
        ("<script>", "Enter the hours as a number"),
        ("١٢", "Enter the hours as a number"),
        ("\x00", "Enter the hours as a number"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence_and_nothing_changes(page, typed, sentence):
    kind = activity_type("customer_work")
    response = page.post(hours_url(), {cell(kind): typed, cell(kind, day="20260304"): "2"})
    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert not Activity.objects.exists()


def test_a_cell_of_several_activities_is_not_written_at_once(page, owner):
    first, _second = own_work(owner, hours=1), own_work(owner, hours=2)
    name = cell(first.type)
    assert f'name="{name}"' not in page.get(hours_url()).content.decode()
    assert page.post(hours_url(), {name: "9", f"was-{name}": "3"}).status_code == 422
    first.refresh_from_db()
    assert first.hours == 1


def test_a_visit_cannot_be_logged_by_hours_alone(page, owner):
    visit = work(owner, type=activity_type("visit"), goal="Agree")
    name = cell(visit.type, visit.customer, "20260305")
    assert page.post(hours_url(), {name: "2"}).status_code == 422
    assert Activity.objects.count() == 1


def test_cells_of_other_weeks_or_types_are_not_read(page):
    page.post(hours_url(), {"h-1-1-20270101": "5", cell(activity_type("memo")): "5", "h-x": "1"})
    assert not Activity.objects.exists()


def test_a_reader_writes_no_hours():
    reader = client_of(UserFactory(role="read_only"))
    assert reader.get(hours_url()).status_code == 200
    assert reader.post(hours_url(), {}).status_code == 403


# Copying a week


def test_a_week_is_copied_at_the_same_times_as_open_work(owner):
    row = own_work(owner, title="Monday meeting", hours=1)
    [copy] = week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    assert (copy.title, copy.start, copy.end) == ("Monday meeting", local(2026, 3, 10, 9), local(2026, 3, 10, 10, 30))
    assert (copy.status, copy.hours) == (ActivityStatus.OPEN, None)


def test_a_copy_keeps_the_clock_over_the_change_of_summer_time(owner):
    row = own_work(owner, start=local(2026, 3, 24, 9), end=local(2026, 3, 24, 10))
    [copy] = week_copy(user=owner, week=dt.date(2026, 3, 30), chosen=[row.pk])
    assert timezone.localtime(copy.start).hour == 9


def test_copying_twice_makes_one(owner):
    row = own_work(owner)
    for _ in range(2):
        week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    assert Activity.objects.count() == 2


def test_work_for_customers_series_and_others_is_not_copied(owner):
    moment = local(2026, 3, 3, 9)
    series = ActivitySeries.objects.create(rule="FREQ=WEEKLY", start=moment, made_until=moment)
    rows = [work(owner), own_work(owner, series=series, series_start=moment), own_work(UserFactory())]
    assert week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk for row in rows]) == []


def test_what_a_copy_made_is_told_and_taken_back(page, owner):
    row = own_work(owner, title="Monday meeting")
    response = page.post(reverse("calendar:hours_copy", query={"week": "2026-03-09"}), {"rows": [row.pk]})
    confirmation = page.get(response["Location"])
    assert [copy.title for copy in confirmation.context["copied"]] == ["Monday meeting"]
    page.post(reverse("calendar:hours_copy_undo"), {"copied": confirmation.wsgi_request.GET["copied"]})
    assert list(Activity.objects.all()) == [row]


def test_undo_leaves_what_has_been_changed_meanwhile(owner):
    row = own_work(owner)
    made = week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    Activity.objects.filter(pk=made[0].pk).update(version=2)
    assert week_copy_undo(user=owner, token=undo_token(owner, made)) == 0
    assert Activity.objects.count() == 2


@pytest.mark.parametrize("token", ["", "forged", "\x00", "x" * 10_001])
def test_a_forged_undo_takes_nothing_back(owner, token):
    own_work(owner)
    assert week_copy_undo(user=owner, token=token) == 0
    assert Activity.objects.count() == 1


def test_anothers_undo_takes_nothing_back(owner):
    row = own_work(owner)
    made = week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    other = UserFactory(role="account_manager")
    assert week_copy_undo(user=other, token=undo_token(owner, made)) == 0


# Targets


def test_one_sets_ones_own_target_and_takes_it_away(page, owner):
    url = reverse("calendar:work_target", args=[owner.pk])
    page.post(url, {"hours": "37,5"})
    assert week_hours(owner, MONDAY).target == Decimal("37.5")
    page.post(url, {"hours": ""})
    assert not WorkTarget.objects.exists()


def test_a_manager_sets_the_target_of_staff_and_a_colleague_does_not(owner):
    boss = UserFactory(role="account_manager")
    owner.manager = boss
    owner.save()
    url = reverse("calendar:work_target", args=[owner.pk])
    assert client_of(UserFactory(role="account_manager")).post(url, {"hours": "1"}).status_code == 403
    assert client_of(boss).post(url, {"hours": "30"}).status_code == 302
    assert WorkTarget.objects.get().hours == 30


@pytest.mark.parametrize("hours", ["101", "-1", "much", "1.234"])
def test_a_target_that_cannot_be_is_refused(page, owner, hours):
    assert page.post(reverse("calendar:work_target", args=[owner.pk]), {"hours": hours}).status_code == 422
    assert not WorkTarget.objects.exists()
