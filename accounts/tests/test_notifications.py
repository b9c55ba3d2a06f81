"""Notifications: sent once, read by their own user, by e-mail for users who chose it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, SystemMail
from accounts.notifications import choices_set, notify
from accounts.system_mail import notifications_send, system_mail_deliver
from accounts.tasks import purge_notifications
from accounts.tests.factories import UserFactory
from core import registry

pytestmark = pytest.mark.django_db

KIND = registry.NotificationKind("test_kind", "Something happens", text=lambda data: f"Hello {data['who']}")


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setitem(registry.notifications._entries["user"], KIND.name, KIND)


@pytest.fixture
def notify_reader(reader):
    def notify_times(count=1, user=reader):
        for number in range(count):
            notify(users=[user], kind="test_kind", url="/customers/", who=f"number {number}")
        return list(Notification.objects.filter(user=user).order_by("-created_at", "-pk"))

    return notify_times


def test_a_notification_says_its_words_in_the_readers_language_and_leads_somewhere(notify_reader):
    [notification] = notify_reader()
    assert (str(notification), notification.url, notification.read_at) == ("Hello number 0", "/customers/", None)


def test_a_deactivated_user_gets_no_notification(notify_reader):
    assert notify_reader(user=UserFactory(is_active=False)) == []


def test_an_unknown_kind_is_a_mistake_of_the_program(reader):
    with pytest.raises(ValueError, match="no registered kind"):
        notify(users=[reader], kind="nonsense", url="/")


def test_the_page_shows_ones_own_newest_first_and_marks_the_unread(notify_reader, signed_in, reader, colleague):
    notify_reader(2)
    notify_reader(user=colleague)
    text = signed_in(reader).get(reverse("notifications:list")).text
    assert text.index("Hello number 1") < text.index("Hello number 0")
    assert text.count('class="unread"') == 2


def test_a_notification_that_lacks_its_words_breaks_no_page(signed_in, reader):
    Notification.objects.create(user=reader, kind="test_kind", data={}, url="/customers/")
    Notification.objects.create(user=reader, kind="gone_kind", data={}, url="/customers/")
    text = signed_in(reader).get(reverse("notifications:list")).text
    assert "Something happens" in text
    assert "gone_kind" in text


def test_text_of_a_notification_is_text(signed_in, reader):
    notify(users=[reader], kind="test_kind", url="/customers/", who="<script>alert(1)</script>")
    text = signed_in(reader).get(reverse("notifications:list")).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_the_page_goes_on_by_key(notify_reader, signed_in, reader):
    notify_reader(35)
    client = signed_in(reader)
    page = client.get(reverse("notifications:list")).context
    assert len(page["rows"]) == 30
    assert [row.text for row in client.get(page["page"]["next_url"]).context["rows"]] == [
        f"Hello number {number}" for number in (4, 3, 2, 1, 0)
    ]
    assert client.get(reverse("notifications:list") + "?after=nonsense").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_there_are(
    count, notify_reader, signed_in, reader, django_assert_num_queries
):
    notify_reader(count)
    client = signed_in(reader)
    with django_assert_num_queries(4):
        client.get(reverse("notifications:list"), headers={"HX-Request": "true", "HX-Target": "list"})


def test_the_bell_costs_one_query(notify_reader, signed_in, reader, django_assert_num_queries):
    notify_reader(3)
    client = signed_in(reader)
    with django_assert_num_queries(3):
        client.get(reverse("notifications:bell"))


def test_opening_one_marks_it_and_leads_on(notify_reader, signed_in, reader):
    [notification] = notify_reader()
    response = signed_in(reader).get(notification.get_absolute_url())
    notification.refresh_from_db()
    assert (response.status_code, response.headers["Location"]) == (302, "/customers/")
    assert notification.read_at


def test_a_notification_leads_nowhere_outside_the_program(signed_in, reader):
    notification = Notification.objects.create(
        user=reader, kind="test_kind", data={"who": "x"}, url="https://evil.example/"
    )
    response = signed_in(reader).get(notification.get_absolute_url())
    assert response.headers["Location"] == reverse("notifications:list")


def test_marking_one_and_all_as_read(notify_reader, signed_in, reader):
    first, second, third = notify_reader(3)
    client = signed_in(reader)
    client.post(reverse("notifications:read", args=[first.pk]))
    assert set(Notification.objects.filter(read_at__isnull=True)) == {second, third}
    client.post(reverse("notifications:read_all"))
    assert not Notification.objects.filter(read_at__isnull=True).exists()


def test_another_users_notification_does_not_exist(notify_reader, signed_in, colleague):
    [notification] = notify_reader()
    client = signed_in(colleague)
    assert client.get(notification.get_absolute_url()).status_code == 404
    assert client.post(reverse("notifications:read", args=[notification.pk])).status_code == 404
    client.post(reverse("notifications:read_all"))
    notification.refresh_from_db()
    assert notification.read_at is None


def test_the_bell_tells_the_number_of_unread(notify_reader, signed_in, reader):
    client = signed_in(reader)
    assert "bell-n" not in client.get(reverse("notifications:bell")).text
    notify_reader(3)
    assert "Notifications: 3 unread" in client.get(reverse("notifications:bell")).text
    assert "Notifications: 3 unread" in client.get(reverse("notifications:list")).text


def test_the_bell_stops_counting_at_a_hundred(signed_in, reader):
    rows = [Notification(user=reader, kind="test_kind", data={"who": "x"}, url="/") for _number in range(120)]
    Notification.objects.bulk_create(rows)
    assert ">99+<" in signed_in(reader).get(reverse("notifications:bell")).text


def test_who_chose_it_is_told_by_email_only(reader, django_capture_on_commit_callbacks, queued):
    choices_set(user=reader, choices={"test_kind": (False, True)})
    with django_capture_on_commit_callbacks(execute=True):
        notify(users=[reader], kind="test_kind", url="/customers/", who="Raija")
    assert not Notification.objects.exists()
    row = SystemMail.objects.get()
    assert (row.user, row.kind) == (reader, "notification")
    assert queued == [("accounts.tasks.send_system_mail", row.pk)]


def test_the_mail_says_it_in_one_line_and_gives_the_address(reader, settings):
    data = {"who": "A\r\nBcc: x@example.com"}
    notifications_send(user_ids=[reader.pk], kind="test_kind", data=data, url="/customers/")
    system_mail_deliver(SystemMail.objects.get().pk)
    [message] = mail.outbox
    assert message.subject == "Hello A Bcc: x@example.com"
    assert f"{settings.BASE_URL}/customers/" in message.body


def test_notification_settings_are_grouped_by_subject(signed_in, reader):
    page = signed_in(reader).get(reverse("notifications:choices")).text
    subjects = re.findall(r'<th scope="rowgroup" colspan="3">([^<]+)</th>', page)
    assert len(subjects) == len(set(subjects))
    assert {"Activities", "E-mail", "Offers"} <= set(subjects)


def test_one_chooses_how_one_is_told(signed_in, reader):
    client = signed_in(reader)
    page = client.get(reverse("notifications:choices")).text
    assert "Something happens" in page
    response = client.post(reverse("notifications:choices"), {"test_kind-by_email": "on"})
    assert response.status_code == 302
    choice = reader.notification_choices.get(kind="test_kind")
    assert (choice.in_program, choice.by_email) == (False, True)
    client.post(reverse("notifications:choices"), {"test_kind-in_program": "on"})
    choice.refresh_from_db()
    assert (choice.in_program, choice.by_email) == (True, False)


def test_notifications_are_forgotten_after_half_a_year(notify_reader):
    old, new = notify_reader(2)
    Notification.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=181))
    purge_notifications()
    assert list(Notification.objects.all()) == [new]


def test_the_endpoint_lists_ones_own_and_marks_them(notify_reader, signed_in, reader, colleague):
    newest, oldest = notify_reader(2)
    notify_reader(user=colleague)
    client = signed_in(reader)
    rows = client.get("/api/v1/notifications/").json()["results"]
    assert [(row["id"], row["text"]) for row in rows] == [
        (newest.pk, "Hello number 1"),
        (oldest.pk, "Hello number 0"),
    ]
    assert client.post(f"/api/v1/notifications/{oldest.pk}/read/").json()["read_at"]
    assert [row["id"] for row in client.get("/api/v1/notifications/?unread=true").json()["results"]] == [newest.pk]
    assert client.post("/api/v1/notifications/read/").json() == {"read": 1}
    assert client.get("/api/v1/notifications/?unread=perhaps").status_code == 400


CHOICES = "/api/v1/notifications/choices/"


def chosen(client, body):
    return client.patch(CHOICES, body, content_type="application/json")


def of_kind(rows, kind="test_kind"):
    return next(row for row in rows if row["kind"] == kind)


def test_the_endpoint_tells_how_one_is_told_and_changes_what_it_names(signed_in, reader, colleague):
    client = signed_in(reader)
    rows = client.get(CHOICES).json()
    assert of_kind(rows) == {
        "kind": "test_kind", "label": "Something happens", "in_program": True, "by_email": False,
    }  # fmt: skip
    answer = chosen(client, [{"kind": "test_kind", "in_program": False, "by_email": True}])
    assert (answer.status_code, of_kind(answer.json())["by_email"]) == (200, True)
    assert [row for row in answer.json() if row["kind"] != "test_kind"] == [
        row for row in rows if row["kind"] != "test_kind"
    ]
    choice = reader.notification_choices.get()
    assert (choice.kind, choice.in_program, choice.by_email) == ("test_kind", False, True)
    assert of_kind(signed_in(colleague).get(CHOICES).json())["in_program"]


@pytest.mark.parametrize(
    "body",
    [
        [{"kind": "nothing", "in_program": True, "by_email": True}],
        [{"kind": "test_kind", "in_program": "perhaps", "by_email": True}],
        [{"kind": "test_kind"}],
        {"kind": "test_kind", "in_program": True, "by_email": True},
        [{"kind": "test_kind", "in_program": True, "by_email": False}] * 201,
        "x",
        [None],
    ],
)
def test_a_choice_that_cannot_be_is_refused_and_none_of_it_is_kept(signed_in, reader, body):
    good = {"kind": "test_kind", "in_program": False, "by_email": True}
    answer = chosen(signed_in(reader), [good, *body] if isinstance(body, list) else body)
    assert answer.status_code == 400
    assert not reader.notification_choices.exists()
