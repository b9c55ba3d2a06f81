"""Recurring activities: made ahead by the clock of their zone, changed from one on or all, never the done ones."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries, Participation, Reminder
from activities.log.services.activities import activity_change
from activities.log.services.series import series_continue
from activities.log.services.series_changes import occurrence_skip, series_change, series_end
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.log.tests.series_helpers import HELSINKI, WEEK, coming_day, make, refused, rows, set_done
from customers.models import CustomerSummary
from customers.tests.factories import ContactFactory, CustomerFactory

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


def test_the_coming_occurrences_of_a_year_are_made(first, owner):
    series = make(first, owner)
    found = rows(series)
    assert len(found) in (52, 53)
    assert {one.start.astimezone(HELSINKI).time() for one in found} == {dt.time(9)}  # through both changes of the clock
    assert found[-1].start < timezone.now() + dt.timedelta(days=366)


def test_an_occurrence_has_what_the_first_has_but_not_its_report(first, owner):
    second = rows(make(first, owner))[1]
    assert (second.title, second.place, second.channel, second.memo) == ("Weekly", "Espoo", "meeting", "")
    assert (second.status, second.end - second.start) == (ActivityStatus.OPEN, dt.timedelta(hours=1))
    assert [*second.users.all()] == [owner]
    assert [*second.contacts.all()] == [*first.contacts.all()]


def test_rule_16_occurrences_are_the_participants_own(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=3")
    assert Participation.objects.filter(user=owner, due_at__isnull=False).count() == 3
    assert CustomerSummary.objects.get(customer=first.customer).open_activities == series.activities.count()


def test_reminders_are_copied(first, owner):
    Reminder.objects.create(activity=first, user=owner, minutes_before=30, due_at=first.start)
    second = rows(make(first, owner, "FREQ=DAILY;COUNT=2"))[1]
    assert second.reminders.get().due_at == second.start - dt.timedelta(minutes=30)


def test_a_rule_without_end_is_bounded_and_goes_on_by_the_nightly_job(first, owner):
    series = make(first, owner, "FREQ=DAILY")
    made = series.activities.count()
    assert 300 < made <= 400
    assert series_continue(now=timezone.now() + dt.timedelta(days=10)) == 10
    assert series_continue(now=timezone.now() + dt.timedelta(days=10)) == 0
    assert series.activities.count() == made + 10


def test_a_rule_that_has_come_to_its_end_is_not_asked_again(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;COUNT=3")
    assert series.activities.count() == 3
    assert ActivitySeries.objects.get().ended_at is not None


def test_nothing_of_the_past_is_made(first, owner):
    Activity.objects.filter(pk=first.pk).update(start=coming_day() - 4 * WEEK, end=None)
    found = rows(make(first, owner, "FREQ=WEEKLY;BYDAY=MO"))
    assert found[0].pk == first.pk
    assert all(one.start > timezone.now() for one in found[1:])


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=DAILY;BYSECOND=1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=3;UNTIL=20300101",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;UNTIL=20301301",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=DAILY;FREQ=DAILY",
        "",
        "x" * 400,
        "FREQ=DAILY\x00",
        "FREQ=DAILY;INTERVAL=٣",
    ],
)
def test_a_rule_that_is_not_known_is_refused(first, owner, rule):
    refused("rule_invalid", make, first=first, owner=owner, rule=rule)
    assert not ActivitySeries.objects.exists()


def test_what_recurs_already_is_refused(first, owner):
    make(first, owner, "FREQ=DAILY;COUNT=2")
    refused("series_already", make, first=first, owner=owner)


def test_feedback_does_not_recur(owner):
    feedback = ActivityFactory(type=activity_type("feedback"), created_by=owner)
    refused("type_does_not_recur", make, first=feedback, owner=owner)


def test_rule_2_work_of_a_passive_customer_does_not_recur(owner):
    activity = ActivityFactory(customer=CustomerFactory(passive=True), created_by=owner)
    refused("customer_passive", make, first=activity, owner=owner)


def test_rule_2_a_series_stops_when_its_customer_becomes_passive_and_it_is_told(first, owner):
    series = make(first, owner, "FREQ=DAILY")
    before = series.activities.count()
    first.customer.state = "passive"
    first.customer.save()
    assert series_continue(now=timezone.now() + dt.timedelta(days=5)) == 0
    series.refresh_from_db()
    assert (series.activities.count(), series.ended_at is not None) == (before, True)
    assert Notification.objects.get(user=owner).kind == "series_stopped"


def test_who_has_left_is_not_given_more(first, owner):
    gone = UserFactory()
    first.users.add(gone)
    make(first, owner, "FREQ=DAILY")
    gone.is_active = False
    gone.save()
    series_continue(now=timezone.now() + dt.timedelta(days=3))
    assert [*Activity.objects.order_by("-start")[0].users.all()] == [owner]


def test_this_and_following_change_and_those_before_do_not(first, owner):
    found = rows(make(first, owner, "FREQ=WEEKLY;COUNT=5"))
    result = series_change(activity=found[2], user=owner, changes={"title": "New", "at": dt.time(13)})
    titles = [one.title for one in rows(first.__class__.objects.get(pk=first.pk).series)]
    assert titles == ["Weekly", "Weekly", "New", "New", "New"]
    hours = [one.start.astimezone(HELSINKI).hour for one in Activity.objects.order_by("start")]
    assert (hours, result.changed) == ([9, 9, 13, 13, 13], 3)


def test_all_changes_what_is_to_come_but_never_the_done(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;COUNT=4")
    set_done(first)
    series_change(activity=rows(series)[2], user=owner, changes={"title": "New"}, whole=True)
    assert [one.title for one in rows(series)] == ["Weekly", "New", "New", "New"]


def test_what_was_changed_alone_keeps_its_own(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;COUNT=4")
    alone = rows(series)[1]
    later = {"start": alone.start + dt.timedelta(hours=5), "end": alone.end + dt.timedelta(hours=5)}
    activity_change(activity=alone, user=owner, changes={"title": "Own", **later})
    result = series_change(activity=first, user=owner, changes={"title": "New", "at": dt.time(10)}, whole=True)
    found = {one.pk: one for one in rows(series)}
    assert found[alone.pk].title == "Own"
    assert found[alone.pk].start.astimezone(HELSINKI).hour == 14
    assert sorted(one.title for one in found.values()) == ["New", "New", "New", "Own"]
    assert result.kept == 1


def test_what_is_made_later_is_like_most_not_like_the_one_changed_alone(first, owner):
    series = make(first, owner, "FREQ=DAILY")
    last = rows(series)[-1]
    activity_change(activity=last, user=owner, changes={"title": "Own"})
    series_continue(now=timezone.now() + dt.timedelta(days=2))
    assert rows(series)[-1].title == "Weekly"


def test_people_are_added_to_all_and_others_own_people_stay(first, owner):
    series, guest, new = make(first, owner, "FREQ=WEEKLY;COUNT=3"), UserFactory(), UserFactory()
    second = rows(series)[1]
    second.users.add(guest)
    series_change(activity=first, user=owner, changes={"participants": [owner, new]})
    assert {*second.users.all()} == {owner, new, guest}
    assert {*first.users.all()} == {owner, new}


def test_nobody_cannot_take_part(first, owner):
    make(first, owner, "FREQ=WEEKLY;COUNT=3")
    refused("participant_last", series_change, activity=first, user=owner, changes={"participants": []})


def test_another_rule_lays_the_coming_ones_again(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;BYDAY=MO;COUNT=6")
    third = rows(series)[2]
    result = series_change(activity=third, user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=WE;COUNT=3")
    days = [one.start.astimezone(HELSINKI).weekday() for one in rows(series)]
    assert days == [0, 0, 2, 2, 2]
    assert (result.removed, result.made) == (3, 2)
    assert Activity.objects.filter(pk=third.pk).exists()


def test_another_rule_removes_nothing_on_which_something_was_done(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    started, reported = rows(series)[1:3]
    activity_set_status(activity=started, status=ActivityStatus.IN_PROGRESS, user=owner)
    activity_change(activity=reported, user=owner, changes={"memo": "<p>Prepared</p>"})
    result = series_change(activity=first, user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=WE;COUNT=2")
    assert result.kept == 2
    assert Activity.objects.filter(pk__in=[started.pk, reported.pk]).count() == 2


def test_a_rule_that_never_comes_true_is_refused(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;COUNT=3")
    rule = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    refused("rule_without_days", series_change, activity=first, user=owner, changes={}, rule=rule)
    assert series.activities.count() == 3


def test_a_series_ends_with_the_one_that_is_said(first, owner):
    series = make(first, owner, "FREQ=WEEKLY;BYDAY=MO")
    second = rows(series)[1]
    series_end(activity=second, user=owner)
    assert [one.pk for one in rows(series)] == [first.pk, second.pk]
    assert series_continue(now=timezone.now() + dt.timedelta(days=30)) == 0


def test_an_occurrence_is_left_out_for_good(first, owner):
    series = make(first, owner, "FREQ=DAILY")
    second, third = rows(series)[1:3]
    assert occurrence_skip(activity=second, user=owner) == third
    series_continue(now=timezone.now() + dt.timedelta(days=3))
    assert second.start not in {one.start for one in rows(series)}
