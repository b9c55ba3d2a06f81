"""Where received messages go."""

from __future__ import annotations

import pytest
from django.conf import settings

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from activities.mail.defaults import load_ignore_rules
from activities.mail.enums import Direction, MessageState
from activities.mail.mime.addresses import own_mark
from activities.mail.models import EmailMessage, IgnoreRule, Mailbox, MailSettings
from activities.mail.recipients import Letter
from activities.mail.senders import reason_texts
from activities.mail.services.filing import raw_of, rule_add
from activities.mail.services.messages import emails_send
from activities.mail.tests.letters import letter, receive, received
from activities.mail.tests.test_messages import to
from core.documents import documents_of
from customers.models import CustomerSummary
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without ignore rules."""
    without(IgnoreRule)


@pytest.fixture(autouse=True)
def kind():
    return activity_type("email")


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner, name="Yritys Oy")


@pytest.fixture
def anna(customer):
    return ContactFactory(customer=customer, email="anna@yritys.fi", first_name="Anna", last_name="Virtanen")


@pytest.fixture
def shared():
    return Mailbox.objects.create(name="Shared", address="palvelu@omnia.test", host="imap.omnia.test", username="x")


def test_message_of_a_known_contact_becomes_a_done_activity(anna, customer, owner, shared):
    outcome = receive(letter(sender="Anna <ANNA@Yritys.FI>"), mailbox=shared)
    assert outcome.kind == "captured"
    activity = Activity.objects.get()
    assert (activity.customer, activity.title, activity.status) == (customer, "Koulutus", ActivityStatus.DONE)
    assert (list(activity.contacts.all()), list(activity.users.all())) == ([anna], [owner])
    assert activity.type.code == "email"
    assert activity.start == outcome.message.date
    assert outcome.message.state == MessageState.FILED


def test_it_counts_as_contact_and_its_owner_is_told(anna, customer, owner, shared):
    receive(letter(), mailbox=shared)
    assert CustomerSummary.objects.get(customer=customer).last_contact_at is not None
    notification = Notification.objects.get()
    assert (notification.user, notification.kind) == (owner, "email_received")
    assert notification.url == Activity.objects.get().get_absolute_url()


def test_message_without_subject_says_so(anna):
    receive(letter(subject=""))
    assert Activity.objects.get().title == "(no subject)"


def test_activity_of_an_ownerless_customer_is_nobodys(shared):
    ContactFactory(customer=CustomerFactory(), email="anna@yritys.fi")
    assert receive(letter(), mailbox=shared).kind == "captured"
    assert not Activity.objects.get().users.exists()


def test_same_message_id_is_kept_once(anna, shared):
    raw = letter(Message_ID="<once@x>")
    assert [receive(raw, mailbox=shared).kind, receive(raw).kind] == ["captured", "known"]
    assert (
        receive(raw.replace(b"\n\n", b"\nReceived: from b by c; Mon, 02 Mar 2026 09:05:00 +0200\n\n", 1)).kind
        == "known"
    )
    assert EmailMessage.objects.count() == Activity.objects.count() == 1


def test_message_without_id_is_kept_once_by_its_content(anna):
    raw = letter(Message_ID="")
    assert [receive(raw).kind, receive(raw).kind] == ["captured", "known"]
    assert EmailMessage.objects.get().message_id.startswith("sha256:")


def test_unknown_sender_waits_in_the_inbox():
    outcome = receive(letter())
    assert (outcome.kind, outcome.message.state, outcome.message.error) == ("inbox", "inbox", "unknown_sender")
    assert not Activity.objects.exists()


def test_customers_own_address_tells_the_customer():
    customer = CustomerFactory(email="info@yritys.fi")
    receive(letter(sender="info@yritys.fi"))
    assert Activity.objects.get().customer == customer


def test_passive_customer_takes_no_message():
    """Rule 2."""
    ContactFactory(customer=CustomerFactory(passive=True), email="anna@yritys.fi", is_hidden=True)
    assert received(letter()).error == "customer_passive"
    assert not Activity.objects.exists()


def test_contact_of_several_customers_waits_for_a_choice(anna):
    PositionFactory(contact=anna, customer=CustomerFactory())
    assert received(letter()).error == "several_customers"


def test_thread_tells_which_of_several_customers(anna, customer):
    received(letter(Message_ID="<first@x>"))
    PositionFactory(contact=anna, customer=CustomerFactory())
    answer = received(letter(In_Reply_To="<first@x>"))
    first = EmailMessage.objects.get(message_id="first@x")
    assert (answer.activity.customer, answer.thread) == (customer, first.thread)
    assert answer.activity.follows == first.activity


def test_several_contacts_of_different_customers_wait(anna):
    ContactFactory(customer=CustomerFactory(), email="anna@yritys.fi")
    assert received(letter()).error == "several_contacts"


def test_thread_is_found_by_references_too(anna):
    first = received(letter(Message_ID="<first@x>"))
    assert received(letter(References="<other@x> <first@x>")).thread == first.thread
    assert received(letter()).thread != first.thread


def test_attachments_are_documents_and_refused_ones_are_told(anna):
    message = received(letter(files={"plan.pdf": b"%PDF-1.4 text", "run.exe": b"MZ"}))
    assert [row.name for row in documents_of(message.activity)] == ["plan.pdf"]
    assert "run.exe" in message.error


def test_own_messages_are_never_logged_again(anna):
    own = settings.DEFAULT_FROM_EMAIL
    for raw in (letter(sender=own, to="anna@yritys.fi"), letter(X_Portaali=own_mark(), Auto_Submitted="auto-replied")):
        assert received(raw).error == "own"
    assert not Activity.objects.exists()


def test_a_message_of_another_installation_is_a_message(anna):
    """A customer may have Portaali too."""
    assert received(letter(X_Portaali="crm.yritys.fi")).activity.contacts.get() == anna


def test_what_we_send_comes_back_as_our_own_from_whatever_address(anna, owner):
    """A customer's program that sends everything back starts no loop."""
    [sent] = emails_send(letter=Letter(user=owner, recipients=[to(anna)], subject="Hi", body="Hi"))
    raw = raw_of(sent).replace(f"<{sent.message_id}>".encode(), b"<redirected@x>")
    raw = raw.replace(settings.DEFAULT_FROM_EMAIL.encode(), b"anna@yritys.fi")
    assert received(raw).error == "own"
    assert Activity.objects.count() == 1


def test_colleagues_among_themselves_are_ignored(owner, shared):
    message = received(letter(sender=owner.email), mailbox=shared)
    assert (message.state, message.error) == ("ignored", "internal")


def test_stranger_who_pretends_to_be_a_colleague_logs_nothing(owner, anna, shared):
    receive(letter(sender=owner.email, to="anna@yritys.fi"), mailbox=shared)
    assert not Activity.objects.exists()


def test_rules_ignore_addresses_domains_and_what_is_below_them(owner, shared):
    rule_add(user=owner, kind="domain", pattern="@Spam.fi")
    rule_add(user=owner, kind="address", pattern="One@else.fi")
    for sender in ("a@spam.fi", "a@news.spam.fi", "ONE@else.fi"):
        assert received(letter(sender=sender), mailbox=shared).error == "rule"
    assert received(letter(sender="two@else.fi"), mailbox=shared).state == "inbox"
    assert received(letter(sender="a@notspam.fi"), mailbox=shared).state == "inbox"


def test_newsletters_of_strangers_are_ignored_in_a_fresh_installation_until_the_rule_is_removed(shared):
    load_ignore_rules()
    assert received(letter(sender="n@news.fi", List_Id="<x>"), mailbox=shared).error == "bulk"
    IgnoreRule.objects.get().delete()
    assert received(letter(sender="n@news.fi", List_Id="<x>"), mailbox=shared).state == "inbox"


def test_an_installation_that_has_kept_messages_goes_on_as_it_has_been(shared):
    received(letter(), mailbox=shared)
    load_ignore_rules()
    assert not IgnoreRule.objects.exists()


def test_newsletters_of_strangers_are_ignored_when_that_is_on(owner, anna, shared):
    assert received(letter(sender="n@news.fi", List_Id="<x>"), mailbox=shared).state == "inbox"
    rule_add(user=owner, kind="bulk")
    assert received(letter(sender="n@news.fi", List_Id="<x>"), mailbox=shared).error == "bulk"
    assert received(letter(Precedence="bulk"), mailbox=shared).state == "filed"


def test_personal_mailbox_makes_its_owner_the_participant(anna, owner):
    user = UserFactory(role="account_manager")
    box = Mailbox.objects.create(name="Own", owner=user, address=user.email, host="i.test", username="x")
    message = received(letter(), mailbox=box)
    assert list(message.activity.users.all()) == [user]
    assert {row.user for row in Notification.objects.all()} == {user, owner}


def test_own_sent_message_read_from_ones_mailbox_is_logged_as_sent(anna, customer):
    user = UserFactory(role="account_manager")
    box = Mailbox.objects.create(name="Own", owner=user, address=user.email, host="i.test", username="x")
    message = received(letter(sender=user.email, to="anna@yritys.fi, boss@else.fi"), mailbox=box)
    assert (message.direction, message.state) == (Direction.OUT, MessageState.SENT)
    assert list(message.activity.contacts.all()) == [anna]


class TestDropAddress:
    @pytest.fixture(autouse=True)
    def address(self, settings, owner):
        settings.DROP_ADDRESS = "portaali@omnia.test"
        MailSettings.objects.create(user=owner, drop_secret="abcdef0123456789abcd")
        return "portaali+abcdef0123456789abcd@omnia.test"

    def test_blind_copy_is_logged_as_sent_under_the_recipient(self, address, anna, owner, shared):
        message = received(letter(sender=owner.email, to="anna@yritys.fi", Delivered_To=address), mailbox=shared)
        assert (message.direction, message.state) == (Direction.OUT, MessageState.SENT)
        assert list(message.activity.contacts.all()) == [anna]
        assert list(message.activity.users.all()) == [owner]

    @pytest.mark.parametrize(
        "head",
        [
            "---------- Forwarded message ---------\nFrom: Anna Virtanen <anna@yritys.fi>\nDate: x\nSubject: y\n",
            "Lähettäjä: Anna Virtanen <anna@yritys.fi>\nLähetetty: maanantai\nVastaanottaja: minä\nAihe: y\n",
            "Från: Anna Virtanen [mailto:anna@yritys.fi]\nSkickat: den 2 mars\nTill: mig\nÄmne: y\n",
            "> *From:* anna@yritys.fi\n> *Sent:* x\n",
        ],
    )
    def test_forwarded_message_goes_under_who_wrote_it(self, address, anna, owner, shared, head):
        raw = letter(sender=owner.email, to=address, subject="Fwd: Koulutus", text=f"FYI\n\n{head}\nHei!")
        message = received(raw, mailbox=shared)
        assert (message.direction, message.sender) == (Direction.IN, "anna@yritys.fi")
        assert list(message.activity.contacts.all()) == [anna]
        assert list(message.activity.users.all()) == [owner]

    def test_message_forwarded_as_an_attachment_is_taken_out(self, address, anna, owner, shared):
        from email import message_from_bytes
        from email.message import EmailMessage as Letter

        outer = Letter()
        outer["From"], outer["To"], outer["Subject"], outer["Message-ID"] = owner.email, address, "Vl: x", "<outer@x>"
        outer.set_content("FYI")
        outer.add_attachment(message_from_bytes(letter(Message_ID="<inner@x>")))
        message = received(outer.as_bytes(), mailbox=shared)
        assert (message.message_id, message.sender) == ("inner@x", "anna@yritys.fi")
        assert receive(outer.as_bytes(), mailbox=shared).kind == "known"

    def test_forwarding_nobody_waits_in_the_forwarders_own_inbox(self, address, owner, shared):
        message = received(letter(sender=owner.email, to=address, text="Look at this"), mailbox=shared)
        assert (message.state, message.error, message.user) == ("inbox", "forwarded_by_whom", owner)
        admin = UserFactory(role="administrator")
        assert not EmailMessage.objects.inbox_of(admin).exists()

    def test_secret_from_anothers_address_is_an_ordinary_message(self, address, anna, owner, shared):
        message = received(letter(Cc=address), mailbox=shared)
        assert (message.direction, message.activity.customer) == (Direction.IN, anna.positions.get().customer)


def test_reason_is_said_in_words():
    assert reason_texts("unknown_sender\nrun.exe: no") == ["The sender is unknown.", "run.exe: no"]


def test_program_error_keeps_the_message(monkeypatch, anna):
    monkeypatch.setattr("activities.mail.selectors.thread_of", lambda parsed: 1 / 0)
    raw = letter()
    outcome = receive(raw)
    assert (outcome.kind, outcome.message.state) == ("refused", MessageState.REFUSED)
    assert outcome.message.error == "program_error"
    with outcome.message.raw.open() as file:
        assert file.read() == raw


def test_too_large_message_is_kept_as_a_file(settings, anna):
    settings.EMAIL_MAX_BYTES = 2_000
    message = received(letter(text="x" * 3_000))
    assert (message.state, message.error, message.subject) == ("refused", "too_large", "Koulutus")
    assert message.raw.size > 3_000


def test_what_is_no_message_is_kept_as_a_file():
    outcome = receive(b"\x89PNG\r\n\x1a\n" + bytes(200))
    assert (outcome.kind, outcome.message.error) == ("refused", "not_a_message")


def test_bounce_is_told_at_the_message_that_bounced(anna, customer, owner):
    sent = received(letter(sender=owner.email, to="anna@yritys.fi", Message_ID="<sent@x>"))
    assert sent.state == "sent"
    bounce = (
        b"From: MAILER-DAEMON@mx.fi\r\nTo: me@omnia.test\r\nSubject: Undelivered\r\nMessage-ID: <b@mx>\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.fi\r\n\r\n"
        b"Final-Recipient: rfc822; anna@yritys.fi\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 No such user\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <sent@x>\r\nSubject: Koulutus\r\n\r\nHei\r\n--b--\r\n"
    )
    outcome = receive(bounce)
    assert (outcome.kind, outcome.message.state, outcome.message.error) == ("captured", "ignored", "bounce")
    sent.refresh_from_db()
    assert (sent.state, "550 No such user" in sent.error) == (MessageState.FAILED, True)
    assert Notification.objects.get(user=owner, kind="email_bounced").url == sent.get_absolute_url()
