"""Two users at the same moment on separate connections, which the other tests of races only imitate."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, StatusChange
from activities.log.services.series import series_continue, series_make
from activities.log.services.series_changes import series_change, series_end
from activities.log.tests.factories import ActivityFactory
from activities.mail.models import EmailThread
from activities.mail.tests.letters import letter, receive
from customers.models import Customer
from customers.tests.factories import CustomerFactory, business_id
from tests.security.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run the actions in threads that start together; return what they gave. Each closes its connection."""
    gate = threading.Barrier(len(actions))
    found: list[Any] = [None] * len(actions)

    def run(number: int, action: Callable[[], Any]) -> None:
        gate.wait(timeout=20)
        try:
            found[number] = action()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def test_a_form_sent_twice_at_once_makes_one_customer():
    world = make_world()
    data = {
        "name": "Kaksoisklikkaus Oy", "confirmed": "1", "submission_key": str(uuid.uuid4()),
        world.rows["branch"].code: world.rows["node"].pk,
    }  # fmt: skip
    clients = [world.client("owner"), world.client("owner")]
    answers = at_once(*(lambda client=client: client.post("/customers/new/", data) for client in clients))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Customer.objects.filter(name="Kaksoisklikkaus Oy").count() == 1


def test_two_customers_with_one_business_id_are_one_and_a_sentence():
    world = make_world()
    number = business_id(90_002)
    data = {"business_id": number, "confirmed": "1", world.rows["branch"].code: world.rows["node"].pk}
    clients = [world.client("owner"), world.client("admin")]
    answers = at_once(
        *(
            lambda client=client, name=name: client.post("/customers/new/", data | {"name": name})
            for client, name in zip(clients, ("Yksi Oy", "Kaksi Oy"), strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert Customer.objects.filter(business_id=number).count() == 1


def test_two_who_close_the_same_activity_close_it_once():
    users = [UserFactory(role="account_manager"), UserFactory(role="account_manager")]
    activity = ActivityFactory(customer=CustomerFactory(), participants=users, status=ActivityStatus.OPEN)
    from activities.log.services.status import activity_set_status

    def close(user: Any) -> str:
        activity_set_status(activity=Activity.objects.get(pk=activity.pk), status=ActivityStatus.DONE, user=user)
        return "closed"

    assert at_once(*(lambda user=user: close(user) for user in users)) == ["closed", "closed"]
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.DONE
    assert StatusChange.objects.filter(activity=activity).count() == 1


def test_an_answer_and_its_message_that_come_at_once_are_one_thread():
    raws = [letter(Message_ID="<answer@x>", In_Reply_To="<first@x>"), letter(Message_ID="<first@x>")]
    answers = at_once(*(lambda raw=raw: receive(raw).kind for raw in raws))
    assert answers == ["inbox", "inbox"]
    assert EmailThread.objects.count() == 1


def test_two_who_change_a_series_at_once_wait_for_each_other():
    users = [UserFactory(role="account_manager"), UserFactory(role="account_manager")]
    start = timezone.now() + dt.timedelta(days=1)
    first = ActivityFactory(participants=users, status=ActivityStatus.OPEN, start=start, end=None)
    series = series_make(activity=first, user=users[0], rule="FREQ=DAILY;COUNT=5")

    def change(user: Any, rule: str) -> Any:
        row = Activity.objects.get(pk=first.pk)
        return series_change(activity=row, user=user, changes={}, rule=rule, whole=True)

    found = at_once(
        lambda: change(users[0], "FREQ=DAILY;INTERVAL=2;COUNT=3"), lambda: change(users[1], "FREQ=DAILY;COUNT=7")
    )
    assert None not in found
    series.refresh_from_db()
    days = sorted(activity.start.date() for activity in series.activities.all())
    step, count = (2, 3) if "INTERVAL=2" in series.rule else (1, 7)
    assert [(day - days[0]).days for day in days] == [step * number for number in range(count)]


def test_the_nightly_task_and_who_ends_the_series_do_not_cross():
    user = UserFactory(role="account_manager")
    start = timezone.now() + dt.timedelta(days=1)
    first = ActivityFactory(participants=[user], status=ActivityStatus.OPEN, start=start, end=None)
    series = series_make(activity=first, user=user, rule="FREQ=DAILY")
    later = timezone.now() + dt.timedelta(days=30)
    at_once(
        lambda: series_end(activity=Activity.objects.get(pk=first.pk), user=user), lambda: series_continue(now=later)
    )
    assert series.activities.get() == first


def test_one_occurrence_that_two_leave_out_goes_once():
    users = [UserFactory(role="account_manager"), UserFactory(role="account_manager")]
    start = timezone.now() + dt.timedelta(days=1)
    first = ActivityFactory(participants=users, status=ActivityStatus.OPEN, start=start, end=None)
    series = series_make(activity=first, user=users[0], rule="FREQ=DAILY;COUNT=3")
    second = series.activities.order_by("start")[1]
    clients = [Client(), Client()]
    for client, user in zip(clients, users, strict=True):
        client.force_login(user)
    answers = at_once(*(lambda client=client: client.post(f"/activities/{second.pk}/skip/") for client in clients))
    assert {answer.status_code for answer in answers} <= {302, 404}
    series.refresh_from_db()
    assert (series.activities.count(), len(series.left_out)) == (2, 1)
