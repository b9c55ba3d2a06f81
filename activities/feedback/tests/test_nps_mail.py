"""NPS questions are sent once, even when something breaks in between; none is sent twice automatically."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.feedback.models import NpsQuestion
from activities.feedback.services import nps
from activities.feedback.services.nps import QUESTIONS, nps_answer, nps_ask, nps_retry, nps_send
from activities.log.tests.factories import activity_type
from activities.mail import outbox as services
from activities.mail.enums import MessageState
from activities.mail.mime.parse import parse
from activities.mail.outbox import UNKNOWN
from activities.mail.tests.smtp import smtp_sink
from core.exceptions import BusinessRuleError
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """The worker, in the middle of its work."""


@pytest.fixture
def asker():
    activity_type("feedback")
    return UserFactory(role="account_manager", email="aino@example.fi")


@pytest.fixture
def customer(asker):
    return CustomerFactory(owner=asker)


@pytest.fixture
def question(asker, customer):
    contact = ContactFactory(customer=customer, email="maija@example.fi", first_name="Maija")
    return nps_ask(contacts=[contact], customer=customer, user=asker)[0]


@pytest.fixture
def page(asker):
    client = Client()
    client.force_login(asker)
    return client


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


def fresh(question):
    return NpsQuestion.objects.get(pk=question.pk)


def gone_with_its_worker(question, monkeypatch):
    """The server has taken the mail, and the worker dies before it can write that down."""
    whole = services.deliver_mail

    def die(mail):
        whole(mail)
        raise Died

    monkeypatch.setattr(nps, "deliver_mail", die)
    with pytest.raises(Died):
        nps_send(question.pk)
    monkeypatch.setattr(nps, "deliver_mail", whole)


def test_a_question_whose_worker_died_after_sending_does_not_go_again(question, monkeypatch, sink):
    gone_with_its_worker(question, monkeypatch)
    nps_send(question.pk)
    QUESTIONS.sweep()
    assert len(sink.received) == 1
    assert fresh(question).state == MessageState.SENDING


def test_later_nobody_knows_and_the_asker_is_told(question, monkeypatch, sink, asker):
    gone_with_its_worker(question, monkeypatch)
    NpsQuestion.objects.update(state_at=timezone.now() - dt.timedelta(hours=1))
    QUESTIONS.sweep()
    QUESTIONS.sweep()
    nps_send(question.pk)
    assert (fresh(question).state, fresh(question).error) == (MessageState.FAILED, UNKNOWN)
    told = Notification.objects.get(kind="nps_failed")
    assert (told.user, told.url) == (asker, question.get_absolute_url())
    assert len(sink.received) == 1


def test_what_may_have_gone_goes_again_only_when_that_is_confirmed(question, sink):
    NpsQuestion.objects.update(state=MessageState.FAILED, error=UNKNOWN)
    with pytest.raises(BusinessRuleError) as caught:
        nps_retry(question=question)
    assert caught.value.code == "delivery_unknown"
    nps_retry(question=question, confirmed=True)
    nps_send(question.pk)
    assert len(sink.received) == 1
    assert fresh(question).state == MessageState.SENT


def test_a_connection_that_breaks_in_the_message_is_not_known(question, sink):
    sink.answers = {"data": "drop"}
    nps_send(question.pk)
    assert (fresh(question).state, fresh(question).error) == (MessageState.FAILED, UNKNOWN)


def test_a_server_that_is_busy_is_tried_again_by_itself_and_given_up_at_last(question, sink):
    sink.answers = {"*": "451 Try later"}
    for attempt in range(1, 6):
        NpsQuestion.objects.update(state_at=timezone.now())
        nps_send(question.pk)
        assert fresh(question).attempts == attempt
        assert fresh(question).state == (MessageState.WAITING if attempt < 5 else MessageState.FAILED)
    sink.answers = {}
    assert fresh(question).error == "451 Try later"


def test_one_that_waits_for_its_time_is_not_sent_before(question, sink):
    NpsQuestion.objects.update(state_at=timezone.now() + dt.timedelta(minutes=5))
    nps_send(question.pk)
    assert not sink.received


def test_what_the_server_refuses_is_told_in_its_words(question, sink, page):
    sink.answers = {"maija@example.fi": "550 No such user"}
    nps_send(question.pk)
    assert (fresh(question).state, fresh(question).error) == (MessageState.FAILED, "550 No such user")
    text = page.get(question.get_absolute_url()).content.decode()
    assert "550 No such user" in text
    assert f"/nps/{question.pk}/retry/" in text


def test_what_the_broker_lost_is_queued_again(question, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        QUESTIONS.sweep()
    assert queued == [("activities.feedback.tasks.send_nps_question", question.pk)]


@pytest.mark.parametrize("what", ["answered", "expired", "passive", "no address"])
def test_what_is_not_needed_any_more_is_not_sent(question, sink, what):
    if what == "answered":
        nps_answer(question=question, score=9)
    elif what == "expired":
        NpsQuestion.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    elif what == "passive":
        question.customer.state = "passive"
        question.customer.save()
    else:
        question.contact.points.all().delete()
    nps_send(question.pk)
    assert not sink.received
    assert fresh(question).state == MessageState.FAILED


def test_the_page_asks_and_sends_again(question, page, sink):
    NpsQuestion.objects.update(state=MessageState.FAILED, error=UNKNOWN)
    url = f"/nps/{question.pk}/retry/"
    assert "may get it twice" in page.get(url).content.decode()
    page.post(url)
    assert fresh(question).state == MessageState.WAITING
    page.post(url)  # twice is once
    nps_send(question.pk)
    assert len(sink.received) == 1


def test_the_contacts_page_tells_it_too(question, page):
    NpsQuestion.objects.update(state=MessageState.FAILED, error=UNKNOWN)
    assert f"/nps/{question.pk}/retry/" in page.get(f"/contacts/{question.contact_id}/feedback/").content.decode()


def test_the_api_sends_again(question, asker):
    NpsQuestion.objects.update(state=MessageState.FAILED, error=UNKNOWN)
    api = APIClient()
    api.force_authenticate(asker)
    url = f"/api/v1/nps/{question.pk}/retry/"
    assert api.post(url).json()["error"]["code"] == "delivery_unknown"
    assert api.post(url, {"confirmed": True}, format="json").json()["state"] == "waiting"


def test_the_mail_is_marked_as_our_own_so_that_it_is_never_logged_nor_answered_by_absence(question):
    nps_send(question.pk)
    parsed = parse(mail.outbox[0].message().as_bytes())
    assert parsed.is_own
    assert parsed.is_automatic
