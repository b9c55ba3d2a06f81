"""Days left out of a series, and changes of its rule."""

from __future__ import annotations

import datetime as dt

import pytest
from icalendar import Calendar

from accounts.tests.factories import UserFactory
from activities.calendar.services.feeds import feed_content
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries
from activities.log.services.activities import activity_change
from activities.log.services.series_changes import occurrence_skip, series_change, series_end
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.log.tests.series_helpers import HELSINKI, WEEK, client_of, coming_day, make, refused, rows, set_done
from core import clock
from core.exceptions import StaleVersionError
from customers.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


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


def local_days(series):
    return [one.start.astimezone(HELSINKI).date() for one in rows(series)]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=9", "FREQ=DAILY;INTERVAL=3;COUNT=3", "FREQ=DAILY"])
def test_what_was_left_out_does_not_return_with_another_rule(first, owner, rule, whole):
    series = make(first, owner, "FREQ=DAILY;COUNT=6")
    gone = rows(series)[3]
    occurrence_skip(activity=gone, user=owner)
    series_change(activity=first, user=owner, changes={}, rule=rule, whole=whole)
    assert gone.start.astimezone(HELSINKI).date() not in local_days(series)
    assert len(rows(series)) > 1


def test_what_was_left_out_stays_out_through_change_after_change(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=8")
    second, _third, fourth = rows(series)[1:4]
    occurrence_skip(activity=second, user=owner)
    series_change(activity=fourth, user=owner, changes={"at": dt.time(14)}, rule="FREQ=DAILY;INTERVAL=2;COUNT=3")
    occurrence_skip(activity=rows(series)[-1], user=owner)
    series_change(activity=first, user=owner, changes={"at": dt.time(8)}, rule="FREQ=DAILY;COUNT=12", whole=True)
    begin = first.start.date()
    gone = {begin + dt.timedelta(days=1), begin + dt.timedelta(days=7)}
    assert local_days(series) == [day for number in range(12) if (day := begin + dt.timedelta(days=number)) not in gone]


def test_the_one_that_was_moved_is_not_made_again_on_its_old_day(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    moved = rows(series)[1]
    later = {"start": moved.start + dt.timedelta(days=1, hours=4), "end": moved.end + dt.timedelta(days=1, hours=4)}
    activity_change(activity=moved, user=owner, changes=later)
    series_change(activity=first, user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=6")
    assert [day.weekday() for day in local_days(series)] == [0, 1, 0, 0, 0, 0]
    assert rows(series)[1].pk == moved.pk


def test_the_one_that_was_moved_stays_where_it_is_when_the_rule_changes_from_it_on(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    moved = rows(series)[1]
    later = {"start": moved.start + dt.timedelta(days=1), "end": moved.end + dt.timedelta(days=1)}
    moved = activity_change(activity=moved, user=owner, changes=later)
    series_change(activity=moved, user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=2")
    assert local_days(series) == [
        first.start.date(),
        first.start.date() + dt.timedelta(days=8),
        first.start.date() + 2 * WEEK,
    ]


def test_one_done_ahead_is_not_made_again_at_another_time_of_day(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=4")
    set_done(rows(series)[2])
    series_change(activity=first, user=owner, changes={"at": dt.time(15)}, rule="FREQ=DAILY;COUNT=5")
    assert len(local_days(series)) == len(set(local_days(series))) == 5


def test_the_first_of_another_rule_goes_past_a_day_that_is_taken(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=4")
    set_done(rows(series)[2])  # on the Wednesday
    series_change(activity=first, user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=WE;COUNT=3")
    assert [day.weekday() for day in local_days(series)] == [2, 2, 2]


def test_a_rule_whose_only_day_was_left_out_is_refused(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=4")
    occurrence_skip(activity=rows(series)[2], user=owner)
    refused(
        "rule_without_days", series_change, activity=first, user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=WE;COUNT=1"
    )
    assert series.activities.count() == 3


@pytest.mark.parametrize(
    ("now", "skipped"),
    [
        (dt.datetime(2027, 3, 20, 12, tzinfo=HELSINKI), dt.date(2027, 3, 28)),  # the clock skips 3:30
        (dt.datetime(2027, 10, 20, 12, tzinfo=HELSINKI), dt.date(2027, 10, 31)),  # 3:30 is twice
    ],
)
@pytest.mark.parametrize("at", [dt.time(3, 30), dt.time(0, 0), dt.time(23, 30), dt.time(12)])
def test_a_day_on_which_the_clock_changes_stays_left_out_at_any_time(owner, now, skipped, at):
    with clock.frozen(now):
        begin = skipped - dt.timedelta(days=3)
        first = ActivityFactory(
            type=activity_type("meeting"), created_by=owner, participants=[owner], status=ActivityStatus.OPEN,
            start=dt.datetime.combine(begin, dt.time(3, 30), tzinfo=HELSINKI), end=None,
        )  # fmt: skip
        series = make(first, owner, "FREQ=DAILY;COUNT=6")
        [gone] = [one for one in rows(series) if one.start.astimezone(HELSINKI).date() == skipped]
        occurrence_skip(activity=gone, user=owner)
        series_change(activity=first, user=owner, changes={"at": at}, rule="FREQ=DAILY;COUNT=7")
        found = local_days(series)
        assert (skipped in found, len(found)) == (False, 6)
        series_change(activity=first, user=owner, changes={"at": dt.time(3, 30)}, rule="FREQ=DAILY;COUNT=8")
        assert (skipped in local_days(series), len(local_days(series))) == (False, 7)


def test_what_is_left_out_is_not_in_the_feed_after_a_change_of_the_rule(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=4")
    gone = rows(series)[1]
    occurrence_skip(activity=gone, user=owner)
    series_change(activity=first, user=owner, changes={}, rule="FREQ=DAILY;COUNT=5", whole=True)
    events = Calendar.from_ical(feed_content(owner)[0]).walk("VEVENT")
    assert sorted(event["DTSTART"].dt for event in events) == [one.start for one in rows(series)]
    assert gone.start not in {event["DTSTART"].dt for event in events}


def test_the_api_makes_a_series_without_some_days_and_tells_them(first, owner):
    day = (first.start + dt.timedelta(days=1)).astimezone(HELSINKI).date()
    client = client_of(owner)
    answer = client.post(
        f"/api/v1/activities/{first.pk}/repeat/",
        {"rrule": "FREQ=DAILY;COUNT=4", "exdates": [day.isoformat()]},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["exdates"]) == (200, [day.isoformat()])
    series = ActivitySeries.objects.get()
    assert day not in local_days(series)
    assert client.post(f"/api/v1/activities/{rows(series)[1].pk}/skip/").status_code == 204
    shown = client.get(f"/api/v1/activities/{first.pk}/").json()["series"]["exdates"]
    assert shown == [day.isoformat(), (day + dt.timedelta(days=1)).isoformat()]


def test_an_occurrence_with_a_report_is_not_left_out(first, owner):
    make(first, owner, "FREQ=DAILY;COUNT=3")
    refused("occurrence_begun", occurrence_skip, activity=first, user=owner)
    assert Activity.objects.filter(pk=first.pk).exists()


def test_what_does_not_recur_has_no_series_to_change(first, owner):
    for call in (series_end, occurrence_skip):
        refused("series_none", call, activity=first, user=owner)
    refused("series_none", series_change, activity=first, user=owner, changes={})


def test_a_change_of_an_older_version_is_refused(first, owner):
    make(first, owner, "FREQ=DAILY;COUNT=3")
    with pytest.raises(StaleVersionError):
        series_change(activity=first, user=owner, changes={"title": "New"}, version=first.version - 1)
    assert not Activity.objects.filter(title="New").exists()


def test_content_that_breaks_a_rule_changes_nothing(owner):
    visit = ActivityFactory(
        type=activity_type("visit"), goal="Offer", created_by=owner, status="open", start=coming_day()
    )
    series = make(visit, owner, "FREQ=WEEKLY;COUNT=3")
    refused("goal_required", series_change, activity=visit, user=owner, changes={"goal": " "})
    assert {one.goal for one in rows(series)} == {"Offer"}


def test_a_series_of_many_costs_as_many_queries_as_one_of_few(first, owner, django_assert_max_num_queries):
    make(first, owner, "FREQ=DAILY")
    with django_assert_max_num_queries(40):
        series_change(activity=first, user=owner, changes={"title": "New", "at": dt.time(11)})
