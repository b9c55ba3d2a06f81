"""Invitations are sent once, even when something breaks in between; none is sent twice automatically."""

from __future__ import annotations

import datetime as dt
from threading import Event, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.calendar.models import Invitation
from activities.calendar.services import invitations
from activities.calendar.services.invitations import (
    INVITATIONS,
    NotSentError,
    cancellation_deliver,
    invitation_remove,
    invitation_retry,
    invitations_resend,
    invitations_send,
)
from activities.calendar.tasks import cancel_invitation, send_invitation
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail import outbox as services
from activities.mail.enums import MessageState
from activities.mail.outbox import UNKNOWN
from activities.mail.tasks import sweep_emails
from activities.mail.tests.smtp import smtp_sink
from core.exceptions import BusinessRuleError
from customers.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

LIISA = "liisa@customer.example"


class Died(BaseException):
    """The worker, in the middle of its work."""


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", email="owner@portaali.example")


@pytest.fixture
def meeting(owner):
    start = timezone.now() + dt.timedelta(days=1)
    return ActivityFactory(
        type=activity_type("meeting"), created_by=owner, participants=[owner], status=ActivityStatus.OPEN, start=start
    )


@pytest.fixture
def invitation(owner, meeting):
    contact = ContactFactory(customer=meeting.customer, email=LIISA)
    return invitations_send(activity=meeting, user=owner, contacts=[contact])[0]


@pytest.fixture
def page(owner):
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


def fresh(invitation):
    return Invitation.objects.get(pk=invitation.pk)


def failed(words=UNKNOWN):
    Invitation.objects.update(state=MessageState.FAILED, error=words)


def gone_with_its_worker(invitation, monkeypatch):
    """The server has taken the mail, and the worker dies before it can write that down."""
    whole = services.deliver_mail

    def die(mail):
        whole(mail)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(invitations, "deliver_mail", die)
        with pytest.raises(Died):
            send_invitation(invitation.pk)


def test_one_whose_worker_died_after_sending_does_not_go_again(invitation, monkeypatch, sink):
    gone_with_its_worker(invitation, monkeypatch)
    send_invitation(invitation.pk)
    sweep_emails()
    assert len(sink.received) == 1
    assert fresh(invitation).state == MessageState.SENDING


def test_later_nobody_knows_and_who_invites_is_told(invitation, monkeypatch, sink, owner, meeting):
    gone_with_its_worker(invitation, monkeypatch)
    Invitation.objects.update(state_at=timezone.now() - dt.timedelta(hours=1))
    sweep_emails()
    send_invitation(invitation.pk)
    assert (fresh(invitation).state, fresh(invitation).error) == (MessageState.FAILED, UNKNOWN)
    notification = Notification.objects.get(kind="invitation_failed")
    assert (notification.user, notification.url) == (owner, meeting.get_absolute_url())
    assert len(sink.received) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_tasks_at_once_one_sends(invitation, monkeypatch, sink):
    whole, on_its_way, go_on = services.deliver_mail, Event(), Event()

    def slowly(mail):
        on_its_way.set()
        go_on.wait(10)
        return whole(mail)

    def work():
        send_invitation(invitation.pk)
        connection.close()

    monkeypatch.setattr(invitations, "deliver_mail", slowly)
    first = Thread(target=work)
    first.start()
    assert on_its_way.wait(10)
    send_invitation(invitation.pk)
    go_on.set()
    first.join()
    assert (len(sink.received), fresh(invitation).state) == (1, MessageState.SENT)


def test_a_worker_that_comes_late_leaves_what_was_put_back_to_wait(invitation, monkeypatch, owner, meeting):
    def slowly(mail):
        invitations_resend(activity=meeting, user=owner)
        return services.Delivered()

    monkeypatch.setattr(invitations, "deliver_mail", slowly)
    send_invitation(invitation.pk)
    assert (fresh(invitation).state, fresh(invitation).sent_at) == (MessageState.WAITING, None)


def test_what_may_have_gone_goes_again_only_when_that_is_confirmed(invitation, sink):
    failed()
    with pytest.raises(BusinessRuleError) as caught:
        invitation_retry(invitation=invitation)
    assert caught.value.code == "delivery_unknown"
    invitation_retry(invitation=invitation, confirmed=True)
    send_invitation(invitation.pk)
    assert (len(sink.received), fresh(invitation).state) == (1, MessageState.SENT)


def test_a_connection_that_breaks_in_the_mail_is_not_known(invitation, sink):
    sink.answers = {"data": "drop"}
    send_invitation(invitation.pk)
    assert (fresh(invitation).state, fresh(invitation).error) == (MessageState.FAILED, UNKNOWN)


def test_a_server_that_is_busy_is_tried_again_by_itself_and_given_up_at_last(invitation, sink):
    sink.answers = {LIISA: "451 Try later"}
    for attempt in range(1, 6):
        Invitation.objects.update(state_at=timezone.now())
        send_invitation(invitation.pk)
        assert fresh(invitation).attempts == attempt
        assert fresh(invitation).state == (MessageState.WAITING if attempt < 5 else MessageState.FAILED)
    assert fresh(invitation).error == "451 Try later"


def test_what_the_server_did_not_take_goes_when_it_does(invitation, sink):
    sink.answers = {LIISA: "451 Try later"}
    send_invitation(invitation.pk)
    sink.answers = {}
    send_invitation(invitation.pk)
    assert not sink.received  # not before its time
    Invitation.objects.update(state_at=timezone.now())
    send_invitation(invitation.pk)
    sent = fresh(invitation)
    assert (len(sink.received), sent.state, sent.error, sent.sent_at) == (1, MessageState.SENT, "", sent.state_at)


def test_what_the_broker_lost_is_queued_again(invitation, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sweep_emails()
    assert queued == [(send_invitation.name, invitation.pk)]


@pytest.mark.parametrize("what", ["over", "passive"])
def test_what_is_not_needed_any_more_is_not_sent(invitation, sink, meeting, what):
    if what == "over":
        Activity.objects.update(start=timezone.now() - dt.timedelta(hours=1), end=None)
    else:
        meeting.customer.state = "passive"
        meeting.customer.save()
    send_invitation(invitation.pk)
    assert (len(sink.received), fresh(invitation).state) == (0, MessageState.FAILED)


def test_one_that_went_is_told_again_when_the_time_changes(invitation, sink, owner, meeting):
    send_invitation(invitation.pk)
    invitations_resend(activity=meeting, user=owner)
    send_invitation(invitation.pk)
    assert (len(sink.received), fresh(invitation).state) == (2, MessageState.SENT)


@pytest.mark.parametrize(
    ("state", "error", "is_sent", "is_told"),
    [
        (MessageState.WAITING, "", False, False),
        (MessageState.FAILED, "550 no such user", False, False),
        (MessageState.FAILED, UNKNOWN, False, True),
        (MessageState.SENDING, "", False, True),
        (MessageState.WAITING, "", True, True),  # notified of another time and place
    ],
)
def test_who_may_have_it_is_told_that_it_is_taken_back(
    invitation, queued, django_capture_on_commit_callbacks, state, error, is_sent, is_told
):
    Invitation.objects.update(state=state, error=error, sent_at=timezone.now() if is_sent else None)
    with django_capture_on_commit_callbacks(execute=True):
        invitation_remove(invitation=invitation)
        invitation_remove(invitation=invitation)  # twice is once
    cancelled = [(name, email) for name, _activity, email, _sequence in queued]
    assert cancelled == ([(cancel_invitation.name, LIISA)] if is_told else [])


def test_a_cancellation_is_tried_again_only_when_the_server_surely_has_not_taken_it(meeting, sink):
    sink.answers = {LIISA: "451 Try later"}
    with pytest.raises(NotSentError):
        cancellation_deliver(meeting.pk, LIISA, 1)
    for answer in ({"data": "drop"}, {LIISA: "550 No such user"}):
        sink.answers = answer
        cancellation_deliver(meeting.pk, LIISA, 1)


def test_the_page_tells_what_was_refused_in_the_servers_words(invitation, sink, page, meeting):
    sink.answers = {LIISA: "550 No such user"}
    send_invitation(invitation.pk)
    text = page.get(reverse("calendar:invitations", args=[meeting.pk])).content.decode()
    assert "550 No such user" in text
    assert f"/invitations/{invitation.pk}/retry/" in text


def test_the_page_offers_nothing_for_what_is_tried_again_by_itself(invitation, sink, page, meeting):
    sink.answers = {LIISA: "451 Try later"}
    send_invitation(invitation.pk)
    text = page.get(reverse("calendar:invitations", args=[meeting.pk])).content.decode()
    assert "451 Try later" in text
    assert "/retry/" not in text


def test_the_page_asks_and_sends_again(invitation, page, sink, meeting):
    failed()
    url = reverse("calendar:invitation_retry", args=[meeting.pk, invitation.pk])
    assert "may get it twice" in page.get(url).content.decode()
    page.post(url)
    assert fresh(invitation).state == MessageState.WAITING
    page.post(url)  # twice is once
    INVITATIONS.send(invitation.pk)
    assert len(sink.received) == 1


def test_the_api_shows_the_state_and_sends_again(invitation, owner, meeting):
    failed()
    api = APIClient()
    api.force_authenticate(owner)
    url = f"/api/v1/activities/{meeting.pk}/invitations/"
    assert api.get(url).json()[0]["state"] == "failed"
    retry = f"{url}{invitation.pk}/retry/"
    assert api.post(retry).json()["error"]["code"] == "delivery_unknown"
    assert api.post(retry, {"confirmed": True}, format="json").json()["state"] == "waiting"
    assert api.post(retry, {"confirmed": True}, format="json").status_code == 409


def test_the_api_knows_no_invitation_of_another_activity(invitation, owner):
    other = ActivityFactory(created_by=owner, participants=[owner])
    api = APIClient()
    api.force_authenticate(owner)
    assert api.post(f"/api/v1/activities/{other.pk}/invitations/{invitation.pk}/retry/").status_code == 404
