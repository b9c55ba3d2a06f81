"""Helpers of the tests of calendar files."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from activities.calendar.models import Invitation
from activities.calendar.services.files import Types, import_run
from activities.calendar.services.invitations import (
    invitations_send,
)
from activities.calendar.tasks import send_invitation
from activities.log.tests.factories import activity_type
from core.exceptions import BusinessRuleError
from customers.tests.factories import ContactFactory

HELSINKI = ZoneInfo("Europe/Helsinki")


def tomorrow(hour=9):
    return dt.datetime.combine(timezone.localdate() + dt.timedelta(days=1), dt.time(hour), tzinfo=HELSINKI)


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


# Invitations


def invited(meeting, owner):
    """Invite a contact and let the worker send."""
    contact = ContactFactory(customer=meeting.customer, email="liisa@customer.example")
    [invitation] = invitations_send(activity=meeting, user=owner, contacts=[contact])
    send_invitation(invitation.pk)
    return contact


def attachment(contact=None):
    return next(content.decode() for name, content, _type in mail.outbox[-1].attachments if name == "invite.ics")


def refused(code, call, **kwargs):
    with pytest.raises(BusinessRuleError) as caught:
        call(**kwargs)
    assert caught.value.code == code
    assert not Invitation.objects.exists()


def event(uid="1@x", **lines):
    day = f"{tomorrow():%Y%m%d}"
    content = {"UID": uid, "DTSTART;TZID=Europe/Helsinki": f"{day}T090000", "SUMMARY": "Planning", **lines}
    return "\r\n".join(["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in content.items()), "END:VEVENT"])


def types():
    return Types(activity_type("meeting"), activity_type("internal_meeting"))


def ics(*events):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *events, "END:VCALENDAR", ""])


def imported(user, *events):
    return dict(import_run(user=user, text=ics(*events), types=types()))


def upload(client, content, name="cal.ics"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post(reverse("calendar:file_import"), {"file": SimpleUploadedFile(name, content)})
