"""Invitations as calendar files, and the answers to them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.calendar.enums import Answer
from activities.calendar.models import Invitation
from activities.calendar.services.invitations import (
    invitation_answer_read,
    invitation_remove,
    invitations_resend,
    invitations_send,
)
from activities.calendar.tasks import send_invitation
from activities.calendar.tests.files_of_calendars import (
    HELSINKI,
    attachment,
    client_of,
    invited,
    parsed,
    refused,
    tomorrow,
)
from activities.log.services.activities import activity_change, uid_of
from activities.log.services.series import series_make
from activities.log.tests.factories import ActivityFactory
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


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
