"""Import of calendar files."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.calendar.services.feeds import feed_content
from activities.calendar.services.files import import_run
from activities.calendar.tests.files_of_calendars import client_of, event, ics, imported, tomorrow, types, upload
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


# Import


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
