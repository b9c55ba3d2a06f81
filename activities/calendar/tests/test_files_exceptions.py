"""What is beside the rule of a calendar file, or comes later: cancelled and moved occurrences, versions."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from accounts.tests.factories import UserFactory
from activities.calendar.tests.calendars import HELSINKI, NOW, event, ics, imported, plans, starts, when
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries
from activities.log.services.activities import activity_change
from activities.log.services.series import series_continue
from activities.log.services.status import activity_set_status
from core import clock

pytestmark = pytest.mark.django_db

TUESDAYS = ["Tue 1.12. 10:00", "Tue 8.12. 10:00", "Tue 15.12. 10:00", "Tue 22.12. 10:00"]


@pytest.fixture(autouse=True)
def on_28_november_2026():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def weekly(*lines, rule="FREQ=WEEKLY;COUNT=4", start="20261201T100000", hour=11, **names):
    end = f"DTEND;TZID=Europe/Helsinki:{start[:8]}T{hour}0000"
    return event(f"DTSTART;TZID=Europe/Helsinki:{start}", end, f"RRULE:{rule}", *lines, **names)


def one(day, *lines, start="", head="RECURRENCE-ID;TZID=Europe/Helsinki", **names):
    """An event about the occurrence of a day in December."""
    start = start or f"202612{day:02}T100000"
    end = f"{start[:9]}{int(start[9:11]) + 1:02}0000"
    times = [f"DTSTART;TZID=Europe/Helsinki:{start}", f"DTEND;TZID=Europe/Helsinki:{end}"]
    return event(f"{head}:202612{day:02}T100000", *times, *lines, **names)


@pytest.mark.parametrize("order", [1, -1])
def test_a_cancelled_occurrence_is_left_out_wherever_it_stands(owner, order):
    parts = [weekly(), one(8, "STATUS:CANCELLED")][::order]
    assert imported(owner, ics(*parts)) == {"new": 1, "cancelled": 1}
    assert starts() == [TUESDAYS[0], *TUESDAYS[2:]]
    assert imported(owner, ics(*parts)) == {"same": 2}


@pytest.mark.parametrize(
    "head", ["RECURRENCE-ID;TZID=Europe/Helsinki", "RECURRENCE-ID;VALUE=DATE", "RECURRENCE-ID;TZID=FLE Standard Time"]
)
def test_an_occurrence_cancelled_by_a_later_file_is_removed_for_good(owner, head):
    imported(owner, ics(weekly()))
    later = one(8, "SEQUENCE:1", head=head)
    later = later.replace("20261208T100000", "20261208", 1) if "VALUE=DATE" in head else later
    assert imported(owner, ics(later, method="CANCEL")) == {"cancelled": 1}
    assert starts() == [TUESDAYS[0], *TUESDAYS[2:]]
    assert imported(owner, ics(later, method="CANCEL")) == {"same": 1}
    assert imported(owner, ics(weekly())) == {"same": 1}
    assert starts() == [TUESDAYS[0], *TUESDAYS[2:]]


def test_a_cancelled_day_more_than_a_year_ahead_is_never_made(owner):
    imported(owner, ics(weekly(rule="FREQ=WEEKLY")))
    far = "RECURRENCE-ID;TZID=Europe/Helsinki:20271214T100000"
    assert imported(owner, ics(event(far, "STATUS:CANCELLED", "DTSTART:20271214T080000Z"))) == {"cancelled": 1}
    series_continue(now=NOW + dt.timedelta(weeks=10))
    days = {row.start.astimezone(HELSINKI).date() for row in Activity.objects.all()}
    assert (dt.date(2027, 12, 14) in days, dt.date(2027, 12, 21) in days) == (False, True)


def test_a_cancelled_occurrence_that_was_edited_here_stays_and_it_is_told(owner):
    imported(owner, ics(weekly()))
    second = Activity.objects.order_by("start")[1]
    activity_change(activity=second, user=owner, changes={"memo": "<p>Prepared</p>"})
    [plan] = plans(owner, ics(one(8), method="CANCEL"))
    assert (plan.result, "it stays" in plan.told) == ("refused", True)
    assert imported(owner, ics(one(8), method="CANCEL")) == {"refused": 1}
    assert starts() == TUESDAYS


def test_a_series_cancelled_from_one_day_on_ends_before_it(owner):
    head = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Helsinki"
    imported(owner, ics(weekly(), one(15, "STATUS:CANCELLED", head=head)))
    assert starts() == TUESDAYS[:2]
    imported(owner, ics(weekly(uid="2@x", title="Later file")))
    imported(owner, ics(one(15, head=head, uid="2@x"), method="CANCEL"))
    assert starts("Later file") == TUESDAYS[:2]


def test_an_event_and_a_series_that_are_cancelled_as_a_whole_are_removed(owner):
    single = event("DTSTART:20261209T080000Z", "DESCRIPTION:Agenda", uid="2@x", title="Single")
    imported(owner, ics(weekly(), single))
    assert imported(owner, ics(weekly("SEQUENCE:1"), single, method="CANCEL")) == {"cancelled": 2}
    assert not Activity.objects.exists()
    assert imported(owner, ics(single, method="CANCEL")) == {"refused": 1}


def test_a_cancelled_event_that_was_changed_here_stays(owner):
    single = event("DTSTART:20261209T080000Z")
    imported(owner, ics(single))
    activity_change(activity=Activity.objects.get(), user=owner, changes={"goal": "Agree"})
    assert imported(owner, ics(single, method="CANCEL")) == {"refused": 1}
    assert Activity.objects.exists()


def test_who_may_not_change_an_activity_does_not_cancel_it(owner):
    imported(owner, ics(weekly()))
    stranger = UserFactory(role="account_manager")
    assert imported(stranger, ics(weekly("SEQUENCE:9"), method="CANCEL")) == {"refused": 1}
    assert starts() == TUESDAYS


def test_a_cancelled_event_comes_back_only_with_a_newer_version(owner):
    imported(owner, ics(event("DTSTART:20261209T080000Z", "SEQUENCE:1")))
    imported(owner, ics(event("DTSTART:20261209T080000Z", "SEQUENCE:2"), method="CANCEL"))
    assert imported(owner, ics(event("DTSTART:20261209T080000Z", "SEQUENCE:1"))) == {"same": 1}
    assert imported(owner, ics(event("DTSTART:20261209T080000Z", "SEQUENCE:2"))) == {"refused": 1}
    assert imported(owner, ics(event("DTSTART:20261209T080000Z", "SEQUENCE:3"))) == {"new": 1}


def test_an_occurrence_moved_and_then_cancelled_by_files_is_removed(owner):
    imported(owner, ics(weekly(), one(8, "SEQUENCE:1", start="20261209T120000"), one(15, start="20261216T120000")))
    assert imported(owner, ics(one(8, "SEQUENCE:2"), method="CANCEL")) == {"cancelled": 1}
    assert starts() == [TUESDAYS[0], "Wed 16.12. 12:00", TUESDAYS[3]]
    assert imported(owner, ics(weekly("SEQUENCE:3"), method="CANCEL")) == {"cancelled": 1}
    assert starts() == []


def test_a_cancellation_needs_no_time(owner):
    imported(owner, ics(event("DTSTART:20261209T080000Z")))
    assert imported(owner, ics(event("SEQUENCE:1"), method="CANCEL")) == {"cancelled": 1}
    assert not Activity.objects.exists()


# Moved


def test_an_activity_that_is_done_is_not_moved_to_a_time_to_come_and_the_rest_is_imported(owner):
    past = "DTSTART:20261124T080000Z"
    imported(owner, ics(event(past)))
    done = Activity.objects.get()
    activity_set_status(activity=done, user=owner, status=ActivityStatus.DONE)
    file = ics(event("DTSTART:20261209T080000Z", "SEQUENCE:1"), event("DTSTART:20261201T080000Z", uid="other@x"))
    with translation.override("en"):
        assert plans(owner, file)[-1].reason == "It is done: it cannot move to a time to come. Reopen it first."
    assert imported(owner, file) == {"refused": 1, "new": 1}
    done.refresh_from_db()
    assert (done.status, done.start) == (ActivityStatus.DONE, dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC))


def test_an_occurrence_moved_by_a_later_file_moves(owner):
    imported(owner, ics(weekly()))
    assert imported(owner, ics(one(8, "SEQUENCE:1", start="20261210T140000", title="Moved"))) == {"changed": 1}
    assert starts() == [TUESDAYS[0], "Thu 10.12. 14:00", *TUESDAYS[2:]]
    assert imported(owner, ics(one(8, "SEQUENCE:1", start="20261210T140000", title="Moved"))) == {"same": 1}
    assert imported(owner, ics(weekly())) == {"same": 1}
    assert starts("Moved") == ["Thu 10.12. 14:00"]


def test_one_that_moved_here_from_a_past_day_is_not_lost(owner):
    past = "RECURRENCE-ID;TZID=Europe/Helsinki:20261124T100000"
    moved = event(past, "DTSTART;TZID=Europe/Helsinki:20261203T120000", title="From the past")
    master = weekly(start="20261124T100000")
    assert imported(owner, ics(master, moved)) == {"new": 2}
    assert starts() == [TUESDAYS[0], "Thu 3.12. 12:00", *TUESDAYS[1:3]]
    assert imported(owner, ics(master, moved)) == {"same": 2}
    assert ActivitySeries.objects.get().activities.count() == 4


def test_this_and_following_move_by_the_same_days_and_time(owner):
    head = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Helsinki"
    imported(owner, ics(weekly(rule="FREQ=WEEKLY")))
    change = one(15, "SEQUENCE:1", start="20261216T130000", head=head, title="New")
    assert imported(owner, ics(change)) == {"changed": 1}
    assert starts()[:4] == [*TUESDAYS[:2], "Wed 16.12. 13:00", "Wed 23.12. 13:00"]
    assert starts("New")[0] == "Wed 16.12. 13:00"
    assert imported(owner, ics(change)) == {"same": 1}
    series_continue(now=NOW + dt.timedelta(weeks=10))
    assert {row.start.astimezone(HELSINKI).weekday() for row in Activity.objects.filter(title="New")} == {2}


def test_this_and_following_in_one_file_with_the_rule(owner):
    head = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Helsinki"
    imported(owner, ics(weekly(), one(15, start="20261215T080000", head=head)))
    assert starts() == [*TUESDAYS[:2], "Tue 15.12. 08:00", "Tue 22.12. 08:00"]


def test_occurrences_without_their_series_are_single_and_are_not_doubled(owner):
    apart = [one(8, start="20261209T100000"), one(15, start="20261216T100000")]
    assert imported(owner, ics(*apart)) == {"new": 2}
    assert imported(owner, ics(*apart)) == {"same": 2}
    imported(owner, ics(weekly()))
    assert starts() == [TUESDAYS[0], "Wed 9.12. 10:00", "Wed 16.12. 10:00", TUESDAYS[3]]


def test_a_series_that_moves_to_another_weekday_moves(owner):
    imported(owner, ics(weekly()))
    assert imported(owner, ics(weekly("SEQUENCE:1", start="20261203T100000"))) == {"changed": 1}
    assert [time[:3] for time in starts()] == ["Thu"] * 4
    assert imported(owner, ics(weekly("SEQUENCE:1", start="20261203T100000"))) == {"same": 1}


def test_a_single_event_that_becomes_recurring_becomes_a_series(owner):
    imported(owner, ics(event("DTSTART;TZID=Europe/Helsinki:20261201T100000")))
    assert imported(owner, ics(weekly("SEQUENCE:1"), one(8, "STATUS:CANCELLED"))) == {"changed": 1, "cancelled": 1}
    assert starts() == [TUESDAYS[0], *TUESDAYS[2:]]
    assert imported(owner, ics(weekly("SEQUENCE:1"))) == {"same": 1}


# Versions


def test_an_older_version_never_overwrites_a_newer_one(owner):
    newer = event("DTSTART:20261209T080000Z", "SEQUENCE:2", "DTSTAMP:20261120T080000Z", title="Newer")
    older = event("DTSTART:20261210T080000Z", "SEQUENCE:1", "DTSTAMP:20261121T080000Z", title="Older")
    imported(owner, ics(newer))
    [plan] = plans(owner, ics(older))
    assert (plan.result, plan.told) == ("same", "a newer version of this event has been imported")
    imported(owner, ics(older))
    assert [row.title for row in Activity.objects.all()] == ["Newer"]


def test_of_two_versions_with_one_number_the_later_stamp_wins(owner):
    imported(owner, ics(event("DTSTART:20261209T080000Z", "DTSTAMP:20261120T080000Z", title="Second")))
    assert imported(owner, ics(event("DTSTART:20261209T080000Z", "DTSTAMP:20261119T080000Z", title="First"))) == {
        "same": 1
    }
    imported(owner, ics(event("DTSTART:20261209T080000Z", "DTSTAMP:20261121T080000Z", title="Third")))
    assert Activity.objects.get().title == "Third"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_versions_in_one_file_the_newest_is_imported(owner, order):
    parts = [event("DTSTART:20261209T080000Z", f"SEQUENCE:{number}", title=f"V{number}") for number in (1, 2)]
    assert imported(owner, ics(*parts[::order])) == {"new": 1, "refused": 1}
    assert Activity.objects.get().title == "V2"


def test_an_older_version_of_an_occurrence_changes_nothing(owner):
    imported(owner, ics(weekly(), one(8, "SEQUENCE:3", start="20261208T150000")))
    imported(owner, ics(one(8, "SEQUENCE:2", start="20261208T120000")))
    assert starts()[1] == "Tue 8.12. 15:00"
    assert imported(owner, ics(one(8, "SEQUENCE:2"), method="CANCEL")) == {"same": 1}
    assert len(starts()) == 4


# Times beside the rule


def test_times_beside_the_rule_become_single_activities_once(owner):
    """One of them is given by the rule anyway, one is left out by EXDATE."""
    extra = "RDATE;TZID=Europe/Helsinki:20261203T090000,20261208T100000,20261204T090000"
    more = "RDATE;VALUE=PERIOD:20261210T120000Z/PT3H"
    file = ics(weekly(extra, more, "EXDATE;VALUE=DATE:20261204"))
    assert imported(owner, file) == {"new": 3}
    assert starts() == [TUESDAYS[0], "Thu 3.12. 09:00", TUESDAYS[1], "Thu 10.12. 14:00", *TUESDAYS[2:]]
    assert Activity.objects.filter(series=None).count() == 2
    lengths = {when(row.start): (row.end - row.start) // dt.timedelta(hours=1) for row in Activity.objects.all()}
    assert lengths == {day: 3 if day == "Thu 10.12. 14:00" else 1 for day in starts()}
    assert imported(owner, file) == {"same": 3}


def test_a_time_beside_the_rule_on_a_day_of_the_rule_moves_nothing(owner):
    assert imported(owner, ics(weekly("RDATE;TZID=Europe/Helsinki:20261208T150000"))) == {"new": 2}
    assert starts() == [*TUESDAYS[:2], "Tue 8.12. 15:00", *TUESDAYS[2:]]


def test_a_time_beside_the_rule_is_moved_and_cancelled_by_later_files(owner):
    file = weekly("RDATE;TZID=Europe/Helsinki:20261203T100000")
    imported(owner, ics(file))
    assert imported(owner, ics(one(3, start="20261203T130000"))) == {"changed": 1}
    assert "Thu 3.12. 13:00" in starts()
    assert imported(owner, ics(one(3, "STATUS:CANCELLED", "SEQUENCE:2"))) == {"cancelled": 1}
    assert starts() == TUESDAYS


def test_an_event_without_a_rule_has_its_other_times_too(owner):
    times = ("DTSTART:20261201T080000Z", "DTEND:20261201T090000Z", "RDATE:20261202T080000Z", "RDATE:20261203T080000Z")
    assert imported(owner, ics(event(*times))) == {"new": 3}
    assert starts() == ["Tue 1.12. 10:00", "Wed 2.12. 10:00", "Thu 3.12. 10:00"]


def test_a_time_beside_the_rule_that_is_past_is_not_added(owner):
    assert imported(owner, ics(weekly("RDATE:20261101T080000Z"))) == {"new": 1, "same": 1}
    assert starts() == TUESDAYS


def test_more_times_than_are_read_are_told(owner):
    dates = ",".join(f"2027{month:02}{day:02}T080000Z" for month in (1, 3, 5, 7) for day in range(1, 29))
    [first, *others] = plans(owner, ics(weekly(f"RDATE:{dates}")))
    assert len(others) == 100
    assert "some extra days outside the rule are left out" in first.told
