"""The delivery of messages: what the server answers, and that nothing is sent twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import activity_type
from activities.mail import outbox
from activities.mail.enums import MessageState
from activities.mail.models import EmailMessage
from activities.mail.services.messages import MESSAGES, email_deliver, email_retry, emails_send
from activities.mail.tests.messages import code_of, delivered, letter, to
from activities.mail.tests.smtp import sent_message, smtp_sink
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    activity_type("email")
    return UserFactory(role="account_manager", first_name="Äijä", last_name="Öhman", email="aija@example.fi")


@pytest.fixture
def customer(user):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=user)


@pytest.fixture
def maija(customer):
    return ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer, email="maija@konepaja.fi")


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


# What the server answers


def failed(user, maija, sink, **answers):
    sink.answers = {name.replace("any", "*"): answer for name, answer in answers.items()}
    [message] = emails_send(letter=letter(user, to(maija)))
    return delivered(message)


def test_a_busy_server_is_tried_again_later(user, maija, sink):
    message = failed(user, maija, sink, data="451 busy, come back")
    assert message.state == MessageState.WAITING
    assert "451 busy" in message.error
    assert message.date > timezone.now() + dt.timedelta(seconds=30)
    sink.answers = {}
    EmailMessage.objects.update(date=timezone.now())
    assert delivered(message).state == MessageState.SENT
    assert (len(sink.received), message.error) == (1, "")


def test_before_its_time_it_is_not_tried_again(user, maija, sink):
    message = failed(user, maija, sink, data="451 busy")
    sink.answers = {}
    assert delivered(message).state == MessageState.WAITING
    assert sink.received == []


def test_after_the_last_attempt_it_is_given_up(user, maija, sink):
    message = failed(user, maija, sink, any="421 no")
    for _ in range(len(outbox.BACKOFF)):
        EmailMessage.objects.update(date=timezone.now())
        delivered(message)
    assert (message.state, message.attempts) == (MessageState.FAILED, 5)
    assert "421" in message.error


@pytest.mark.parametrize("where", ["any", "data"])
def test_a_refused_message_is_not_sent_and_says_why(user, maija, sink, where):
    message = failed(user, maija, sink, **{where: "550 5.7.1 not welcome"})
    assert (message.state, message.activity.status) == (MessageState.FAILED, ActivityStatus.OPEN)
    assert "550 5.7.1 not welcome" in message.error
    assert Notification.objects.get(user=user).kind == "email_failed"


def test_one_refused_recipient_is_told_and_the_others_get_it(user, customer, maija, sink):
    sink.answers = {"gone@konepaja.fi": "550 no such user"}
    [message] = emails_send(letter=letter(user, to(maija), to(address="gone@konepaja.fi")))
    delivered(message)
    assert (message.state, sink.envelopes[0].rcpt_tos) == (MessageState.SENT, ["maija@konepaja.fi"])
    assert message.error == "gone@konepaja.fi: 550 no such user"
    assert Notification.objects.filter(user=user).exists()


def test_a_connection_that_breaks_in_the_middle_is_not_known(user, maija, sink):
    message = failed(user, maija, sink, data="drop")
    assert (message.state, message.error) == (MessageState.FAILED, outbox.UNKNOWN)


def test_a_server_that_is_not_there_is_tried_again(user, maija):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        [message] = emails_send(letter=letter(user, to(maija)))
        assert delivered(message).state == MessageState.WAITING


# Never twice


@pytest.mark.parametrize("state", [state for state in MessageState if state != MessageState.WAITING])
def test_only_a_waiting_message_is_sent(user, customer, sink, state):
    message = sent_message(user, customer, state=state)
    assert delivered(message).state == state
    assert sink.received == []


def test_a_task_that_runs_twice_sends_once(user, maija, sink):
    [message] = emails_send(letter=letter(user, to(maija)))
    email_deliver(message.pk)
    email_deliver(message.pk)
    assert len(sink.received) == 1


def test_what_a_dead_worker_left_is_not_known_and_not_sent_again(user, customer, sink):
    message = sent_message(user, customer, state=MessageState.SENDING, date=timezone.now() - dt.timedelta(hours=1))
    MESSAGES.sweep()
    message.refresh_from_db()
    assert (message.state, message.error) == (MessageState.FAILED, outbox.UNKNOWN)
    assert sink.received == []


def test_what_is_being_sent_just_now_is_left_alone(user, customer):
    message = sent_message(user, customer, state=MessageState.SENDING)
    MESSAGES.sweep()
    message.refresh_from_db()
    assert message.state == MessageState.SENDING


def test_what_may_have_arrived_is_sent_again_only_when_confirmed(user, customer):
    message = sent_message(user, customer, state=MessageState.FAILED, error=outbox.UNKNOWN)
    assert code_of(email_retry, message=message) == "delivery_unknown"
    assert email_retry(message=message, confirmed=True).state == MessageState.WAITING


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.SENDING, MessageState.WAITING, MessageState.FILED])
def test_only_a_failed_message_is_sent_again(user, customer, state):
    message = sent_message(user, customer, state=state)
    assert code_of(email_retry, message=message) == "state_not_allowed"


def test_the_message_that_is_sent_again_is_the_same(user, maija, sink):
    message = failed(user, maija, sink, any="550 no")
    sink.answers = {}
    email_retry(message=message)
    delivered(message)
    assert sink.received[0]["Message-ID"] == f"<{message.message_id}>"
    assert message.activity.status == ActivityStatus.DONE


def test_a_customer_made_passive_meanwhile_keeps_its_activity_as_it_is(user, customer, maija, sink):
    [message] = emails_send(letter=letter(user, to(maija)))
    type(customer).objects.filter(pk=customer.pk).update(state="passive")
    delivered(message)
    assert (message.state, message.activity.status) == (MessageState.SENT, ActivityStatus.OPEN)


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sends_what_was_written(user, maija, celery_worker_process, settings):
    import time

    [message] = emails_send(letter=letter(user, to(maija)))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and message.state != MessageState.SENT:
        time.sleep(0.2)
        message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert message.activity.status == ActivityStatus.DONE
