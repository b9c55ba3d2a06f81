"""Recurring events of calendar files: exceptions stay when the rule changes and when the file is imported again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.calendar.tests.files_of_calendars import HELSINKI, event, imported, tomorrow
from activities.log.models import Activity, ActivitySeries
from activities.log.services.activities import activity_change
from activities.log.services.series import series_continue
from activities.log.services.series_changes import series_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", email="owner@portaali.example")


def day(number):
    """The local day so many days after the first."""
    return (tomorrow() + dt.timedelta(days=number)).date()


def days():
    return [row.start.astimezone(HELSINKI).date() for row in Activity.objects.order_by("start")]


def without(*numbers):
    return {"EXDATE;TZID=Europe/Helsinki": ",".join(f"{day(number):%Y%m%d}T090000" for number in numbers)}


def test_an_exception_of_the_file_stays_when_the_rule_is_changed_here(owner):
    imported(owner, event(RRULE="FREQ=DAILY;COUNT=5", **without(1, 3)))
    assert days() == [day(0), day(2), day(4)]
    first = Activity.objects.order_by("start")[0]
    series_change(activity=first, user=owner, changes={}, rule="FREQ=DAILY;COUNT=7", whole=True)
    assert days() == [day(0), day(2), day(4), day(5), day(6)]


def test_an_exception_more_than_a_year_ahead_is_kept_for_its_time(owner):
    imported(owner, event(RRULE="FREQ=DAILY", **without(369)))
    made = Activity.objects.count()
    assert series_continue(now=timezone.now() + dt.timedelta(days=10)) == 9
    assert (day(369) in days(), day(370) in days(), Activity.objects.count()) == (False, True, made + 9)


def test_an_exception_that_comes_with_a_newer_file_takes_the_occurrence_away(owner):
    imported(owner, event(RRULE="FREQ=DAILY;COUNT=4"))
    assert imported(owner, event(RRULE="FREQ=DAILY;COUNT=4", **without(2))) == {"changed": 1}
    assert days() == [day(0), day(1), day(3)]
    assert imported(owner, event(RRULE="FREQ=DAILY;COUNT=4", **without(2))) == {"same": 1}


def test_an_exception_of_a_newer_file_does_not_take_what_has_a_report(owner):
    imported(owner, event(RRULE="FREQ=DAILY;COUNT=4"))
    third = Activity.objects.order_by("start")[2]
    activity_change(activity=third, user=owner, changes={"memo": "<p>Prepared</p>"})
    imported(owner, event(RRULE="FREQ=DAILY;COUNT=4", **without(2)))
    assert Activity.objects.filter(pk=third.pk).exists()
    assert ActivitySeries.objects.get().left_out == [day(2)]


@pytest.mark.parametrize(
    "line",
    [
        {"EXDATE;VALUE=DATE": "{:%Y%m%d}"},
        {"EXDATE": "{:%Y%m%d}T060000Z"},
        {"EXDATE": "{:%Y%m%d}T090000"},
        {"EXDATE;TZID=Nowhere/Land": "{:%Y%m%d}T090000"},
    ],
    ids=["day", "utc", "floating", "unknown zone"],
)
def test_an_exception_is_understood_in_every_form(owner, line):
    written = {name: value.format(day(1)) for name, value in line.items()}
    imported(owner, event(RRULE="FREQ=DAILY;COUNT=3", **written))
    assert days() == [day(0), day(2)]


def test_more_exceptions_than_anybody_makes_are_refused(owner):
    assert imported(owner, event(RRULE="FREQ=DAILY", **without(*range(1, 1002)))) == {"refused": 1}
    assert not Activity.objects.exists()
