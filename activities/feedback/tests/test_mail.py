"""Feedback is answered by e-mail: written on the compose page, answered when the message has been sent."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.feedback.services.feedback import feedback_answer
from activities.log.enums import ActivityStatus, FollowKind
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.tests.factories import activity_type, keyword
from activities.mail.mime.body import own_text
from activities.mail.models import EmailMessage, MailSettings
from activities.mail.services.messages import email_deliver
from activities.mail.tests.letters import letter, receive
from activities.mail.tests.smtp import smtp_sink
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

MEMO = "<div>Kouluttaja ei tullut <strong>paikalle</strong></div>"


@pytest.fixture
def owner():
    activity_type("email")
    return UserFactory(role="account_manager", email="aino@example.fi")


@pytest.fixture
def page(owner):
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner, email="info@konepaja.fi")


@pytest.fixture
def maija(customer):
    return ContactFactory(first_name="Maija", customer=customer, email="maija@konepaja.fi", language="en")


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


def heard(owner, customer, *contacts, words=(), **values):
    content = {"title": "Kouluttaja puuttui", "memo": MEMO, **values}
    return activity_log(
        user=owner, type=activity_type("feedback"), customer=customer, contacts=contacts,
        keywords=[keyword(code) for code in words], **content,
    )  # fmt: skip


def compose(activity, **query):
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{reverse('mail:compose')}?feedback={activity.pk}{more}"


def send(page, activity, **changes):
    """Post the compose page as it opens, with the answer above what it quotes."""
    form = page.get(compose(activity)).context["form"]
    content = {name: form[name].value() for name in form.fields if name != "uploads"}
    content |= {"body": f"<div>Pahoittelemme, uusi aika on tiistai.</div>{content['body']}", "body-format": "html"}
    return page.post(compose(activity), {k: v for k, v in (content | changes).items() if v not in (None, False)})


def panel(page, activity):
    return page.get(reverse("feedback:panel", args=[activity.pk])).content.decode()


def feedback_of(activity):
    return Feedback.objects.get(pk=activity.pk)


def test_the_page_opens_to_who_gave_it_about_it_quoting_what_was_heard(page, owner, customer, maija):
    form = page.get(compose(heard(owner, customer, maija))).context["form"]
    assert (form["to"].value(), form["customer"].value()) == ([f"contact:{maija.pk}"], customer.pk)
    assert (form["subject"].value(), form["language"].value()) == ("Your feedback: Kouluttaja puuttui", "en")
    assert "<blockquote>" in form["body"].value()
    assert "Kouluttaja ei tullut <strong>paikalle</strong>" in form["body"].value()


def test_headings_of_the_memo_are_not_quoted_and_an_empty_one_is_its_title(page, owner, customer, maija):
    memo = "<h1>What the customer told</h1><div><br></div><h1>What will be done</h1>"
    form = page.get(compose(heard(owner, customer, maija, memo=memo))).context["form"]
    assert "Kouluttaja puuttui</blockquote>" in form["body"].value()
    assert "What will be done" not in form["body"].value()


def test_without_a_contact_it_goes_to_the_customers_own_address(page, owner, customer):
    assert page.get(compose(heard(owner, customer))).context["form"]["to"].value() == [f"customer:{customer.pk}"]


def test_it_is_answered_by_the_message_when_that_has_been_sent_and_not_before(page, owner, customer, maija, sink):
    activity = heard(owner, customer, maija)
    response = send(page, activity)
    assert response.headers["Location"] == activity.get_absolute_url()
    assert feedback_of(activity).answered_at is None
    assert "An answer by e-mail" in panel(page, activity)

    message = EmailMessage.objects.get()
    email_deliver(message.pk)

    feedback = feedback_of(activity)
    assert (feedback.answer, feedback.answered_by, feedback.answer_channel) == (
        "Pahoittelemme, uusi aika on tiistai.", owner, "email"
    )  # fmt: skip
    assert Activity.objects.get(pk=activity.pk).status == ActivityStatus.DONE
    assert message.activity.get_absolute_url() in panel(page, activity)
    assert "Kouluttaja ei tullut" in sink.received[0].get_body(("plain",)).get_content()


def test_negative_feedback_stays_open_until_it_is_resolved(page, owner, customer, maija, sink):
    """Rule 12."""
    activity = heard(owner, customer, maija, words=["negative"])
    send(page, activity)
    email_deliver(EmailMessage.objects.get().pk)
    assert feedback_of(activity).answered_at is not None
    assert Activity.objects.get(pk=activity.pk).is_unfinished


def test_it_is_not_answered_by_a_message_that_was_refused(page, owner, customer, maija, sink):
    activity = heard(owner, customer, maija)
    send(page, activity)
    sink.answers = {"data": "550 No"}
    email_deliver(EmailMessage.objects.get().pk)
    assert feedback_of(activity).answered_at is None
    assert "not sent" in panel(page, activity)
    assert "feedback=" in panel(page, activity)  # another can be written


def test_two_answers_are_not_on_their_way_at_once(page, owner, customer, maija):
    activity = heard(owner, customer, maija)
    send(page, activity)
    assert "?feedback=" not in panel(page, activity)
    response = send(page, activity)
    assert response.status_code == 422
    assert "already being sent" in response.content.decode()
    assert EmailMessage.objects.count() == 1


def test_what_somebody_has_answered_is_not_answered_again(page, owner, customer, maija):
    activity = heard(owner, customer, maija)
    feedback_answer(activity=activity, user=owner, answer="Soitin.")
    response = send(page, activity)
    assert response.status_code == 422
    assert "has already answered this" in response.content.decode()
    assert not EmailMessage.objects.exists()


def test_what_was_answered_while_the_message_travelled_keeps_its_answer(page, owner, customer, maija, sink):
    activity = heard(owner, customer, maija)
    send(page, activity)
    feedback_answer(activity=activity, user=owner, answer="Soitin.")
    email_deliver(EmailMessage.objects.get().pk)
    assert feedback_of(activity).answer == "Soitin."
    assert EmailMessage.objects.get().state == "sent"


def test_feedback_in_a_message_is_answered_in_its_thread(page, owner, customer, maija):
    received = receive(letter(sender="maija@konepaja.fi", text="Kouluttaja ei tullut")).message
    activity = heard(owner, customer, maija, follows=received.activity, follow_kind=FollowKind.HEARD_ON)
    link = compose(activity, answer=received.pk)
    assert link.replace("&", "&amp;") in panel(page, activity)
    form = page.get(link).context["form"]
    assert (form["subject"].value(), form["quoted"].value()) == ("Re: Koulutus", True)
    page.post(link, {"to": "maija@konepaja.fi", "subject": "Re: Koulutus", "body": "Anteeksi", "language": "fi"})
    sent = EmailMessage.objects.get(direction="out")
    assert (sent.thread, sent.answered_activity) == (received.thread, activity)


def test_an_answer_without_a_word_of_its_own_is_not_empty(page, owner, customer, maija, sink):
    activity = heard(owner, customer, maija)
    send(page, activity, body="<blockquote>Kouluttaja ei tullut</blockquote>")
    email_deliver(EmailMessage.objects.get().pk)
    assert feedback_of(activity).answer == "Kouluttaja ei tullut"


def test_own_text_leaves_out_all_quotations():
    assert own_text("<div>Yksi</div><blockquote>a<blockquote>b</blockquote>c</blockquote><div>Kaksi</div>").split() == [
        "Yksi", "Kaksi"
    ]  # fmt: skip


def test_the_signature_is_a_part_of_the_answer_only_when_it_is_sent(page, owner, customer, maija, sink):
    MailSettings.objects.create(user=owner, signature="<div>Aino</div>")
    activity = heard(owner, customer, maija)
    send(page, activity, signed="on")
    email_deliver(EmailMessage.objects.get().pk)
    assert feedback_of(activity).answer.endswith("Aino")


def test_who_may_not_answer_may_not_write_and_others_feedback_does_not_exist(page, owner, customer, maija):
    activity = heard(owner, customer, maija)
    reader = Client()
    reader.force_login(UserFactory(role="read_only"))
    assert reader.get(compose(activity)).status_code == 403
    assert page.get(f"{reverse('mail:compose')}?feedback={activity.pk + 999}").status_code == 400
    customer.state = "passive"
    customer.save()
    assert page.get(compose(activity)).status_code == 400


def test_the_api_answers_by_e_mail(owner, customer, maija, sink):
    activity = heard(owner, customer, maija)
    api = APIClient()
    api.force_authenticate(owner)
    content = {"to": [f"contact:{maija.pk}"], "subject": "Vastaus", "body": "Anteeksi", "feedback": activity.pk}
    answer = api.post("/api/v1/emails/", content, format="json")
    assert (answer.status_code, answer.json()[0]["feedback"]) == (201, activity.pk)
    again = api.post("/api/v1/emails/", content, format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "answer_on_the_way")
    email_deliver(answer.json()[0]["id"])
    assert feedback_of(activity).answer == "Anteeksi"
