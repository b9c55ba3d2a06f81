"""Recurring activities: made ahead by the clock of their zone, changed from one on or all, never the done ones."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from icalendar import Calendar

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.calendar.services.feeds import feed_content
from activities.log.enums import ActivityStatus
from activities.log.forms.series import choice_of_rule
from activities.log.models import Activity, ActivitySeries, Participation, Reminder
from activities.log.recurrence.rules import parse_rule
from activities.log.services.activities import activity_change
from activities.log.services.series import series_continue, series_make
from activities.log.services.series_changes import occurrence_skip, series_change, series_end
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.exceptions import BusinessRuleError, StaleVersionError
from core.templatetags.portaali import day
from customers.models import CustomerSummary
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HELSINKI = ZoneInfo("Europe/Helsinki")
WEEK = dt.timedelta(weeks=1)
PANEL_QUERIES = 8


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def coming_day(weekday=0, hour=9):
    """The next Monday (0) at nine in Helsinki, at least a day ahead."""
    day = timezone.localdate() + dt.timedelta(days=2)
    day += dt.timedelta(days=(weekday - day.weekday()) % 7)
    return dt.datetime.combine(day, dt.time(hour), tzinfo=HELSINKI)


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


def rows(series):
    return list(series.activities.order_by("start"))


def refused(code, call, **kwargs):
    with pytest.raises(BusinessRuleError) as caught:
        call(**kwargs)
    assert caught.value.code == code


def make(first, owner, rule="FREQ=WEEKLY;BYDAY=MO"):
    return series_make(activity=first, user=owner, rule=rule)


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
    activity_set_status(activity=first, status=ActivityStatus.DONE, user=owner)
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
    activity_set_status(activity=rows(series)[2], status=ActivityStatus.DONE, user=owner)
    series_change(activity=first, user=owner, changes={"at": dt.time(15)}, rule="FREQ=DAILY;COUNT=5")
    assert len(local_days(series)) == len(set(local_days(series))) == 5


def test_the_first_of_another_rule_goes_past_a_day_that_is_taken(first, owner):
    series = make(first, owner, "FREQ=DAILY;COUNT=4")
    activity_set_status(activity=rows(series)[2], status=ActivityStatus.DONE, user=owner)  # on the Wednesday
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


# Pages


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


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
