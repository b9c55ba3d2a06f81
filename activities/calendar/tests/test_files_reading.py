"""Reading calendar files: letters, lengths, addresses, and files that are made to take long."""

from __future__ import annotations

import contextlib
import datetime as dt
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from icalendar import vCalAddress

from accounts.tests.factories import UserFactory
from activities.calendar.enums import Answer
from activities.calendar.ical.people import email_of
from activities.calendar.ical.replies import read_replies
from activities.calendar.ical.text import CalendarError, decode
from activities.calendar.invitation_texts import invitation_text
from activities.calendar.models import Invitation
from activities.calendar.services.invitations import invitation_answer_read, invitations_send
from activities.calendar.tests.calendars import NOW, event, ics, imported, plans, types, when
from activities.log.models import Activity
from activities.log.services.activities import uid_of
from activities.log.tests.factories import ActivityFactory
from core import clock
from customers.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_28_november_2026():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


# Letters


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"K\xc3\xa4ynti J\xc3\r\n \xa4ms\xc3\n\t\xa4", "Käynti Jämsä"),
        (b"\xef\xbb\xbfK\xc3\xa4ynti", "Käynti"),
        (b"K\xe4ynti J\xe4ms\xe4 \x80", "Käynti Jämsä €"),  # Windows-1252
        (b"K\xc3\xa4ynti \xff J\xc3\xa4ms\xc3\xa4", "Käynti ÿ Jämsä"),  # one bad byte among UTF-8
        (b"K\xc3\xa4ynti \xe2\x82 J\xc3\xa4ms\xc3\xa4 \xe2\x82\xac", "Käynti â‚ Jämsä €"),
        ("Käynti\r\n  täällä €".encode("utf-16"), "Käynti täällä €"),
    ],
)
def test_one_bad_byte_spoils_one_letter_and_no_fold_spoils_any(content, text):
    assert decode(content) == text


def test_an_event_is_read_with_a_bad_byte_in_another(owner):
    bad = event("DTSTART:20261210T080000Z", uid="2@x", title="Bad").encode().replace(b"Bad", b"B\xffd")
    imported(
        owner, ics(event("DTSTART:20261209T080000Z", title="Käynti"), "@").encode().replace(b"@\r\n", bad + b"\r\n")
    )
    assert [row.title for row in Activity.objects.order_by("start")] == ["Käynti", "Bÿd"]


# Lengths


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["DTSTART;VALUE=DATE:20261214", "DURATION:P3D"], "Wed 16.12. 16:00"),
        (["DTSTART;VALUE=DATE:20261214", "DURATION:P1W"], "Sun 20.12. 16:00"),
        (["DTSTART;VALUE=DATE:20261214", "DURATION:PT48H"], "Tue 15.12. 16:00"),
        (["DTSTART;VALUE=DATE:20261214", "DURATION:P1D"], None),
        (["DTSTART;VALUE=DATE:20261214"], None),
        (["DTSTART;VALUE=DATE:20261214", "DTEND;VALUE=DATE:20261216"], "Tue 15.12. 16:00"),
        (["DTSTART;VALUE=DATE:20261214", "DTEND:20261216T000000"], "Tue 15.12. 16:00"),
        (["DTSTART;VALUE=DATE:20261214", "DTEND;VALUE=DATE:20261215"], None),
        (["DTSTART:20261214T080000Z", "DURATION:PT1H30M"], "Mon 14.12. 11:30"),
        (["DTSTART:20261214T080000Z", "DURATION:P1DT2H"], "Tue 15.12. 12:00"),
        (["DTSTART;TZID=Europe/Helsinki:20270327T100000", "DURATION:P1D"], "Sun 28.3. 10:00"),  # over summer time
        (["DTSTART;TZID=Europe/Helsinki:20270327T100000", "DURATION:P1W"], "Sat 3.4. 10:00"),
        (["DTSTART:20261214T080000Z", "DTEND:20261214T090000Z", "DURATION:PT5H"], "Mon 14.12. 11:00"),
    ],
)
def test_the_end_follows_from_the_length(owner, lines, end):
    imported(owner, ics(event(*lines)))
    found = Activity.objects.get().end
    assert (when(found) if found else None) == end


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20261214", "DURATION:-P3D"],
        ["DTSTART;VALUE=DATE:20261214", "DTEND;VALUE=DATE:20261210"],
        ["DTSTART:20261214T080000Z", "DURATION:-PT1H"],
    ],
)
def test_an_end_before_the_start_is_refused_in_words(owner, lines):
    [plan] = plans(owner, ics(event(*lines)))
    assert (plan.result, plan.told) == ("refused", "The end is before the start.")


def test_the_length_of_a_series_of_days_is_that_of_each(owner):
    imported(owner, ics(event("DTSTART;VALUE=DATE:20261214", "DURATION:P2D", "RRULE:FREQ=WEEKLY;COUNT=2")))
    ends = [when(row.end) for row in Activity.objects.order_by("start")]
    assert ends == ["Tue 15.12. 16:00", "Tue 22.12. 16:00"]


def test_a_series_of_days_until_a_moment_has_its_last_day(owner):
    rule = "RRULE:FREQ=DAILY;UNTIL=20261216T000000Z"
    imported(owner, ics(event("DTSTART;VALUE=DATE:20261214", rule)))
    assert Activity.objects.count() == 3


# Addresses


@pytest.mark.parametrize(
    ("value", "parameters", "address"),
    [
        ("mailto:Liisa@customer.example", {}, "liisa@customer.example"),
        ("MAILTO:liisa@customer.example?subject=x", {}, "liisa@customer.example"),
        ("mailto:liisa%2Bwork@customer.example", {}, "liisa+work@customer.example"),
        ("liisa@customer.example", {}, "liisa@customer.example"),
        ("/ab12/principal/", {"EMAIL": "Liisa@customer.example"}, "liisa@customer.example"),
        ("mailto:2_GM4@imip.me.example", {"EMAIL": "liisa@customer.example"}, "liisa@customer.example"),
        ("urn:uuid:1", {"X-CALENDARSERVER-EMAIL": "liisa@customer.example"}, "liisa@customer.example"),
        ("mailto:liisa@customer.example", {"EMAIL": "unknown"}, "liisa@customer.example"),
        ("invalid:nomail", {}, ""),
        ("/ab12/principal/", {}, ""),
        ("/users/a@b.example/principal/", {}, ""),
    ],
)
def test_the_address_of_a_person_is_found_where_programs_write_it(value, parameters, address):
    person = vCalAddress(value)
    person.params.update(parameters)
    assert email_of(person) == address


def reply(activity, attendee):
    answer = f"ATTENDEE;PARTSTAT=ACCEPTED{attendee}"
    return ics(event("DTSTAMP:20261128T090000Z", answer, uid=uid_of(activity)), method="REPLY")


@pytest.mark.parametrize(
    ("attendee", "sender", "is_stored"),
    [
        (";EMAIL=liisa@customer.example:/ab12/principal/", "liisa@customer.example", True),
        (";EMAIL=liisa@customer.example:mailto:2_GM4@imip.me.example", "liisa@customer.example", True),
        (";EMAIL=other@customer.example:mailto:liisa@customer.example", "liisa@customer.example", True),
        (";EMAIL=eve@evil.example:mailto:liisa@customer.example", "eve@evil.example", False),
    ],
)
def test_an_answer_counts_by_the_address_in_a_parameter_but_only_for_its_sender(owner, attendee, sender, is_stored):
    start = NOW + dt.timedelta(days=3)
    meeting = ActivityFactory(created_by=owner, participants=[owner], status="open", start=start)
    contact = ContactFactory(customer=meeting.customer, email="liisa@customer.example")
    invitations_send(activity=meeting, user=owner, contacts=[contact])
    assert invitation_answer_read(text=reply(meeting, attendee), sender=sender) is is_stored
    expected = Answer.ACCEPTED if is_stored else Answer.NEEDS_ACTION
    assert Invitation.objects.get().answer == expected


def test_an_answer_imported_as_a_calendar_is_refused_in_words(owner):
    content = ics(event("DTSTART:20261209T080000Z"), method="REPLY")
    with pytest.raises(CalendarError, match="answer to an invitation"):
        plans(owner, content)


def test_an_answer_in_a_message_is_still_read_as_a_text():
    answer = event("DTSTART:20261209T080000Z", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example", title="Review")
    assert "Accepted: Review" in invitation_text(ics(answer, method="REPLY"), brief=False)


def test_a_time_at_the_end_of_all_times_leaves_the_rest_of_the_message_readable():
    far, sound = event("DTSTART:99991231T235959Z", title="Far"), event("DTSTART:20261209T080000Z", title="Review")
    text = invitation_text(ics(far, sound), brief=False)
    assert ("Far" in text, "Review" in text) == (False, True)


# Files made to take long

NEVER = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9999"
HOSTILE = {
    "rules": lambda: [event("DTSTART:19000101T000000Z", NEVER, uid=f"{n}@x") for n in range(2_000)],
    "people": lambda: [event("DTSTART:20261209T080000Z", *["ATTENDEE:mailto:a@b.example"] * 60_000)],
    "days": lambda: [event("DTSTART:20261209T080000Z", "RRULE:FREQ=DAILY", "EXDATE:" + "20261209T080000Z," * 100_000)],
    "parameters": lambda: [event("DTSTART:20261209T080000Z", "ATTENDEE" + ";X=y" * 400_000 + ":mailto:a@b.example")],
    "text": lambda: [event("DTSTART:20261209T080000Z", "DESCRIPTION:" + "\\n" * 900_000)],
    "zones": lambda: [
        "BEGIN:VTIMEZONE\r\nTZID:Z\r\n" + "BEGIN:STANDARD\r\nDTSTART:19000101T000000\r\nTZOFFSETFROM:+0100\r\n"
        "TZOFFSETTO:+0000\r\nRRULE:FREQ=DAILY\r\nEND:STANDARD\r\n" * 300 + "END:VTIMEZONE",
        event("DTSTART;TZID=Z:20261209T080000"),
    ],
    "nested": lambda: ["BEGIN:VEVENT", *["BEGIN:VALARM"] * 100_000],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_a_bounded_time(owner, name):
    content = ics(*HOSTILE[name]())
    began = time.thread_time()
    with contextlib.suppress(CalendarError):
        plans(owner, content)
    assert time.thread_time() - began < 8


def test_more_activities_than_a_request_may_make_are_refused_in_words_by_the_api(owner):
    types()
    page = Client()
    page.force_login(owner)
    daily = [event("DTSTART:20261209T080000Z", "RRULE:FREQ=DAILY", uid=f"{n}@x") for n in range(6)]
    body = {"file": SimpleUploadedFile("c.ics", ics(*daily).encode())}
    answer = page.post("/api/v1/calendar-import/", body, headers={"Accept-Language": "en"})
    assert (answer.status_code, "more than 2000 activities at once" in str(answer.json())) == (400, True)
    assert not Activity.objects.exists()


def test_a_rule_of_one_is_a_single_activity(owner):
    content = ics(event("DTSTART:20261209T080000Z", "RRULE:FREQ=DAILY;COUNT=1"))
    assert (imported(owner, content), imported(owner, content)) == ({"new": 1}, {"same": 1})
    assert Activity.objects.get().series is None


def test_the_zones_of_an_answer_are_not_worked_out(owner):
    trap = (
        "BEGIN:VTIMEZONE\r\nTZ\r\n ID:Trap\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0100\r\n"
        "TZOFFSETTO:+0000\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    began = time.thread_time()
    read_replies(
        ics(trap, event("DTSTAMP:20261128T090000Z", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example"), method="REPLY")
    )
    assert time.thread_time() - began < 2
