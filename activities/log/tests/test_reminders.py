"""Reminders: each user's own, moving with the start, sent once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, SystemMail
from accounts.notifications import choices_set
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Reminder
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.effects import reminder_default_set, reminder_set, reminders_follow, reminders_send_due
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def activity(user):
    start = timezone.now() + 5 * HOUR
    return ActivityFactory(participants=[user], created_by=user, status=ActivityStatus.OPEN, start=start, title="Visit")


def due_now(activity, user):
    reminder = reminder_set(activity=activity, user=user, minutes=60)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=timezone.now() - dt.timedelta(seconds=5))
    return reminder


def test_a_reminder_is_due_so_many_minutes_before_the_start(activity, user):
    reminder = reminder_set(activity=activity, user=user, minutes=60)
    assert reminder.due_at == activity.start - HOUR


def test_one_has_one_reminder_of_an_activity_and_takes_it_away(activity, user):
    reminder_set(activity=activity, user=user, minutes=60)
    reminder_set(activity=activity, user=user, minutes=10)
    assert [row.minutes_before for row in activity.reminders.all()] == [10]
    reminder_set(activity=activity, user=user, minutes=None)
    assert not activity.reminders.exists()


def test_the_past_and_the_done_have_nothing_to_remind_of(activity, user):
    with pytest.raises(BusinessRuleError) as error:
        reminder_set(activity=activity, user=user, minutes=60 * 24)
    assert error.value.code == "reminder_in_past"
    with pytest.raises(BusinessRuleError) as error:
        reminder_set(activity=ActivityFactory(), user=user, minutes=0)
    assert error.value.code == "reminder_of_done"


def test_a_reminder_follows_the_start(activity, user):
    reminder = reminder_set(activity=activity, user=user, minutes=60)
    start = activity.start + 24 * HOUR
    activity_change(activity=activity, user=user, changes={"start": start})
    reminder.refresh_from_db()
    assert reminder.due_at == start - HOUR


def test_a_reminder_that_was_sent_is_due_again_when_the_start_moves_ahead(activity, user):
    reminder = due_now(activity, user)
    reminders_send_due()
    activity_change(activity=activity, user=user, changes={"start": activity.start + 24 * HOUR})
    reminder.refresh_from_db()
    assert reminder.sent_at is None


def test_a_reminder_goes_when_the_activity_is_done(activity, user):
    reminder_set(activity=activity, user=user, minutes=60)
    with clock.frozen(activity.start + HOUR):
        activity_set_status(activity=activity, status=ActivityStatus.DONE, user=user)
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_following_costs_the_same_however_many_move(count, user, django_assert_num_queries):
    rows = [ActivityFactory(status=ActivityStatus.OPEN, start=timezone.now() + 5 * HOUR) for _number in range(count)]
    for row in rows:
        reminder_set(activity=row, user=user, minutes=60)
    Activity.objects.update(start=timezone.now() + 50 * HOUR)
    with django_assert_num_queries(4):
        reminders_follow([row.pk for row in rows])
    assert Reminder.objects.filter(due_at__gt=timezone.now() + 40 * HOUR).count() == count


def test_a_due_reminder_is_sent_once(activity, user):
    due_now(activity, user)
    assert (reminders_send_due(), reminders_send_due()) == (1, 0)
    row = Notification.objects.get()
    assert (row.user, row.kind, row.url) == (user, "reminder", activity.get_absolute_url())
    assert row.text.startswith(f"Reminder: Visit · {activity.customer}, ")


def test_what_is_not_due_waits(activity, user):
    reminder_set(activity=activity, user=user, minutes=60)
    assert reminders_send_due() == 0


def test_a_reminder_of_a_passive_customers_activity_is_not_sent(user):
    activity = ActivityFactory(
        customer=CustomerFactory(passive=True), status=ActivityStatus.OPEN, start=timezone.now() + 5 * HOUR
    )
    due_now(activity, user)
    assert reminders_send_due() == 1
    assert not Notification.objects.exists()


def test_a_reminder_that_could_not_be_sent_for_days_is_not_sent(activity, user):
    due_now(activity, user)
    Activity.objects.update(start=timezone.now() - 49 * HOUR)
    Reminder.objects.update(due_at=timezone.now() - 50 * HOUR)
    reminders_send_due()
    assert not Notification.objects.exists()


def test_who_chose_so_is_reminded_by_email(activity, user, queued, django_capture_on_commit_callbacks):
    choices_set(user=user, choices={"reminder": (False, True)})
    due_now(activity, user)
    with django_capture_on_commit_callbacks(execute=True):
        reminders_send_due()
    assert [task[0] for task in queued] == ["accounts.tasks.send_system_mail"]
    assert list(SystemMail.objects.values_list("user", "kind")) == [(user.pk, "notification")]
    assert not Notification.objects.exists()


def test_logging_sets_the_reminder_that_is_asked_for(user):
    def log(start, minutes):
        return activity_log(
            user=user,
            type=activity_type("call"),
            title="Price",
            customer=CustomerFactory(),
            start=start,
            remind=minutes,
        ).reminders.count()

    assert log(timezone.now() + 5 * HOUR, 60) == 1
    assert log(timezone.now() + 5 * HOUR, None) == 0
    assert log(timezone.now() - 5 * HOUR, 60) == 0


def test_the_form_proposes_ones_usual_reminder(client, user):
    reminder_default_set(user=user, minutes=10)
    activity_type("call")
    page = client.get(reverse("activities:create") + "?type=call").text
    assert '<option value="10" selected>10 minutes before</option>' in page


def test_the_pages_panel_shows_and_sets_ones_own(client, activity, user):
    url = reverse("activities:reminder", args=[activity.pk])
    panel = {"HX-Request": "true"}
    assert "No reminder." in client.get(url, headers=panel).text
    assert client.post(url, {"minutes": "60"}).status_code == 302
    assert "An hour before" in client.get(url, headers=panel).text
    assert activity.reminders.get().user == user


@pytest.mark.parametrize("minutes", ["5", "-1", "abc", "99999999999"])
def test_other_times_than_offered_are_refused(minutes, client, activity):
    response = client.post(reverse("activities:reminder", args=[activity.pk]), {"minutes": minutes})
    assert response.status_code == 422
    assert "Select a valid choice." in response.text
    assert not Reminder.objects.exists()


def test_a_reminder_in_the_past_is_refused_at_its_field(client, activity):
    response = client.post(reverse("activities:reminder", args=[activity.pk]), {"minutes": str(60 * 24)})
    assert response.status_code == 422
    assert "The time of the reminder has already passed." in response.text


def test_another_users_reminder_is_not_seen(client, activity):
    reminder_set(activity=activity, user=UserFactory(), minutes=60)
    url = reverse("activities:reminder", args=[activity.pk])
    assert "No reminder." in client.get(url, headers={"HX-Request": "true"}).text


def test_the_usual_reminder_is_chosen_on_its_page(client, user):
    client.post(reverse("activities:reminders"), {"minutes": "1440"})
    assert user.reminder_default.minutes_before == 1440
    client.post(reverse("activities:reminders"), {"minutes": ""})
    user.refresh_from_db()
    assert not hasattr(type(user).objects.get(pk=user.pk), "reminder_default")


def test_the_endpoint_sets_shows_and_takes_away_ones_own(client, activity, user):
    url = f"/api/v1/activities/{activity.pk}/reminder/"
    assert client.get(url).json() == {"minutes": None, "due_at": None, "sent_at": None}
    assert client.post(url, {"minutes": 60}, content_type="application/json").json()["minutes"] == 60
    late = client.post(url, {"minutes": 60 * 24}, content_type="application/json")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "reminder_in_past")
    assert client.post(url, {"minutes": -1}, content_type="application/json").status_code == 400
    assert client.post(url, {"minutes": None}, content_type="application/json").json()["minutes"] is None
    assert not Reminder.objects.exists()
