"""Activities of whole days: no time until one is given, late after the last day, DATE in calendar files."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.calendar.selectors.calendar import Window, calendar_events
from activities.calendar.services.feeds import feed_content
from activities.log.cells import start
from activities.log.models import Activity, ActivityType, Participation
from activities.log.selectors import my_open
from activities.log.services.activities import activity_change, activity_log, activity_move
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory
from core import clock
from core.exceptions import BusinessRuleError
from core.formatting import time_text

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _may() -> Any:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def user() -> Any:
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def whole(user: Any) -> Activity:
    """A whole day: today."""
    return activity_log(
        user=user, type=ActivityType.objects.get(code="planning"), title="Plan", start=NOON, is_all_day=True,
        status="open",
    )  # fmt: skip


def local(time: dt.datetime | None) -> str:
    return timezone.localtime(time).strftime("%d.%m. %H:%M") if time else ""


def test_it_begins_with_the_first_minute_of_its_day_and_ends_with_the_last_one(whole):
    assert (local(whole.start), local(whole.end)) == ("15.05. 00:00", "15.05. 23:59")


def test_it_is_due_all_day_and_late_on_the_next_one(whole, user):
    assert [group.name for group in my_open(user).groups] == ["today"]
    assert not whole.is_overdue
    assert not Activity.objects.overdue().exists()
    with clock.frozen(NOON + dt.timedelta(days=1)):
        assert whole.is_overdue
        assert Activity.objects.overdue().get() == whole
        assert [group.name for group in my_open(user).groups] == ["overdue"]


def test_it_can_be_done_on_its_day(whole, user):
    activity_set_status(activity=whole, status="done", user=user, memo="Planned.")
    assert Participation.objects.get(activity=whole).due_at is None


def test_a_time_that_is_given_makes_it_an_ordinary_one(whole, user):
    changed = activity_change(activity=whole, user=user, changes={"start": NOON + dt.timedelta(hours=3)})
    assert (changed.is_all_day, changed.end) == (False, None)


def test_another_change_keeps_its_days(whole, user):
    assert activity_change(activity=whole, user=user, changes={"title": "Plan more"}).is_all_day


def test_it_is_moved_to_other_days(whole, user):
    day = NOON + dt.timedelta(days=3)
    moved = activity_move(activity=whole, user=user, start=day, end=day + dt.timedelta(days=1), is_all_day=True)
    assert (local(moved.start), local(moved.end)) == ("18.05. 00:00", "19.05. 23:59")


def test_it_is_in_the_all_day_row_of_the_calendar_and_a_date_in_files(whole, user):
    [event], _is_cut = calendar_events(user, [user], Window(NOON - dt.timedelta(days=1), NOON + dt.timedelta(days=1)))
    assert event.is_all_day
    content, _at = feed_content(user)
    assert b"DTSTART;VALUE=DATE:20260515" in content
    assert b"DTEND;VALUE=DATE:20260516" in content


def test_nobody_logs_a_cancelled_one(user):
    with pytest.raises(BusinessRuleError) as error:
        activity_log(user=user, type=ActivityType.objects.get(code="planning"), title="Plan", status="cancelled")
    assert error.value.code == "status_not_allowed"


def test_a_list_shows_its_day_without_a_time(whole, user):
    text = start(whole.start, whole)
    assert f">{time_text(whole.start)}<" not in text
    assert f">{time_text(whole.start)}<" in start(whole.start, ActivityFactory(start=whole.start))
