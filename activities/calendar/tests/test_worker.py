"""Calendars and series with a real worker and a real mail server."""

from __future__ import annotations

import time
from email import message_from_bytes, policy

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.calendar.models import Invitation
from activities.calendar.services.invitations import invitation_remove, invitations_resend, invitations_send
from activities.calendar.tasks import send_invitation
from activities.calendar.tests.files_of_calendars import (
    HELSINKI,
    client_of,
    event,
    ics,
    parsed,
    tomorrow,
    types,
    upload,
)
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries
from activities.log.services.activities import activity_change
from activities.log.services.series import series_make
from activities.log.services.series_changes import occurrence_skip
from activities.log.tasks import continue_series
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.tests.smtp import smtp_sink
from core.enums import JobState
from core.models import Job
from customers.tests.factories import ContactFactory


@pytest.fixture(autouse=True)
def counters():
    cache.clear()


@pytest.fixture
def owner(db):
    return UserFactory(role="account_manager", email="owner@portaali.example")


@pytest.fixture
def meeting(owner):
    return ActivityFactory(
        type=activity_type("meeting"),
        title="Sopimus; ä, ö",
        goal="Agree on the price",
        memo="<p>Secret memo</p>",
        place="Mannerheimintie 1, Helsinki",
        created_by=owner,
        participants=[owner],
        status=ActivityStatus.OPEN,
        start=tomorrow(),
        end=tomorrow(10),
    )


def until(happened, seconds=30):
    """Wait for what the worker does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := happened():
            return found
        time.sleep(0.2)
    raise AssertionError("The worker has not done it.")


# A real worker


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_file_of_many_events_is_imported_by_the_worker(owner, celery_worker_process):
    types()
    events = [event(uid=f"{number}@x", SUMMARY=f"Event {number}") for number in range(25)]
    client = client_of(owner)
    preview = upload(client, ics(*events, event(uid="bad@x", RRULE="FREQ=SECONDLY")).encode())["Location"]
    answer = client.post(preview, {"event": [f"{number}@x|" for number in range(25)]})
    job = Job.objects.get(kind="calendar_import")
    assert answer["Location"].startswith(reverse("core:job", args=[job.pk]))
    until(lambda: Job.objects.filter(pk=job.pk, finished_at__isnull=False).exists())
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 25, 25)
    assert "25" in job.message
    assert {*Activity.objects.values_list("title", flat=True)} == {f"Event {number}" for number in range(25)}
    assert {row.created_by for row in Activity.objects.select_related("created_by")} == {owner}


def take_last(series):
    """As if the last three were to be made tonight."""
    last = list(series.activities.order_by("-start")[:3])
    Activity.objects.filter(pk__in=[row.pk for row in last]).delete()
    ActivitySeries.objects.update(made_until=last[-1].start)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_worker_continues_series_but_not_what_was_left_out(owner, celery_worker_process):
    first = ActivityFactory(
        type=activity_type("meeting"), created_by=owner, participants=[owner], status="open", start=tomorrow()
    )
    series = series_make(activity=first, user=owner, rule="FREQ=DAILY")
    made = list(series.activities.order_by("start"))
    occurrence_skip(activity=made[5], user=owner)
    take_last(series)
    continue_series.delay()
    until(lambda: series.activities.count() == len(made) - 1)
    found = set(series.activities.values_list("start", flat=True))
    assert found == {row.start for row in made} - {made[5].start}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_worker_ends_the_series_of_a_passive_customer_and_tells(owner, meeting, celery_worker_process):
    series = series_make(activity=meeting, user=owner, rule="FREQ=DAILY")
    meeting.customer.state = "passive"
    meeting.customer.save()
    take_last(series)
    continue_series.delay()
    until(lambda: Notification.objects.filter(user=owner, kind="series_stopped").exists())
    series.refresh_from_db()
    assert series.ended_at is not None


# A real mail server


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


@pytest.fixture
def invitation(owner, meeting):
    contact = ContactFactory(customer=meeting.customer, email="liisa@customer.example")
    [made] = invitations_send(activity=meeting, user=owner, contacts=[contact])
    return made


def calendars(message):
    """The calendar of a received mail, once beside its text and once as a file, both read strictly."""
    parts = [part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    return [(part, parsed(part.get_payload(decode=True))) for part in parts]


def test_the_mail_server_gets_a_mail_whose_calendar_is_strict(owner, meeting, invitation, sink):
    send_invitation(invitation.pk)
    [envelope] = sink.envelopes
    assert (envelope.rcpt_tos, envelope.content.isascii()) == (["liisa@customer.example"], True)
    [(beside, first), (file, second)] = calendars(sink.received[0])
    assert (beside.get_content_type(), beside.get_param("method")) == ("text/calendar", "REQUEST")
    assert file.get_filename() == "invite.ics"
    assert first.to_ical() == second.to_ical()
    [entry] = first.walk("VEVENT")
    assert (first["METHOD"], entry["SUMMARY"], entry["LOCATION"]) == ("REQUEST", meeting.title, meeting.place)
    assert (entry["DTSTART"].dt.astimezone(HELSINKI), entry["DTEND"].dt.astimezone(HELSINKI)) == (
        tomorrow(),
        tomorrow(10),
    )
    assert entry["ATTENDEE"] == "mailto:liisa@customer.example"
    assert "mailto:" in entry["ORGANIZER"]


def test_rule_19_what_travels_tells_neither_goal_nor_memo(invitation, sink):
    send_invitation(invitation.pk)
    texts = [part.get_content() for part in sink.received[0].walk() if part.get_content_maintype() == "text"]
    texts += [content.to_ical().decode() for _part, content in calendars(sink.received[0])]
    assert len(texts) >= 3
    for text in texts:
        assert "Agree on the price" not in text
        assert "Secret" not in text


def test_another_time_travels_with_the_same_uid_and_a_higher_sequence(owner, meeting, invitation, sink):
    send_invitation(invitation.pk)
    activity_change(activity=meeting, user=owner, changes={"start": tomorrow(14), "end": tomorrow(15)})
    invitations_resend(activity=meeting, user=owner)
    send_invitation(invitation.pk)
    [[before], [after]] = (calendars(mail)[0][1].walk("VEVENT") for mail in sink.received)
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt.astimezone(HELSINKI) == tomorrow(14)


def test_a_cancellation_travels_as_one(meeting, invitation, sink, django_capture_on_commit_callbacks, tasks_at_once):
    send_invitation(invitation.pk)
    with django_capture_on_commit_callbacks(execute=True):
        invitation_remove(invitation=Invitation.objects.get())
    [(_part, content), _file] = calendars(sink.received[-1])
    [entry] = content.walk("VEVENT")
    assert (content["METHOD"], entry["STATUS"]) == ("CANCEL", "CANCELLED")


def test_names_and_titles_bring_no_header_with_them(owner, meeting, invitation, sink):
    owner.first_name = "Eve\r\nBcc: eve@evil.example"
    owner.save()
    Activity.objects.filter(pk=meeting.pk).update(title="Offer\r\nBcc: eve@evil.example")
    send_invitation(invitation.pk)
    [envelope] = sink.envelopes
    assert envelope.rcpt_tos == ["liisa@customer.example"]
    assert message_from_bytes(envelope.content, policy=policy.default)["Bcc"] is None
    assert "evil" in str(calendars(sink.received[0])[0][1].walk("VEVENT")[0]["SUMMARY"])
