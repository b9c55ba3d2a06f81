"""Feeds, invitations and imported calendars: strict RFC 5545 out, defensive reading in."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.calendar.enums import Answer
from activities.calendar.models import CalendarFeed, Invitation
from activities.calendar.services.feeds import feed_content, feed_create
from activities.calendar.services.files import Types, import_run
from activities.calendar.services.invitations import (
    invitation_answer_read,
    invitation_remove,
    invitations_resend,
    invitations_send,
)
from activities.calendar.tasks import send_invitation
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_change, uid_of
from activities.log.services.series import series_make
from activities.log.tests.factories import ActivityFactory, activity_type
from core.exceptions import BusinessRuleError
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture(autouse=True)
def counters():
    cache.clear()


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", email="owner@portaali.example")


def tomorrow(hour=9):
    return dt.datetime.combine(timezone.localdate() + dt.timedelta(days=1), dt.time(hour), tzinfo=HELSINKI)


@pytest.fixture
def meeting(owner):
    return ActivityFactory(
        type=activity_type("meeting"),
        title="Offer; with, commas\nand “quotes” äö 🎉",
        goal="Agree on the price",
        memo="<p>Secret memo</p>",
        place="Mannerheimintie 1",
        created_by=owner,
        participants=[owner],
        status=ActivityStatus.OPEN,
        start=tomorrow(),
        end=tomorrow(10),
    )


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def parsed(content):
    """Read strictly: every component without errors, lines of at most 75 octets."""
    calendar = Calendar.from_ical(content)
    assert [part.errors for part in calendar.walk() if part.errors] == []
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    return calendar


def feed_url(user):
    _feed, secret = feed_create(user=user, name="Phone")
    return reverse("calendar:feed_file", args=[secret])


# Feeds


def test_a_feed_has_the_users_own_activities_and_is_strict(owner, meeting):
    ActivityFactory()
    response = Client().get(feed_url(owner))
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar = parsed(response.content)
    [event] = calendar.walk("VEVENT")
    assert event["UID"] == uid_of(meeting)
    assert event["SUMMARY"].startswith("Meeting: Offer; with, commas")
    assert event["DTSTART"].dt.astimezone(HELSINKI) == meeting.start
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Helsinki"]


def test_rule_19_a_feed_tells_the_goal_and_never_the_memo(owner, meeting):
    content = Client().get(feed_url(owner)).content.decode()
    assert "Agree on the price" in content
    assert "Secret memo" not in content


def test_rule_2_work_of_a_passive_customer_is_not_in_the_feed(owner):
    ActivityFactory(customer=CustomerFactory(passive=True), title="Hidden", participants=[owner])
    assert b"Hidden" not in feed_content(owner)[0]


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_costs_the_same_queries_for_one_and_many(owner, number, django_assert_num_queries):
    for _ in range(number):
        ActivityFactory(participants=[owner])
    with django_assert_num_queries(3):  # two say what the user may see
        feed_content(owner)


def test_an_hour_that_is_twice_lasts_an_hour(owner):
    start = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 3:30 in summer time; an hour later it is 3:30 again
    ActivityFactory(participants=[owner], start=start, end=start + dt.timedelta(hours=1))
    event = parsed(feed_content(owner)[0]).walk("VEVENT")[0]
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(hours=1)


def test_what_has_not_changed_is_not_sent_again(owner, meeting):
    url = feed_url(owner)
    first = Client().get(url)
    again = Client().get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    activity_change(activity=meeting, user=owner, changes={"title": "New"})
    assert Client().get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert "private" in first["Cache-Control"]


@pytest.mark.parametrize("state", ["unknown", "revoked", "inactive"])
def test_an_address_that_is_not_good_any_more_is_not_found(owner, state):
    url = feed_url(owner)
    if state == "unknown":
        url = url.replace(".ics", "x.ics")
    elif state == "revoked":
        CalendarFeed.objects.all().delete()
    else:
        owner.is_active = False
        owner.save()
    assert Client().get(url).status_code == 404


def test_guessing_addresses_is_stopped(owner, monkeypatch):
    monkeypatch.setattr("activities.calendar.views.files.is_too_often", lambda *args, **kwargs: True)
    assert Client().get(feed_url(owner)).status_code == 429


def test_only_a_hash_of_the_address_is_kept_and_it_is_shown_once(owner):
    client, url = client_of(owner), reverse("calendar:feed_add")
    form = {"name": "Phone", "submission_key": "5f1d7f6e-2d2b-4a67-a53e-0a1f4f1b2c3d"}
    shown = client.post(url, form).content.decode()
    assert "/calendar/feed/" in shown
    assert client.post(url, form).status_code == 302
    feed = CalendarFeed.objects.get()
    assert feed.digest not in shown


def test_a_feed_is_revoked_by_its_owner_only(owner):
    feed, _secret = feed_create(user=owner)
    url = reverse("calendar:feed_revoke", args=[feed.pk])
    assert client_of(UserFactory(role="account_manager")).post(url).status_code == 404
    assert "no longer receive your activities" in client_of(owner).get(url).content.decode()
    assert client_of(owner).post(url).status_code == 302
    assert not CalendarFeed.objects.exists()


def khal(tmp_path: Path, *arguments: str) -> str:
    """Run the command-line calendar khal with a separate calendar."""
    (tmp_path / "calendars" / "own").mkdir(parents=True, exist_ok=True)
    config = tmp_path / "config"
    config.write_text(
        f"[calendars]\n[[own]]\npath = {tmp_path}/calendars/own\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
        "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        "local_timezone = Europe/Helsinki\ndefault_timezone = Europe/Helsinki\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n"
    )
    program = shutil.which("khal", path=str(Path(sys.executable).parent)) or "khal"
    done = subprocess.run(
        [program, "-c", str(config), *arguments], capture_output=True, text=True, check=False, timeout=60,
        env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "XDG_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_khal_imports_the_feed_and_lists_it(owner, meeting, tmp_path):
    file = tmp_path / "feed.ics"
    file.write_bytes(feed_content(owner)[0])
    khal(tmp_path, "import", "--batch", str(file))
    listed = khal(tmp_path, "list", f"{tomorrow():%Y-%m-%d}", "1d")
    assert "09:00-10:00" in listed
    assert "Offer; with, commas" in listed


def test_khal_imports_an_invitation(owner, meeting, tmp_path):
    contact = invited(meeting, owner)
    file = tmp_path / "invite.ics"
    file.write_text(attachment(contact))
    khal(tmp_path, "import", "--batch", str(file))
    assert "09:00-10:00" in khal(tmp_path, "list", f"{tomorrow():%Y-%m-%d}", "1d")


# Invitations


def invited(meeting, owner):
    """Invite a contact and let the worker send."""
    contact = ContactFactory(customer=meeting.customer, email="liisa@customer.example")
    [invitation] = invitations_send(activity=meeting, user=owner, contacts=[contact])
    send_invitation(invitation.pk)
    return contact


def attachment(contact=None):
    return next(content.decode() for name, content, _type in mail.outbox[-1].attachments if name == "invite.ics")


def event_of(message):
    [event] = parsed(message.encode()).walk("VEVENT")
    return event


def reply(activity, *, email="liisa@customer.example", answer="ACCEPTED", sequence=None, stamp=None, uid=""):
    stamp = stamp or timezone.now()
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", "METHOD:REPLY", "BEGIN:VEVENT",
            f"UID:{uid or uid_of(activity)}", f"DTSTAMP:{stamp.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{activity.ical_sequence if sequence is None else sequence}",
            f"DTSTART:{activity.start.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
            f"ATTENDEE;PARTSTAT={answer}:mailto:{email}", "END:VEVENT", "END:VCALENDAR", "",
        ]
    )  # fmt: skip


def test_an_invitation_is_a_mail_with_text_and_calendar(owner, meeting):
    contact = invited(meeting, owner)
    message = mail.outbox[-1]
    assert message.to == ["liisa@customer.example"]
    assert "\n" not in message.subject
    wire = message.message().as_string()
    assert "text/calendar; method=REQUEST" in wire.replace('"', "")
    event = event_of(attachment())
    assert event["ATTENDEE"] == "mailto:liisa@customer.example"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert str(owner) in str(event["ORGANIZER"].params["CN"])
    assert [*meeting.contacts.all()] == [contact]
    assert Invitation.objects.get().sent_at is not None


def test_rule_19_an_invitation_tells_neither_goal_nor_memo(owner, meeting):
    invited(meeting, owner)
    wire = mail.outbox[-1].message().as_string()
    assert "Agree on the price" not in wire
    assert "Secret memo" not in wire


def test_each_occurrence_of_a_series_has_its_own_uid(owner, meeting):
    invited(meeting, owner)
    series = series_make(activity=meeting, user=owner, rule="FREQ=DAILY;COUNT=3")
    assert len({uid_of(row) for row in series.activities.all()}) == 3


def test_nobody_is_invited_twice(owner, meeting):
    contact = invited(meeting, owner)
    assert invitations_send(activity=meeting, user=owner, contacts=[contact]) == []
    assert Invitation.objects.count() == 1


def refused(code, call, **kwargs):
    with pytest.raises(BusinessRuleError) as caught:
        call(**kwargs)
    assert caught.value.code == code
    assert not Invitation.objects.exists()


def test_who_has_no_address_is_not_invited(owner, meeting):
    contact = ContactFactory(customer=meeting.customer)
    refused("email_missing", invitations_send, activity=meeting, user=owner, contacts=[contact])


def test_nobody_to_invite_is_said(owner, meeting):
    refused("invitation_nobody", invitations_send, activity=meeting, user=owner)


def test_a_hidden_contact_is_not_invited(owner, meeting):
    hidden = ContactFactory(customer=CustomerFactory(passive=True), is_hidden=True, email="h@x.example")
    refused("contact_unknown", invitations_send, activity=meeting, user=owner, contacts=[hidden])


def test_what_is_over_has_no_invitations(owner):
    old = ActivityFactory(created_by=owner, start=timezone.now() - dt.timedelta(days=1))
    refused("invitation_past", invitations_send, activity=old, user=owner, users=[UserFactory(email="a@b.example")])


def test_a_change_of_time_asks_to_tell_and_raises_the_sequence(owner, meeting):
    invited(meeting, owner)
    later = {"start": tomorrow(12), "end": tomorrow(13)}
    activity_change(activity=meeting, user=owner, changes=later)
    page = client_of(owner).get(reverse("calendar:invitations", args=[meeting.pk])).content.decode()
    assert "has changed since" in page
    assert invitations_resend(activity=meeting, user=owner) == 1
    send_invitation(Invitation.objects.get().pk)
    event = event_of(attachment())
    assert (event["SEQUENCE"], event["DTSTART"].dt.astimezone(HELSINKI)) == (1, tomorrow(12))


def test_an_invitation_is_cancelled(owner, meeting, django_capture_on_commit_callbacks, tasks_at_once):
    invited(meeting, owner)
    with django_capture_on_commit_callbacks(execute=True):
        invitation_remove(invitation=Invitation.objects.get())
    assert "METHOD:CANCEL" in attachment()
    assert event_of(attachment())["STATUS"] == "CANCELLED"


def test_an_answer_is_read_and_told_to_the_organizer(owner, meeting):
    invited(meeting, owner)
    assert invitation_answer_read(text=reply(meeting), sender="Liisa@customer.example")
    assert Invitation.objects.get().answer == Answer.ACCEPTED
    assert Notification.objects.get(user=owner, kind="invitation_answered").data["answer"] == "accepted"


def test_the_answer_of_a_stranger_is_ignored(owner, meeting):
    invited(meeting, owner)
    stranger = "eve@evil.example"
    assert not invitation_answer_read(text=reply(meeting, email=stranger), sender=stranger)
    assert not invitation_answer_read(text=reply(meeting), sender=stranger)
    assert not invitation_answer_read(
        text=reply(meeting, uid=f"activity-{meeting.pk}-{'0' * 16}@x"), sender="liisa@customer.example"
    )
    assert Invitation.objects.get().answer == Answer.NEEDS_ACTION


def test_an_older_answer_changes_nothing(owner, meeting):
    invited(meeting, owner)
    sender, now = "liisa@customer.example", timezone.now()
    assert invitation_answer_read(text=reply(meeting, answer="DECLINED", stamp=now), sender=sender)
    older = reply(meeting, stamp=now - dt.timedelta(hours=1))
    assert not invitation_answer_read(text=older, sender=sender)
    Invitation.objects.update(sequence=2)
    assert not invitation_answer_read(text=reply(meeting, sequence=1, stamp=now + dt.timedelta(1)), sender=sender)
    assert Invitation.objects.get().answer == Answer.DECLINED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "BEGIN:VCALENDAR",
        "METHOD:REPLY",
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nEND:VCALENDAR",
        "\x00" * 99,
    ],
)
def test_an_answer_that_cannot_be_read_is_none(text):
    assert not invitation_answer_read(text=text, sender="a@b.fi")


def test_a_colleague_who_declines_stays_a_participant(owner, meeting):
    colleague = UserFactory(email="matti@portaali.example")
    invitations_send(activity=meeting, user=owner, users=[colleague])
    invitation_answer_read(text=reply(meeting, email=colleague.email, answer="DECLINED"), sender=colleague.email)
    assert colleague in meeting.users.all()


# Import


def types():
    return Types(activity_type("meeting"), activity_type("internal_meeting"))


def event(uid="1@x", **lines):
    day = f"{tomorrow():%Y%m%d}"
    content = {"UID": uid, "DTSTART;TZID=Europe/Helsinki": f"{day}T090000", "SUMMARY": "Planning", **lines}
    return "\r\n".join(["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in content.items()), "END:VEVENT"])


def ics(*events):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *events, "END:VCALENDAR", ""])


def imported(user, *events):
    return dict(import_run(user=user, text=ics(*events), types=types()))


def test_an_event_becomes_an_activity_once(owner):
    assert imported(owner, event()) == {"new": 1}
    assert imported(owner, event()) == {"same": 1}
    row = Activity.objects.get()
    assert (row.title, row.start, row.type.code, row.ical_uid) == ("Planning", tomorrow(), "internal_meeting", "1@x")
    assert [*row.users.all()] == [owner]


def test_an_event_that_has_moved_moves_its_activity(owner):
    imported(owner, event())
    moved = {"DTSTART;TZID=Europe/Helsinki": f"{tomorrow():%Y%m%d}T140000"}
    assert imported(owner, event(**moved)) == {"changed": 1}
    assert Activity.objects.get().start == tomorrow(14)


def test_the_customer_is_guessed_by_the_attendees(owner):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer, email="liisa@customer.example")
    imported(owner, event(**{"ATTENDEE;CN=Liisa": "mailto:Liisa@customer.example"}))
    row = Activity.objects.get()
    assert (row.customer, row.type.code, [*row.contacts.all()]) == (customer, "meeting", [contact])


def test_rule_2_a_passive_customer_is_not_guessed(owner):
    ContactFactory(customer=CustomerFactory(passive=True), email="liisa@customer.example")
    imported(owner, event(ATTENDEE="mailto:liisa@customer.example"))
    assert Activity.objects.get().customer is None


def test_a_recurring_event_becomes_a_bounded_series_without_its_exceptions(owner):
    second = tomorrow() + dt.timedelta(days=1)
    lines = {"RRULE": "FREQ=DAILY", "EXDATE;TZID=Europe/Helsinki": f"{second:%Y%m%d}T090000"}
    override = event(**{
        "RECURRENCE-ID;TZID=Europe/Helsinki": f"{tomorrow() + dt.timedelta(days=2):%Y%m%d}T090000",
        "DTSTART;TZID=Europe/Helsinki": f"{tomorrow() + dt.timedelta(days=2):%Y%m%d}T150000", "SUMMARY": "Moved",
    })  # fmt: skip
    assert imported(owner, event(**lines), override) == {"new": 2}
    rows = list(Activity.objects.order_by("start"))
    assert 300 < len(rows) <= 400
    assert (rows[1].title, rows[1].start) == ("Moved", tomorrow(15) + dt.timedelta(days=2))
    assert imported(owner, event(**lines), override) == {"same": 2}
    assert Activity.objects.count() == len(rows)


def test_a_recurring_event_of_the_past_brings_only_what_is_to_come(owner):
    start = tomorrow() - dt.timedelta(weeks=100)
    imported(
        owner, event(**{"DTSTART;TZID=Europe/Helsinki": f"{start:%Y%m%d}T090000", "RRULE": "FREQ=WEEKLY;COUNT=103"})
    )
    assert Activity.objects.count() == 3
    assert all(row.start > timezone.now() for row in Activity.objects.all())


BAD = {
    "secondly": {"RRULE": "FREQ=SECONDLY"},
    "minutely": {"RRULE": "FREQ=MINUTELY;COUNT=1000000"},
    "never": {"RRULE": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20000101"},
    "garbage rule": {"RRULE": "garbage"},
    "no day": {"DTSTART;TZID=Europe/Helsinki": "20269999T090000"},
    "year 1": {"DTSTART;TZID=Europe/Helsinki": "00010101T000000"},
    "year 9999": {"DTSTART;TZID=Europe/Helsinki": "99991231T235959"},
    "end before start": {"DTEND;TZID=Europe/Helsinki": "20200101T090000"},
    "endless duration": {"DURATION": "P99999999999W"},
    "cancelled": {"STATUS": "CANCELLED"},
    "no uid": {"UID": ""},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_event_is_refused_and_the_good_one_beside_it_is_imported(owner, name):
    assert imported(owner, event(uid="bad@x", **BAD[name]), event(uid="good@x")) == {"refused": 1, "new": 1}
    assert Activity.objects.get().ical_uid == "good@x"


def test_an_event_that_does_not_end_is_refused(owner):
    broken = event(uid="bad@x").replace("END:VEVENT", "")
    assert imported(owner, broken, event()) == {"refused": 1, "new": 1}


def test_an_unknown_zone_is_the_users_own(owner):
    text = event().replace("Europe/Helsinki", "Nowhere/Land")
    imported(owner, text)
    assert Activity.objects.get().start == tomorrow()


def test_an_event_of_a_whole_day_begins_when_work_does(owner):
    text = event().replace("DTSTART;TZID=Europe/Helsinki", "DTSTART;VALUE=DATE").replace("T090000", "")
    imported(owner, text)
    assert Activity.objects.get().start == tomorrow(8)


def test_scripts_alarms_and_attachments_are_inert(owner):
    alarm = "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT1H\r\nEND:VALARM\r\nATTACH:http://evil.example/x\r\nEND:VEVENT"
    text = event(SUMMARY="<script>alert(1)</script>", DESCRIPTION="<img src=x onerror=alert(1)>")
    imported(owner, text.replace("END:VEVENT", alarm))
    row = Activity.objects.get()
    assert row.title == "<script>alert(1)</script>"
    assert "<img" not in row.memo
    page = client_of(owner).get(row.get_absolute_url()).content.decode()
    assert "<script>alert" not in page


def test_what_comes_from_portaali_is_not_imported_again(owner, meeting):
    text = feed_content(owner)[0].decode()
    assert dict(import_run(user=owner, text=text, types=types())) == {"same": 1}
    assert Activity.objects.count() == 1


def test_the_same_meeting_of_a_colleague_is_joined(owner):
    imported(owner, event())
    colleague = UserFactory(role="account_manager")
    assert imported(colleague, event()) == {"changed": 1}
    assert {*Activity.objects.get().users.all()} == {owner, colleague}


def upload(client, content, name="cal.ics"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post(reverse("calendar:file_import"), {"file": SimpleUploadedFile(name, content)})


def test_the_pages_show_what_comes_and_import_the_selected(owner):
    types()
    client = client_of(owner)
    preview = upload(client, ics(event(), event(uid="2@x", SUMMARY="Other"), event(uid="3@x", RRULE="X")).encode())[
        "Location"
    ]
    shown = client.get(preview).content.decode()
    assert "Planning" in shown
    assert "not imported" in shown
    assert not Activity.objects.exists()
    assert client.post(preview, {"event": ["2@x|"]}).status_code == 302
    assert [row.title for row in Activity.objects.all()] == ["Other"]
    assert client_of(UserFactory(role="account_manager")).get(preview).status_code == 404


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello", "not a calendar file"),
        (b"\xff\xfe\x00", "not a calendar file"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (ics(*[event(uid=f"{number}@x") for number in range(2001)]).encode(), "more than 2000 events"),
        (b"", "empty"),
    ],
    ids=["text", "half", "huge", "many", "empty"],
)
def test_a_file_that_is_no_calendar_is_refused_in_words(owner, content, message):
    response = upload(client_of(owner), content)
    assert response.status_code == 422
    assert message in response.content.decode()


def test_a_calendar_in_another_charset_is_read(owner):
    types()
    client = client_of(owner)
    preview = upload(client, ics(event(SUMMARY="Käynti")).encode("cp1252"))["Location"]
    assert "Käynti" in client.get(preview).content.decode()


IMPORT_QUERIES = 6


def test_a_long_file_costs_as_many_queries_as_a_short_one(owner, django_assert_num_queries):
    from activities.calendar.services.files import import_plan

    kinds = types()
    owner.has_perm("activities.log_activity")  # read once a request
    for number in (1, 30):
        events = [event(uid=f"{n}@x", ATTENDEE=f"mailto:a{n}@b{n}.example") for n in range(number)]
        with django_assert_num_queries(IMPORT_QUERIES):
            import_plan(user=owner, text=ics(*events), types=kinds)


# API


def api_of(user):
    from rest_framework.test import APIClient

    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(user)
    return client


API = "/api/v1/activities/"


def test_the_api_logs_what_recurs_and_changes_its_series(owner):
    activity_type("planning")
    body = {"type": "planning", "title": "Weekly", "start": tomorrow().isoformat(), "rrule": "FREQ=WEEKLY;COUNT=4"}
    made = api_of(owner).post(API, body).json()
    assert made["series"]["rrule"] == "FREQ=WEEKLY;COUNT=4"
    assert made["series"]["words"].endswith("4 times")
    url = f"{API}{made['id']}/"
    assert api_of(owner).post(f"{url}change-series/", {"title": "New", "scope": "all"}).json()["changed"] == 4
    last = Activity.objects.order_by("-start")[0]
    assert api_of(owner).post(f"{API}{last.pk}/skip/").status_code == 204
    assert api_of(owner).post(f"{url}end-series/").json()["removed"] == 2
    assert [row.title for row in Activity.objects.all()] == ["New"]


def test_the_api_refuses_a_rule_in_words_and_logs_nothing(owner):
    activity_type("planning")
    body = {"type": "planning", "title": "Bomb", "rrule": "FREQ=SECONDLY"}
    response = api_of(owner).post(API, body)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "rule_invalid")
    assert not Activity.objects.exists()


def test_the_api_invites_and_shows_answers(owner, meeting):
    contact = ContactFactory(customer=meeting.customer, email="liisa@customer.example")
    response = api_of(owner).post(f"{API}{meeting.pk}/invite/", {"contacts": [contact.pk]})
    assert (response.status_code, response.json()[0]["email"]) == (201, "liisa@customer.example")
    assert api_of(owner).get(f"{API}{meeting.pk}/invitations/").json()[0]["answer"] == "needs_action"
    hidden = ContactFactory(customer=CustomerFactory(passive=True), is_hidden=True, email="h@x.example")
    assert api_of(owner).post(f"{API}{meeting.pk}/invite/", {"contacts": [hidden.pk]}).status_code == 400


def test_the_api_makes_and_revokes_feeds(owner):
    client = api_of(owner)
    made = client.post("/api/v1/calendar-feeds/", {"name": "Phone"}).json()
    path = "/" + made["address"].split("/", 3)[3]
    assert Client().get(path).status_code == 200
    assert client.get("/api/v1/calendar-feeds/").json()[0]["address"] == ""
    assert (
        api_of(UserFactory(role="account_manager")).delete(f"/api/v1/calendar-feeds/{made['id']}/").status_code == 404
    )
    assert client.delete(f"/api/v1/calendar-feeds/{made['id']}/").status_code == 204
    assert Client().get(path).status_code == 404


def test_the_api_imports_a_calendar_file(owner):
    from django.core.files.uploadedfile import SimpleUploadedFile

    types()

    def send(content, **more):
        file = SimpleUploadedFile("cal.ics", content)
        return api_of(owner).post("/api/v1/calendar-import/", {"file": file, **more}, format="multipart")

    text = ics(event()).encode()
    assert send(text, dry_run="true").json()["events"][0]["fate"] == "new"
    assert not Activity.objects.exists()
    assert send(text).json()["fates"] == {"new": 1}
    assert send(text).json()["fates"] == {"same": 1}
    assert send(b"x").status_code == 400
