"""What becomes of forwards, automatic messages, repeats, reports and answers from unknown addresses."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.mail.enums import AUTOMATIC
from activities.mail.forwards import forwarded, is_unread_forward
from activities.mail.mime.parse import parse
from activities.mail.models import EmailMessage, IgnoreRule, Mailbox
from activities.mail.services.filing import ignored_purge, message_file
from activities.mail.services.receiving import Origin, message_receive
from activities.mail.tests.letters import letter, receive, received
from core import clock
from core.documents import documents_of
from core.richtext import to_text
from customers.models import Customer, CustomerSummary
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

FORWARDS = [
    ("Fwd", "From: {}\nDate: x"),
    ("FW", "From: {}\nSent: x"),
    ("VL", "Lähettäjä: {}\nLähetetty: x"),
    ("VB", "Från: {}\nSkickat: x"),
    ("VS", "Fra: {}\nSendt: x"),
    ("Áframs", "Frá: {}\nSent: x"),
    ("ED", "Saatja: {}\nSaadetud: x"),
    ("WG", "Von: {}\nGesendet: x"),
    ("TR", "De\u00a0: {}\nEnvoyé\u00a0: x"),
    ("RV", "De: {}\nEnviado: x"),
    ("ENC", "De: {}\nEnviada em: x"),
    ("I", "Da: {}\nInviato: x"),
    ("Doorst", "Van: {}\nVerzonden: x"),
    ("PD", "Od: {}\nWysłano: x"),
    ("İLT", "Kimden: {}\nGönderildi: x"),
    ("Пересл", "От: {}\nОтправлено: x"),
    ("Továbbítás", "Feladó: {}\nElküldve: x"),
    ("PĀRS", "No: {}\nNosūtīts: x"),
]


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without ignore rules."""
    without(IgnoreRule)


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", email="mari@omnia.test")


@pytest.fixture
def colleague():
    return UserFactory(role="account_manager", email="timo@omnia.test")


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner, name="Yritys Oy")


@pytest.fixture
def anna(customer):
    return ContactFactory(customer=customer, email="anna@yritys.fi", first_name="Anna", last_name="Virtanen")


@pytest.fixture
def shared():
    return Mailbox.objects.create(name="Shared", address="palvelu@omnia.test", host="imap.omnia.test", username="x")


def forward(mark="WG", head="Von: Anna Virtanen <anna@yritys.fi>\nGesendet: x", **more):
    options = {"sender": "mari@omnia.test", "to": "timo@omnia.test", "subject": f"{mark}: Frage"} | more
    return letter(text=f"Zur Info.\n\n{head}\n\nGuten Tag", **options)


def test_forwards_of_every_language_have_their_original_sender(owner):
    unread = []
    for mark, head in FORWARDS:
        for who in ("Anna Virtanen <anna@yritys.fi>", '"Virtanen, Anna" <anna@yritys.fi>', "anna@yritys.fi"):
            found = forwarded(parse(forward(mark, head.format(who))))
            if found is None or found.sender.address != "anna@yritys.fi":
                unread.append((mark, who))
    assert unread == []


def test_a_colleagues_forward_is_filed_under_who_wrote_it(anna, customer, colleague):
    message = received(forward())
    assert (message.sender, message.activity.customer) == ("anna@yritys.fi", customer)


def test_in_a_chain_of_forwards_it_is_who_is_no_colleague(anna, customer, owner, colleague):
    head = "Von: Timo <timo@omnia.test>\nBetreff: x\n\nVon: Anna <anna@yritys.fi>\nBetreff: x"
    assert received(forward(head=head)).activity.customer == customer


@pytest.mark.parametrize("head", ["", "Von: Anna Virtanen\nGesendet: x", "Kto: anna@yritys.fi"])
def test_a_forward_that_cannot_be_read_waits_in_the_inbox(anna, owner, colleague, head):
    message = received(forward(head=head))
    assert (message.state, message.error) == ("inbox", "forwarded_by_whom")


def test_filing_it_teaches_no_colleagues_address(anna, customer, owner, colleague):
    message = received(forward(head=""))
    message_file(message=message, user=owner, customer=customer, contact=anna, learn=True)
    assert [point.value for point in anna.points.all()] == ["anna@yritys.fi"]


def test_a_colleagues_forward_to_a_mailbox_is_for_a_person_to_decide(anna, owner, shared):
    message = received(forward(to="palvelu@omnia.test"), mailbox=shared)
    assert (message.state, message.error) == ("inbox", "forwarded_by_whom")
    assert not Activity.objects.exists()


def test_what_colleagues_forward_of_each_other_is_ignored(owner, colleague):
    message = received(forward(head="Von: Timo <timo@omnia.test>\nBetreff: Mittagessen"))
    assert (message.state, message.error) == ("ignored", "internal")
    assert not is_unread_forward(parse(letter(subject="Re: Frage")))


def test_an_automatic_answer_is_kept_but_is_no_contact(anna, customer):
    received(letter(Auto_Submitted="auto-replied", subject="Automaattinen vastaus: Koulutus"))
    activity = Activity.objects.get()
    assert (activity.customer, activity.type.code) == (customer, AUTOMATIC)
    assert (activity.type.is_contact, activity.type.counts_as_work) == (False, False)
    assert CustomerSummary.objects.get(customer=customer).last_contact_at is None
    received(letter())
    assert CustomerSummary.objects.get(customer=customer).last_contact_at is not None


def test_an_automatic_answer_that_a_person_files_is_no_contact_either(anna, customer, owner):
    message = received(letter(sender="stranger@else.fi", X_Autoreply="yes"))
    filed = message_file(message=message, user=owner, customer=customer, contact=anna)
    assert filed.activity.type.code == AUTOMATIC


def test_an_automatic_answer_to_our_message_is_no_bounce(anna, owner):
    sent = received(letter(sender=owner.email, to="anna@yritys.fi", Message_ID="<sent@x>"))
    answer = letter(sender="postmaster@yritys.fi", Auto_Submitted="no", In_Reply_To="<sent@x>")
    assert received(answer).error != "bounce"
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert not Notification.objects.filter(kind="email_bounced").exists()


def test_an_answer_from_an_unknown_address_is_filed_under_the_customer_of_the_thread(anna, customer):
    first = received(letter(Message_ID="<first@x>"))
    answer = received(letter(sender="anna.koti@mail.example", In_Reply_To="<first@x>"))
    assert (answer.activity.customer, answer.activity.follows) == (customer, first.activity)
    assert list(answer.activity.contacts.all()) == []


def test_an_answer_to_a_message_that_waits_itself_waits_too():
    received(letter(Message_ID="<first@x>"))
    assert received(letter(sender="other@mail.example", In_Reply_To="<first@x>")).error == "unknown_sender"


def test_an_answer_in_the_thread_of_an_inactive_customer_waits(anna, customer):
    received(letter(Message_ID="<first@x>"))
    values = {"state": "passive", "passive_reason": "bankruptcy", "passive_since": dt.date(2026, 3, 1)}
    Customer.objects.filter(pk=customer.pk).update(**values)
    answer = received(letter(sender="anna.koti@mail.example", In_Reply_To="<first@x>"))
    assert answer.error == "customer_passive"


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Toinen teksti"},
        {"subject": "Toinen aihe"},
        {"sender": "Boss <boss@yritys.fi>"},
        {"files": {"a.pdf": b"%PDF-1.4 2"}},
        {"Date": "Tue, 03 Mar 2026 09:00:00 +0200"},
    ],
)
def test_of_different_messages_with_one_id_all_are_kept_once(anna, other):
    first = {"Message_ID": "<scanner@mfp.local>", "files": {"a.pdf": b"%PDF-1.4 1"}}
    raws = [letter(**first), letter(**first | other)]
    kinds = [receive(raw).kind for raw in (*raws, *raws)]
    assert kinds[2:] == ["known", "known"]
    assert EmailMessage.objects.count() == 2


def test_the_same_content_in_another_encoding_and_by_another_way_is_a_repeat(anna):
    raw = letter(Message_ID="<one@x>", text="Hyvää päivää, äiti")
    other = b"Received: from a by b; Mon, 2 Mar 2026 09:01:00 +0200\n" + raw.replace(b"\n\n", b"\nX-Spam: no\n\n", 1)
    recoded = other.replace(b"Content-Transfer-Encoding: 8bit", b"Content-Transfer-Encoding: quoted-printable")
    recoded = recoded.replace("ää".encode(), b"=C3=A4=C3=A4").replace("äi".encode(), b"=C3=A4i")
    assert [receive(message).kind for message in (raw, other, recoded)] == ["captured", "known", "known"]


def test_a_repeat_of_an_ignored_message_is_known_when_its_content_is_gone(owner, shared):
    raw = letter(sender=owner.email)
    received(raw, mailbox=shared)
    EmailMessage.objects.update(created_at=clock.now() - dt.timedelta(days=31))
    assert ignored_purge() == 1
    assert receive(raw, mailbox=shared).kind == "known"


def test_a_message_without_an_id_that_comes_by_two_ways_is_one(anna):
    raw = letter(Message_ID="")
    assert [receive(raw).kind, receive(b"Received: from a by b; x\n" + raw).kind] == ["captured", "known"]


def test_answers_to_an_id_without_brackets_join_the_thread(anna):
    first = received(letter(Message_ID="bare@x"))
    assert received(letter(In_Reply_To="<bare@x>")).thread == first.thread
    assert received(letter(In_Reply_To="bare@x")).thread == first.thread


def test_a_message_without_any_date_is_dated_by_its_mailbox_or_says_so(anna, shared):
    at = dt.datetime(2024, 3, 12, 8, tzinfo=dt.UTC)
    old = message_receive(letter(Date="", Message_ID="<a@x>"), Origin(mailbox=shared, received_at=at)).message
    assert (old.date, old.activity.start, old.error) == (at, at, "")
    assert "has no date" in received(letter(Date="", Message_ID="<b@x>")).error


CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:x@y\r\nSUMMARY:Katselmus\r\n"
    "DTSTART:20261215T080000Z\r\nDTEND:20261215T090000Z\r\nLOCATION:Jämsä\r\nDESCRIPTION:Ota piirustukset\r\n"
    "{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def invited(method="REQUEST", text="", more=""):
    part = f"Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n{CALENDAR}".format(
        method=method, more=more
    )
    head = "From: anna@yritys.fi\r\nMessage-ID: <i@x>\r\nSubject: Kutsu\r\nDate: Mon, 02 Mar 2026 09:00:00 +0200\r\n"
    if not text:
        return (head + part).encode()
    both = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b\r\n{part}\r\n--b--\r\n"
    return f"{head}Content-Type: multipart/alternative; boundary=b\r\n\r\n{both}".encode()


def test_an_invitation_tells_what_when_and_where_and_its_file_is_kept(anna):
    message = received(invited())
    lines = ["Invitation: Katselmus", "When: 15 Dec 2026 10:00–11:00", "Where: Jämsä", "Ota piirustukset"]
    assert to_text(message.body).split("\n") == lines
    assert [row.name for row in documents_of(message.activity)] == ["invite.ics"]


def test_beside_a_text_the_invitation_tells_only_when_and_where(anna):
    lines = to_text(received(invited(text="Tervetuloa!")).body).split("\n")
    assert lines == [
        "Invitation: Katselmus",
        "When: 15 Dec 2026 10:00–11:00",
        "Where: Jämsä",
        "Tervetuloa!",
    ]


@pytest.mark.parametrize(("method", "more"), [("CANCEL", "STATUS:CANCELLED\r\n"), ("REQUEST", "STATUS:CANCELLED\r\n")])
def test_a_cancelled_meeting_is_told_with_its_time(anna, method, more):
    shown = to_text(received(invited(method, more=more)).body)
    assert shown.startswith("Cancelled: Katselmus\nWhen: 15 Dec 2026 10:00–11:00")


def test_an_answer_to_an_invitation_of_another_says_what_was_answered(anna):
    shown = to_text(received(invited("REPLY", more="ATTENDEE;PARTSTAT=DECLINED:mailto:anna@yritys.fi\r\n")).body)
    assert shown.startswith("Declined: Katselmus\n")
