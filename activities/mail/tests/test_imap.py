"""Mailboxes are read from a real IMAP server (Dovecot)."""

from __future__ import annotations

import time

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.models import Activity, ActivityType
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail import imap
from activities.mail.enums import Direction, MessageState
from activities.mail.imap import MailboxError, is_public
from activities.mail.models import EmailMessage, EmailThread, Mailbox
from activities.mail.services import mailboxes
from activities.mail.services.mailboxes import mailbox_read, mailbox_save
from activities.mail.tasks import try_mailbox
from activities.mail.tests.dovecot import PASSWORD, USER, running_dovecot
from activities.mail.tests.letters import letter
from activities.mail.tests.smtp import silent_server
from core.secrets import decrypt
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    with running_dovecot() as running:
        yield running


@pytest.fixture
def dovecot(server, settings):
    """The server with an empty mailbox."""
    settings.ALLOW_PRIVATE_MAIL_HOSTS = True
    server.empty()
    return server


@pytest.fixture
def box(dovecot):
    activity_type("email")
    mailbox = Mailbox(
        name="Palvelu", address="palvelu@omnia.test", host=dovecot.host, port=dovecot.port, use_tls=False, username=USER
    )
    return mailbox_save(mailbox=mailbox, password=PASSWORD)


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner)


@pytest.fixture
def anna(customer):
    return ContactFactory(customer=customer, email="anna@yritys.fi")


def fresh(mailbox):
    return Mailbox.objects.get(pk=mailbox.pk)


def now():
    return timezone.now().strftime("%a, %d %b %Y %H:%M:%S +0000")


def test_new_message_is_filed_and_read_once(dovecot, box, anna):
    dovecot.deliver(letter(Date=now()))
    assert mailbox_read(box.pk)["captured"] == 1
    assert Activity.objects.get().contacts.get() == anna
    assert sum(mailbox_read(box.pk).values()) == 0
    assert fresh(box).error == ""
    assert fresh(box).last_read_at is not None


def test_nothing_is_marked_or_deleted_on_the_server(dovecot, box, anna):
    dovecot.deliver(letter())
    mailbox_read(box.pk)
    [flags] = dovecot.flags()
    assert b"Seen" not in flags


def test_messages_that_the_server_numbers_anew_are_not_doubled(dovecot, box, anna):
    dovecot.deliver(letter())
    mailbox_read(box.pk)
    validity = fresh(box).uid_validity
    dovecot.number_anew()
    dovecot.deliver(letter(subject="Another"))
    counts = mailbox_read(box.pk)
    assert fresh(box).uid_validity != validity
    assert (counts["known"], counts["captured"]) == (1, 1)
    assert Activity.objects.count() == 2


def test_reply_to_a_sent_message_comes_under_the_same_contact_and_thread(dovecot, box, anna, customer, owner):
    activity = ActivityFactory(
        type=ActivityType.objects.get(code="email"), customer=customer, contacts=[anna], created_by=owner
    )
    thread = EmailThread.objects.create(subject="Offer")
    EmailMessage.objects.create(
        activity=activity, thread=thread, direction=Direction.OUT, state=MessageState.SENT,
        message_id="sent-by-us@omnia.test", sender="x@omnia.test", subject="Offer", user=owner,
    )  # fmt: skip
    dovecot.deliver(letter(subject="Re: Offer", In_Reply_To="<sent-by-us@omnia.test>"))
    mailbox_read(box.pk)
    answer = EmailMessage.objects.get(direction=Direction.IN)
    assert answer.thread == thread
    assert (answer.activity.customer, answer.activity.contacts.get()) == (customer, anna)
    assert (answer.activity.follows, answer.activity.users.get()) == (activity, owner)


def test_an_answer_that_is_delivered_before_its_message_is_in_the_same_thread(dovecot, box, anna):
    dovecot.deliver(letter(subject="Re: Offer", Date=now(), In_Reply_To="<first@yritys.fi>"))
    mailbox_read(box.pk)
    dovecot.deliver(letter(subject="Offer", Message_ID="<first@yritys.fi>"))
    mailbox_read(box.pk)
    answer, first = EmailMessage.objects.order_by("-date")
    assert answer.thread == first.thread
    assert answer.activity.follows == first.activity
    assert EmailThread.objects.count() == 1


def test_reading_that_breaks_goes_on_where_it_was_left(dovecot, box, anna, monkeypatch):
    for number in range(3):
        dovecot.deliver(letter(subject=f"Number {number}"))
    taken = []

    def break_at_second(raw, origin):
        if len(taken) == 1:
            raise MailboxError("imap_unreachable", "gone")
        taken.append(raw)
        return whole(raw, origin)

    whole = mailboxes.message_receive
    monkeypatch.setattr(mailboxes, "message_receive", break_at_second)
    mailbox_read(box.pk)
    assert fresh(box).error == "gone"
    monkeypatch.setattr(mailboxes, "message_receive", whole)
    assert mailbox_read(box.pk)["captured"] == 2
    assert Activity.objects.count() == 3


def test_first_reading_takes_only_the_last_days(dovecot, box, anna):
    with dovecot.client() as client:
        client.append("INBOX", "", '"01-Jan-2020 10:00:00 +0000"', letter(subject="Old"))
    dovecot.deliver(letter(subject="New"))
    mailbox_read(box.pk)
    assert Activity.objects.get().title == "New"


def test_of_too_large_a_message_the_head_is_kept(dovecot, box, anna, settings):
    settings.EMAIL_MAX_BYTES = 5_000
    dovecot.deliver(letter(text="x" * 20_000))
    assert mailbox_read(box.pk)["refused"] == 1
    message = EmailMessage.objects.get()
    assert (message.state, message.error, message.subject) == ("refused", "headers_only", "Koulutus")
    assert message.raw.size < 5_000


def test_broken_message_does_not_stop_the_others(dovecot, box, anna, monkeypatch):
    from activities.mail.mime import parse
    from activities.mail.services import receiving

    whole = parse.parse
    monkeypatch.setattr(receiving, "parse", lambda raw: 1 / 0 if b"Broken" in raw else whole(raw))
    dovecot.deliver(letter(subject="Broken"))
    dovecot.deliver(letter(subject="Whole"))
    counts = mailbox_read(box.pk)
    assert (counts["refused"], counts["captured"]) == (1, 1)


def test_paused_mailbox_is_not_read(dovecot, box, anna):
    mailboxes.mailbox_set_active(mailbox=box, active=False)
    dovecot.deliver(letter())
    assert sum(mailbox_read(box.pk).values()) == 0


def test_wrong_password_is_said_in_words(box):
    mailbox_save(mailbox=box, password="wrong")
    mailbox_read(box.pk)
    assert fresh(box).error == "The user name or the password is wrong."


def test_unreachable_server_is_said_in_words(box):
    Mailbox.objects.filter(pk=box.pk).update(port=1)
    mailbox_read(box.pk)
    assert fresh(box).error == "127.0.0.1 does not respond on port 1."


def test_server_without_tls_is_said_in_words(box):
    Mailbox.objects.filter(pk=box.pk).update(use_tls=True)
    mailbox_read(box.pk)
    assert fresh(box).error.startswith("127.0.0.1 does not support TLS on port")


def test_missing_folder_is_said_in_words(box):
    Mailbox.objects.filter(pk=box.pk).update(folder='Myynti "ä"')
    mailbox_read(box.pk)
    assert fresh(box).error == 'There is no folder “Myynti "ä"” in the mailbox.'


def test_folder_with_letters_beyond_ascii_is_read(dovecot, box, anna):
    with dovecot.client() as client:
        client.create("L&AOQ-hetetyt")
        client.append("L&AOQ-hetetyt", "", None, letter())
    Mailbox.objects.filter(pk=box.pk).update(folder="Lähetetyt")
    assert mailbox_read(box.pk)["captured"] == 1


@pytest.mark.parametrize("greeting", [b"", b"* OK ready\r\n"], ids=["from the start", "after its greeting"])
def test_server_that_says_nothing_is_given_up_soon(box, monkeypatch, greeting):
    monkeypatch.setattr(mailboxes, "SHORT_TIMEOUT", 1)
    with silent_server(greeting) as port:
        Mailbox.objects.filter(pk=box.pk).update(port=port)
        began = time.monotonic()
        try_mailbox(box.pk)
        assert time.monotonic() - began < 4
    assert (fresh(box).error, fresh(box).is_being_tried) == (f"127.0.0.1 does not respond on port {port}.", False)


def test_server_that_drips_is_given_up_when_the_time_is_over(box, monkeypatch):
    def drip(mailbox_id):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("activities.mail.tasks.mailbox_try", drip)
    try_mailbox(box.pk)
    assert (fresh(box).error, fresh(box).is_being_tried) == (f"127.0.0.1 does not respond on port {box.port}.", False)


def test_what_was_found_of_a_mailbox_that_has_been_saved_anew_is_not_written_at_it(box, monkeypatch):
    monkeypatch.setattr(mailboxes, "SHORT_TIMEOUT", 1)
    with silent_server() as port:
        Mailbox.objects.filter(pk=box.pk).update(port=port)

        def save_meanwhile(error):
            mailbox_save(mailbox=fresh(box))
            return whole(error)

        whole = imap.unreachable
        monkeypatch.setattr("activities.mail.imap.unreachable", save_meanwhile)
        mailboxes.mailbox_try(box.pk)
    assert (fresh(box).error, fresh(box).is_being_tried) == ("", True)


def test_private_host_is_refused_when_its_name_leads_there(box, settings):
    settings.ALLOW_PRIVATE_MAIL_HOSTS = False
    try_mailbox(box.pk)
    assert fresh(box).error == "127.0.0.1 is not a public mail server."


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.1.2.3", "::1", "fe80::1"])
def test_private_address_is_refused_at_once(box, settings, host):
    settings.ALLOW_PRIVATE_MAIL_HOSTS = False
    box.host = host
    with pytest.raises(MailboxError, match="not a public mail server"):
        mailbox_save(mailbox=box)


def test_which_addresses_are_public():
    private = [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "64:ff9b::7f00:1",  # translated to 127.0.0.1
        "64:ff9b::a01:203",  # to 10.1.2.3
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2002:c0a8:1::1",  # of 192.168.0.1
    ]
    assert not any(is_public(address) for address in private)
    assert is_public("193.166.3.2")
    assert is_public("2001:708::1")
    assert is_public("64:ff9b::c1a6:302")  # 193.166.3.2


class TestPages:
    @pytest.fixture
    def page(self, client, owner):
        client.force_login(owner)
        return client

    def content(self, dovecot, **changes):
        content = {
            "name": "My own", "address": "me@omnia.test", "host": dovecot.host, "port": dovecot.port, "username": USER,
            "password": PASSWORD, "folder": "INBOX", "first_days": 30,
        }  # fmt: skip
        return content | changes

    def add(self, page, dovecot, **changes):
        """Add a mailbox and let the worker find out whether it opens."""
        response = page.post(reverse("mail:mailbox_add"), self.content(dovecot, **changes))
        assert response.status_code == 302
        mailbox = Mailbox.objects.get()
        assert mailbox.is_being_tried
        try_mailbox(mailbox.pk)
        return fresh(mailbox)

    def text(self, page):
        return page.get(reverse("mail:mailboxes")).content.decode()

    def test_own_mailbox_is_added_and_a_worker_sees_that_it_opens(self, page, dovecot, owner):
        mailbox = self.add(page, dovecot)
        assert (mailbox.owner, decrypt(mailbox.password)) == (owner, PASSWORD)
        assert PASSWORD not in mailbox.password
        assert (mailbox.error, mailbox.is_being_tried) == ("", False)
        assert "connection works, not read yet" in self.text(page)

    def test_wrong_password_stands_at_the_mailbox(self, page, dovecot):
        self.add(page, dovecot, password="wrong")
        assert "The user name or the password is wrong." in self.text(page)

    def test_list_asks_again_while_a_mailbox_is_being_tried_and_then_no_more(self, page, dovecot):
        page.post(reverse("mail:mailbox_add"), self.content(dovecot))
        assert "testing the connection" in self.text(page)
        assert "every 2s" in self.text(page)
        try_mailbox(Mailbox.objects.get().pk)
        answer = page.get(reverse("mail:mailboxes"), headers={"HX-Request": "true", "HX-Target": "mailboxes"})
        assert "every 2s" not in answer.content.decode()
        assert "<html" not in answer.content.decode()

    def test_a_silent_server_holds_up_neither_adding_changing_nor_testing(
        self, page, dovecot, django_capture_on_commit_callbacks
    ):
        with silent_server() as port, django_capture_on_commit_callbacks(execute=True) as queued:
            began = time.monotonic()
            page.post(reverse("mail:mailbox_add"), self.content(dovecot, port=port))
            mailbox = Mailbox.objects.get()
            page.post(reverse("mail:mailbox_change", args=[mailbox.pk]), self.content(dovecot, port=port))
            page.post(reverse("mail:mailbox_test", args=[mailbox.pk]))
            assert time.monotonic() - began < 5
        assert sum("queue_task" in one.__qualname__ for one in queued) == 3

    def test_password_is_never_shown(self, page, box, owner):
        Mailbox.objects.filter(pk=box.pk).update(owner=owner)
        response = page.get(reverse("mail:mailbox_change", args=[box.pk]))
        assert PASSWORD not in response.content.decode()
        assert fresh(box).password not in response.content.decode()

    def test_another_server_must_be_given_the_password_again(self, page, box, owner, dovecot):
        Mailbox.objects.filter(pk=box.pk).update(owner=owner)
        content = self.content(dovecot, host="imap.evil.test", password="")
        response = page.post(reverse("mail:mailbox_change", args=[box.pk]), content)
        assert response.status_code == 422
        assert fresh(box).host == dovecot.host

    def test_connection_is_tested(self, page, box, owner):
        Mailbox.objects.filter(pk=box.pk).update(owner=owner)
        Mailbox.objects.filter(pk=box.pk).update(error="old", trying_since=None)
        response = page.post(reverse("mail:mailbox_test", args=[box.pk]), follow=True)
        assert "The connection is being tested." in response.content.decode()
        assert fresh(box).is_being_tried
        try_mailbox(box.pk)
        assert (fresh(box).error, fresh(box).is_being_tried) == ("", False)

    def test_others_mailbox_does_not_exist(self, page, box):
        Mailbox.objects.filter(pk=box.pk).update(owner=UserFactory())
        for name in ("mailbox_change", "mailbox_test", "mailbox_pause", "mailbox_remove"):
            assert page.get(reverse(f"mail:{name}", args=[box.pk])).status_code == 404
