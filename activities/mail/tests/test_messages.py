"""Sending: from a letter to the server's answer, through a real SMTP server."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from activities.mail.enums import MessageState, RecipientKind
from activities.mail.models import EmailMessage, Mailbox, MailSettings
from activities.mail.recipients import plan
from activities.mail.services.messages import emails_send
from activities.mail.tests.messages import code_of, delivered, letter, to
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
