"""The inbox in the browser's terms, adding files, the command, the endpoints."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from activities.mail.enums import MessageState
from activities.mail.models import EmailMessage, IgnoreRule, Mailbox, MailSettings
from activities.mail.services.filing import ignored_purge
from activities.mail.tests.letters import letter, receive, received
from customers.models import Contact
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

INBOX = "/mail/inbox/"


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
def page(owner):
    return client_of(owner)


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner, name="Yritys Oy")


@pytest.fixture
def waiting():
    """A stranger's message in the shared inbox."""
    return received(letter(sender="Uusi Ihminen <uusi@yritys.fi>", files={"plan.pdf": b"%PDF-1.4 x"}))


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, message):
    return reverse(f"mail:{name}", args=[message.pk])


def text(response):
    return response.content.decode()


class TestInbox:
    def test_stranger_stands_there_with_the_customer_of_his_domain(self, page, waiting, customer):
        ContactFactory(customer=customer, email="anna@yritys.fi")
        shown = text(page.get(INBOX))
        assert "Uusi Ihminen" in shown
        assert "The sender is unknown." in shown
        assert f"{url('inbox_file', waiting)}?customer={customer.pk}" in shown

    def test_domains_of_everybody_suggest_nothing(self, page, customer):
        ContactFactory(customer=customer, email="anna@gmail.com")
        received(letter(sender="other@gmail.com"))
        assert "?customer=" not in text(page.get(INBOX))

    def test_number_of_queries_does_not_grow(self, page, waiting, customer, django_assert_num_queries):
        ContactFactory(customer=customer, email="anna@yritys.fi")
        page.get(INBOX)
        with CaptureQueriesContext(connection) as one_row:
            page.get(INBOX)
        for number in range(2):
            received(letter(sender=f"x{number}@yritys.fi"))
        with django_assert_num_queries(len(one_row)):
            page.get(INBOX)

    def test_what_came_to_a_personal_mailbox_is_its_owners_alone(self, owner):
        box = Mailbox.objects.create(name="Own", owner=owner, address=owner.email, host="i.test", username="x")
        message = received(letter(), mailbox=box)
        admin = client_of(UserFactory(role="administrator"))
        assert "Koulutus" not in text(admin.get(INBOX))
        for name in ("inbox_message", "inbox_file", "inbox_ignore", "message_raw"):
            assert admin.get(url(name, message)).status_code == 404
        assert client_of(owner).get(url("inbox_message", message)).status_code == 200

    def test_reader_sees_none_of_the_shared_ones(self, waiting):
        reader = client_of(UserFactory(role="read_only"))
        assert "Koulutus" not in text(reader.get(INBOX))
        assert reader.get(url("inbox_message", waiting)).status_code == 404

    def test_anonymous_signs_in(self, client, waiting):
        for address in (INBOX, url("inbox_message", waiting), url("inbox_file", waiting), url("message_raw", waiting)):
            assert client.get(address).status_code == 302

    def test_message_is_shown_clean_with_its_attachments(self, page):
        html = "<p>Hi<script>x()</script><img src='https://t.fi/x.gif'></p>"
        message = received(letter(html=html, files={"a.pdf": b"%PDF"}))
        shown = text(page.get(url("inbox_message", message)))
        assert "a.pdf" in shown
        assert "x()" not in shown
        assert "t.fi" not in shown

    def test_original_is_a_download(self, page, waiting):
        response = page.get(url("message_raw", waiting))
        assert response["Content-Disposition"].startswith("attachment")
        assert b"uusi@yritys.fi" in b"".join(response.streaming_content)


class TestFiling:
    def file(self, page, message, **content):
        return page.post(url("inbox_file", message), content)

    def test_new_contact_is_offered_from_the_name(self, page, waiting):
        shown = text(page.get(url("inbox_file", waiting)))
        assert 'value="Uusi"' in shown
        assert 'value="Ihminen"' in shown

    def test_new_contact_is_added_with_the_address(self, page, waiting, customer, owner):
        response = self.file(page, waiting, customer=customer.pk, first_name="Uusi", last_name="Ihminen")
        activity = Activity.objects.get()
        assert response["Location"] == activity.get_absolute_url()
        contact = Contact.objects.get(last_name="Ihminen")
        assert (activity.customer, activity.contacts.get(), activity.users.get()) == (customer, contact, owner)
        assert contact.points.get().value == "uusi@yritys.fi"
        assert contact.positions.get().customer == customer

    def test_contact_learns_the_address_and_the_next_message_comes_by_itself(self, page, waiting, customer):
        contact = ContactFactory(customer=customer, email="old@yritys.fi")
        self.file(page, waiting, customer=customer.pk, contact=contact.pk, learn="on")
        assert set(contact.points.values_list("value", flat=True)) == {"old@yritys.fi", "uusi@yritys.fi"}
        assert receive(letter(sender="uusi@yritys.fi")).kind == "captured"

    def test_others_of_the_sender_are_filed_too_when_asked(self, page, waiting, customer):
        received(letter(sender="UUSI@yritys.fi"))
        assert "other waiting messages (1)" in text(page.get(url("inbox_file", waiting)))
        self.file(page, waiting, customer=customer.pk, others="on")
        assert Activity.objects.filter(customer=customer).count() == 2

    def test_attachments_come_along(self, page, waiting, customer):
        self.file(page, waiting, customer=customer.pk)
        assert "plan.pdf" in text(page.get(reverse("activities:documents", args=[Activity.objects.get().pk])))

    def test_passive_customer_does_not_exist(self, page, waiting):
        """Rule 2."""
        response = self.file(page, waiting, customer=CustomerFactory(passive=True).pk)
        assert response.status_code == 422
        assert not Activity.objects.exists()

    def test_contact_and_new_contact_are_refused(self, page, waiting, customer):
        contact = ContactFactory(customer=customer)
        response = self.file(page, waiting, customer=customer.pk, contact=contact.pk, last_name="Ihminen")
        assert response.status_code == 422

    def test_filed_message_is_not_filed_again(self, page, waiting, customer):
        self.file(page, waiting, customer=customer.pk)
        assert self.file(page, waiting, customer=customer.pk).status_code == 404
        assert Activity.objects.count() == 1


class TestIgnoring:
    def test_message_is_ignored_and_brought_back(self, page, waiting):
        page.post(url("inbox_ignore", waiting), {"kind": ""})
        waiting.refresh_from_db()
        assert (waiting.state, waiting.error) == (MessageState.IGNORED, "by_hand")
        assert "Uusi Ihminen" in text(page.get(INBOX, {"state": "ignored"}))
        page.post(url("inbox_restore", waiting))
        waiting.refresh_from_db()
        assert waiting.state == MessageState.INBOX

    @pytest.mark.parametrize(("kind", "pattern"), [("address", "uusi@yritys.fi"), ("domain", "yritys.fi")])
    def test_sender_is_ignored_from_now_on(self, page, waiting, kind, pattern):
        page.post(url("inbox_ignore", waiting), {"kind": kind})
        assert IgnoreRule.objects.get().pattern == pattern
        assert received(letter(sender="uusi@yritys.fi")).state == MessageState.IGNORED

    @pytest.mark.parametrize("pattern", ["", "no domain", "a@b@c", "<script>", "x" * 300])
    def test_wrong_pattern_is_refused(self, page, pattern):
        assert page.post("/mail/rules/new/", {"kind": "domain", "pattern": pattern}).status_code == 422
        assert not IgnoreRule.objects.exists()

    def test_same_rule_is_kept_once(self, page):
        for pattern in ("Spam.fi", "@spam.fi"):
            page.post("/mail/rules/new/", {"kind": "domain", "pattern": pattern})
        assert IgnoreRule.objects.get().pattern == "spam.fi"

    def test_what_was_ignored_is_forgotten_after_thirty_days(self, page, waiting, settings):
        page.post(url("inbox_ignore", waiting), {"kind": ""})
        assert ignored_purge() == 0
        EmailMessage.objects.update(created_at=waiting.created_at - dt.timedelta(days=31))
        assert ignored_purge() == 1
        waiting.refresh_from_db()
        assert (waiting.body, bool(waiting.raw)) == ("", False)


class TestCapture:
    def upload(self, page, *files, **content):
        return page.post("/mail/capture/", {"file": [SimpleUploadedFile("m.eml", raw) for raw in files], **content})

    def test_file_is_filed_under_the_customer_onto_which_it_was_dropped(self, page, customer, owner):
        response = self.upload(page, letter(sender="stranger@else.fi"), customer=customer.pk)
        assert response["Location"] == reverse("activities:customer_tab", args=[customer.pk])
        activity = Activity.objects.get()
        assert (activity.customer, activity.users.get(), activity.contacts.count()) == (customer, owner, 0)

    def test_waiting_message_is_filed_when_it_is_dropped_onto_a_customer(self, page, customer):
        raw = letter(sender="stranger@else.fi")
        received(raw)
        self.upload(page, raw, customer=customer.pk)
        assert EmailMessage.objects.get().activity.customer == customer

    def test_several_files_are_counted(self, page, customer):
        ContactFactory(customer=customer, email="anna@yritys.fi")
        once = letter()
        response = self.upload(page, once, once, letter(sender="x@else.fi"), b"no message")
        shown = text(page.get(response["Location"]))
        assert "Added: 1, already imported: 1, waiting in the inbox: 1, kept as a file: 1." in shown

    def test_page_of_the_customer_takes_them(self, page, customer):
        shown = text(page.get(reverse("activities:customer_tab", args=[customer.pk])))
        assert f'data-mail-drop="/mail/capture/?customer={customer.pk}"' in shown

    def test_nothing_chosen_is_refused(self, page):
        assert page.post("/mail/capture/", {}).status_code == 422

    def test_passive_customer_is_refused_and_nothing_is_kept(self, page):
        """Rule 2."""
        assert self.upload(page, letter(), customer=CustomerFactory(passive=True).pk).status_code == 422
        assert not EmailMessage.objects.exists()


class TestCommand:
    def run(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        call_command("capture_email", *arguments, stdout=out, stderr=err)
        return out.getvalue().splitlines(), err.getvalue()

    def test_ends_with_one_line(self, tmp_path, customer):
        ContactFactory(customer=customer, email="anna@yritys.fi")
        once = letter()
        for name, raw in (("a", once), ("b", once), ("c", letter(sender="x@else.fi")), ("d", b"no message")):
            (tmp_path / f"{name}.eml").write_bytes(raw)
        lines, err = self.run(str(tmp_path))
        assert lines[-1] == "captured=1 known=1 inbox=1 refused=1"
        assert "The sender is unknown." in err

    def test_again_everything_is_known(self, tmp_path):
        (tmp_path / "a.eml").write_bytes(letter(sender="x@else.fi"))
        self.run(str(tmp_path / "a.eml"))
        assert self.run(str(tmp_path / "a.eml"))[0] == ["captured=0 known=1 inbox=0 refused=0"]

    def test_standard_input(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(letter(sender="x@else.fi"))))
        assert self.run("-")[0] == ["captured=0 known=0 inbox=1 refused=0"]

    def test_sent_message_of_the_named_user(self, tmp_path, customer, owner):
        ContactFactory(customer=customer, email="anna@yritys.fi")
        (tmp_path / "a.eml").write_bytes(letter(sender=owner.email, to="anna@yritys.fi"))
        self.run(str(tmp_path / "a.eml"), "--user", owner.username)
        assert Activity.objects.get().email.state == MessageState.SENT

    def test_missing_file_and_user_are_told(self):
        with pytest.raises(CommandError, match="there is no such file"):
            self.run("/no/such.eml")
        with pytest.raises(CommandError, match="no active user"):
            self.run("-", "--user", "nobody")


class TestDropAddress:
    def test_is_made_shown_and_revoked(self, page, owner, settings):
        settings.DROP_ADDRESS = "portaali@omnia.test"
        page.post("/mail/drop/")
        secret = MailSettings.objects.get(user=owner).drop_secret
        assert f"portaali+{secret}@omnia.test" in text(page.get("/mail/mailboxes/"))
        page.post("/mail/drop/")
        assert MailSettings.objects.get(user=owner).drop_secret != secret
        page.post("/mail/drop/", {"revoke": "1"})
        assert MailSettings.objects.get(user=owner).drop_secret is None


class TestApi:
    @pytest.fixture
    def api(self, page):
        return page

    def test_file_is_captured_under_a_customer(self, api, customer):
        content = {"file": SimpleUploadedFile("m.eml", letter(sender="x@else.fi")), "customer": customer.pk}
        response = api.post("/api/v1/emails/capture/", content)
        assert (response.status_code, response.json()["outcome"]) == (201, "captured")
        assert response.json()["activity"] == Activity.objects.get().pk

    def test_inbox_is_listed_and_filed(self, api, waiting, customer):
        assert [row["id"] for row in api.get("/api/v1/email-inbox/").json()["results"]] == [waiting.pk]
        address = f"/api/v1/email-inbox/{waiting.pk}/file/"
        response = api.post(address, {"customer": customer.pk}, content_type="application/json")
        assert response.json()["activity"] == Activity.objects.get().pk
        assert api.post(address, {"customer": customer.pk}, content_type="application/json").status_code == 404

    def test_ignored_and_restored(self, api, waiting):
        body = {"content_type": "application/json"}
        address = f"/api/v1/email-inbox/{waiting.pk}/"
        assert api.post(f"{address}ignore/", {"kind": "address"}, **body).json()["state"] == "ignored"
        assert api.post(f"{address}restore/", {}, **body).json()["state"] == "inbox"
        assert IgnoreRule.objects.get().pattern == "uusi@yritys.fi"

    def test_passive_customer_does_not_exist(self, api, waiting):
        """Rule 2."""
        content = {"customer": CustomerFactory(passive=True).pk}
        response = api.post(f"/api/v1/email-inbox/{waiting.pk}/file/", content, content_type="application/json")
        assert response.status_code == 400

    def test_password_never_comes_out(self, api, owner):
        Mailbox.objects.create(
            name="Own", owner=owner, address="a@b.fi", host="i.test", username="x", password="secret"
        )
        [row] = api.get("/api/v1/mailboxes/").json()["results"]
        assert "password" not in row

    def test_private_server_is_refused(self, api):
        content = {"name": "x", "address": "a@b.fi", "host": "127.0.0.1", "username": "x", "password": "y"}
        response = api.post("/api/v1/mailboxes/", content, content_type="application/json")
        assert (response.status_code, response.json()["error"]["code"]) == (409, "imap_host")
        assert not Mailbox.objects.exists()
