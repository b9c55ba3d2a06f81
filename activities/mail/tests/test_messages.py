"""Sending: from a letter to the server's answer, through a real SMTP server."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from activities.mail import outbox
from activities.mail.enums import MessageState, RecipientKind
from activities.mail.models import EmailMessage, Mailbox, MailSettings
from activities.mail.recipients import Letter, Recipient, plan
from activities.mail.services.messages import MESSAGES, email_deliver, email_retry, emails_send
from activities.mail.tests.smtp import sent_message, smtp_sink
from core.documents import document_add, documents_of
from core.exceptions import BusinessRuleError
from customers.models import Consent
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


def to(contact=None, address="", kind=RecipientKind.TO, **values):
    address = address or contact.points.get(kind="email").value
    return Recipient(kind, address, str(contact) if contact else "", contact=contact, **values)


def letter(user, *recipients, **values):
    content = {"subject": "Tarjous", "body": "<div>Hei</div>", **values}
    return Letter(user=user, recipients=recipients, **content)


def code_of(function, **values):
    with pytest.raises(BusinessRuleError) as caught:
        function(**values)
    return caught.value.code


def delivered(message):
    email_deliver(message.pk)
    message.refresh_from_db()
    return message


# What a letter becomes


def test_a_message_is_logged_as_an_open_activity_until_it_is_sent(user, customer, maija):
    [message] = emails_send(letter=letter(user, to(maija)))
    activity = message.activity
    assert (message.state, activity.status, activity.customer) == ("waiting", ActivityStatus.OPEN, customer)
    assert (activity.type.code, activity.title, list(activity.contacts.all())) == ("email", "Tarjous", [maija])
    assert message.message_id.count("@") == 1


def test_recipients_of_several_customers_get_a_message_and_an_activity_each(user, maija):
    other = ContactFactory(customer=CustomerFactory(), email="matti@example.fi")
    messages = emails_send(letter=letter(user, to(maija), to(other)))
    assert [[row.address for row in message.recipients.all()] for message in messages] == [
        ["maija@konepaja.fi"],
        ["matti@example.fi"],
    ]
    assert len({message.activity.customer_id for message in messages}) == 2


def test_two_contacts_of_one_customer_share_a_message(user, customer, maija):
    other = ContactFactory(customer=customer, email="matti@konepaja.fi")
    assert len(plan(letter(user, to(maija), to(other)))) == 1


def test_names_are_filled_in_for_each_recipient_in_a_message_of_its_own(user, customer, maija):
    other = ContactFactory(first_name="Matti", customer=customer, email="matti@konepaja.fi")
    planned = plan(letter(user, to(maija), to(other), subject="Hei {first_name}", body="<b>{customer}</b>"))
    assert [message.subject for message in planned] == ["Hei Maija", "Hei Matti"]
    assert "Nokian Konepaja Oy" in planned[0].body


def test_a_filled_in_name_is_no_markup(user, maija):
    maija.first_name = "<script>x</script>"
    [message] = plan(letter(user, to(maija), body="<div>Hei {first_name}</div>"))
    assert "<script" not in message.body
    assert "&lt;script&gt;" in message.body


def test_an_unknown_field_is_refused_with_its_name(user, maija):
    with pytest.raises(BusinessRuleError, match=r"\{care_plan\}") as caught:
        plan(letter(user, to(maija), body="<div>{care_plan}</div>"))
    assert caught.value.code == "field_unknown"


def test_a_field_with_nothing_to_fill_it_is_refused(user, customer):
    asked = letter(user, to(address="joku@example.fi"), customer=customer, body="<div>Hei {first_name}</div>")
    assert code_of(plan, letter=asked) == "field_empty"


def test_to_more_than_25_recipients_nothing_is_sent_and_no_activity_is_made(user, customer):
    """Rule 10: that many are a campaign."""
    many = [to(address=f"a{number}@example.fi") for number in range(26)]
    with pytest.raises(BusinessRuleError, match="campaign") as caught:
        emails_send(letter=letter(user, *many, customer=customer))
    assert caught.value.code == "too_many_recipients"
    assert not Activity.objects.exists()
    assert not EmailMessage.objects.exists()


def test_to_25_recipients_it_is_sent(user, customer):
    many = [to(address=f"a{number}@example.fi") for number in range(25)]
    assert len(emails_send(letter=letter(user, *many, customer=customer))) == 1


def test_the_same_address_twice_gets_it_once(user, customer):
    twice = [to(address="a@example.fi"), to(address="A@example.fi", kind=RecipientKind.CC)]
    [message] = plan(letter(user, *twice, customer=customer))
    assert [row.kind for row in message.recipients] == [RecipientKind.TO]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"subject": " \n "}, "subject_required"),
        ({"body": "<div> <br></div>"}, "body_required"),
    ],
)
def test_an_empty_subject_or_text_is_asked_for(user, maija, values, code):
    assert code_of(plan, letter=letter(user, to(maija), **values)) == code


def test_a_message_needs_a_recipient(user, maija):
    assert code_of(plan, letter=letter(user, to(maija, kind=RecipientKind.BCC))) == "recipient_required"


def test_whose_customer_is_not_known_is_asked_for(user):
    assert code_of(plan, letter=letter(user, to(address="joku@example.fi"))) == "customer_required"


def test_a_typed_address_of_a_contact_is_the_contact(user, customer, maija):
    [message] = plan(letter(user, to(address="maija@konepaja.fi")))
    assert (message.customer, message.contacts) == (customer, [maija])


def test_a_contacts_name_with_line_breaks_makes_no_header(user, maija, sink):
    """Found by its typed address: the name comes from the contact."""
    type(maija).objects.filter(pk=maija.pk).update(first_name="Maija\r\nBcc: x@example.fi\r\n")
    [message] = emails_send(letter=letter(user, to(address="maija@konepaja.fi")))
    assert delivered(message).state == "sent"
    assert sink.received[0]["Bcc"] is None
    assert sink.envelopes[0].rcpt_tos == ["maija@konepaja.fi"]


def test_a_passive_customer_is_not_written_to(user):
    """Rule 2."""
    passive = CustomerFactory(passive=True)
    assert code_of(plan, letter=letter(user, to(address="a@example.fi"), customer=passive)) == "customer_passive"


def test_who_refused_marketing_is_written_to_only_when_confirmed(user, maija):
    Consent.objects.create(contact=maija, channel="email", is_given=False, source="call")
    assert code_of(emails_send, letter=letter(user, to(maija))) == "consent_refused"
    assert len(emails_send(letter=letter(user, to(maija)), confirmed=True)) == 1


def test_a_later_yes_takes_the_refusal_back(user, maija):
    Consent.objects.create(contact=maija, channel="email", is_given=False, source="call", given_on=dt.date(2025, 1, 1))
    Consent.objects.create(contact=maija, channel="email", is_given=True, source="form", given_on=dt.date(2026, 1, 1))
    assert len(emails_send(letter=letter(user, to(maija)))) == 1


def test_the_signature_ends_the_message_when_it_is_wanted(user, maija):
    MailSettings.objects.create(user=user, signature="<div>Terveisin Äijä</div>")
    assert "Terveisin" in plan(letter(user, to(maija)))[0].body
    assert "Terveisin" not in plan(letter(user, to(maija), signed=False))[0].body


def test_planning_costs_the_same_for_one_recipient_and_three(user, django_assert_num_queries):
    everyone = [ContactFactory(customer=CustomerFactory(owner=user), email=f"m{n}@example.fi") for n in range(3)]
    plan(letter(user, to(everyone[0])))  # what the user may see is asked once
    for count in (1, 3):
        asked = letter(user, *(to(contact) for contact in everyone[:count]), body="<div>{first_name} {owner}</div>")
        with django_assert_num_queries(3):
            plan(asked)


# Attachments


def test_attachments_are_kept_as_documents_of_the_activity(user, customer, maija, sink):
    document = document_add(target=customer, upload=SimpleUploadedFile("sopimus ä.txt", b"rivi\r\n\xff"), user=user)
    upload = SimpleUploadedFile("liite.txt", b"two")
    [message] = emails_send(letter=letter(user, to(maija)), documents=[document], uploads=[upload])
    assert {row.name for row in documents_of(message.activity)} == {"sopimus ä.txt", "liite.txt"}
    document.delete()
    delivered(message)
    parts = {part.get_filename(): part.get_payload(decode=True) for part in sink.received[0].iter_attachments()}
    assert parts == {"sopimus ä.txt": b"rivi\r\n\xff", "liite.txt": b"two"}


def test_a_document_of_another_customer_is_refused(user, maija):
    foreign = document_add(target=CustomerFactory(), upload=SimpleUploadedFile("x.txt", b"x"), user=user)
    assert code_of(emails_send, letter=letter(user, to(maija)), documents=[foreign]) == "document_foreign"


def test_a_customers_document_is_not_sent_to_several_customers(user, customer, maija):
    own = document_add(target=customer, upload=SimpleUploadedFile("x.txt", b"x"), user=user)
    other = ContactFactory(customer=CustomerFactory(), email="matti@example.fi")
    asked = letter(user, to(maija), to(other))
    assert code_of(emails_send, letter=asked, documents=[own]) == "document_foreign"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.exe", b"MZ", "file_type"), ("a.txt", b"", "file_empty"), ("a.pdf", b"x", "file_content")],
)
def test_a_bad_attachment_stops_the_message(user, maija, name, content, code):
    upload = SimpleUploadedFile(name, content)
    assert code_of(emails_send, letter=letter(user, to(maija)), uploads=[upload]) == code
    assert not EmailMessage.objects.exists()


# The message itself


def test_a_sent_message_is_a_done_activity_and_the_last_contact(user, customer, maija, sink):
    [message] = emails_send(letter=letter(user, to(maija)))
    Activity.objects.update(start=timezone.now() - dt.timedelta(hours=1))  # before this test's transaction
    delivered(message)
    assert (message.state, message.activity.status) == (MessageState.SENT, ActivityStatus.DONE)
    customer.summary.refresh_from_db()
    assert customer.summary.last_contact_at == message.activity.start
    [received] = sink.received
    assert received["Message-ID"] == f"<{message.message_id}>"
    assert received["To"] == "Maija Virtanen <maija@konepaja.fi>"
    assert received["Reply-To"].addresses[0].addr_spec == "aija@example.fi"
    assert received["From"].addresses[0].display_name == "Äijä Öhman"
    assert "Hei" in received.get_body(("plain",)).get_content()


def test_what_travels_is_plain_ascii(user, maija, sink):
    [message] = emails_send(
        letter=letter(user, to(maija), subject="Ääkköset 🎉 " + "pitkä " * 20, body="<div>Ää</div>")
    )
    delivered(message)
    assert sink.envelopes[0].content.isascii()
    assert str(sink.received[0]["Subject"]).strip() == message.subject


def test_blind_copies_are_in_the_envelope_only(user, maija, sink):
    people = [
        to(maija),
        to(address="cc@example.fi", kind=RecipientKind.CC),
        to(address="bcc@example.fi", kind=RecipientKind.BCC),
    ]
    [message] = emails_send(letter=letter(user, *people))
    delivered(message)
    assert set(sink.envelopes[0].rcpt_tos) == {"maija@konepaja.fi", "cc@example.fi", "bcc@example.fi"}
    assert b"bcc@example.fi" not in sink.envelopes[0].content
    assert sink.received[0]["Cc"] == "cc@example.fi"


def test_a_domain_with_letters_travels_in_its_ascii_form(user, customer, sink):
    [message] = emails_send(letter=letter(user, to(address="info@äänekoski.fi"), customer=customer))
    delivered(message)
    assert sink.envelopes[0].rcpt_tos == ["info@xn--nekoski-4waa.fi"]


@pytest.mark.parametrize(
    "bad", ["Tarjous\nBcc: x@example.fi", "Tarjous\r\n\r\n<html>", "Tarjous\x00\u2028Bcc: x@example.fi"]
)
def test_a_subject_brings_no_header_with_it(user, maija, sink, bad):
    [message] = emails_send(letter=letter(user, to(maija), subject=bad))
    delivered(message)
    assert sink.received[0]["Bcc"] is None
    assert sink.envelopes[0].rcpt_tos == ["maija@konepaja.fi"]
    assert "\n" not in message.subject


def test_a_users_name_brings_no_header_with_it(user, maija, sink):
    user.first_name = "Äijä\r\nBcc: x@example.fi\r\n"
    [message] = emails_send(letter=letter(user, to(maija)))
    delivered(message)
    assert sink.received[0]["Bcc"] is None
    assert sink.received[0]["From"].addresses[0].addr_spec == "portaali@localhost"


def test_answers_go_to_the_users_own_mailbox_that_is_read_here(user, maija, sink):
    Mailbox.objects.create(name="Own", owner=user, address="oma@example.fi", host="imap", username="x", password="x")
    [message] = emails_send(letter=letter(user, to(maija)))
    delivered(message)
    assert sink.received[0]["Reply-To"].addresses[0].addr_spec == "oma@example.fi"


def test_answers_come_to_the_shared_mailbox_that_it_is_sent_from(user, maija, sink):
    Mailbox.objects.create(name="Shared", address="Portaali@localhost", host="imap", username="x", password="x")
    [message] = emails_send(letter=letter(user, to(maija)))
    delivered(message)
    assert sink.received[0]["Reply-To"] is None


def test_an_answer_refers_to_what_it_answers_and_stays_in_its_thread(user, customer, maija, sink):
    first = sent_message(user, customer, subject="Tarjous", references=["a@example.fi"], body="<p>Vanha</p>")
    [message] = emails_send(letter=letter(user, to(maija), answers=first, subject="Re: Tarjous"))
    delivered(message)
    received = sink.received[0]
    assert received["In-Reply-To"] == f"<{first.message_id}>"
    assert received["References"] == f"<a@example.fi> <{first.message_id}>"
    assert (message.thread, message.activity.follows) == (first.thread, first.activity)
    assert "Vanha" in message.body


def test_a_forwarded_message_refers_but_does_not_answer(user, customer, maija, sink):
    first = sent_message(user, customer, subject="Tarjous", body="<p>Vanha</p>")
    [message] = emails_send(letter=letter(user, to(maija), answers=first, is_forward=True))
    delivered(message)
    assert sink.received[0]["In-Reply-To"] is None
    assert first.message_id in sink.received[0]["References"]
    assert "Vanha" in message.body


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
