"""Sending invitations: text for people, a calendar for programs."""

from __future__ import annotations

import smtplib
from email.charset import Charset
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from activities.ical.build import Entry, Person, calendar
from activities.mail.addresses import clean_name, one_line, own_sender, wire
from activities.models import Activity, Invitation
from activities.services.ical import uid_of
from activities.services.invitations import organizer_of


class NotSentError(Exception):
    """The mail server did not take the mail; the reason is kept at the invitation."""


def invitation_deliver(pk: int) -> bool:
    """Send one invitation that waits; return whether it went. Raises :class:`NotSentError`."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, sent_at__isnull=True)
        invitation = row.select_related("activity__type", "activity__customer", "contact", "user").first()
        if invitation is None:
            return False
        error = _send(_mail(invitation))
        invitation.error = error[:500]
        invitation.sent_at = None if error else timezone.now()
        invitation.save(update_fields=["sent_at", "error"])
    if error:
        raise NotSentError(error)
    return True


def cancellation_deliver(activity_id: int, email: str, sequence: int) -> None:
    """Tell one who was invited that it is cancelled. Raises :class:`NotSentError`."""
    activity = Activity.objects.select_related("type", "customer").filter(pk=activity_id).first()
    if activity is None or activity.invitations.filter(email__iexact=email).exists():
        return
    error = _send(_message(activity, Person("", email), "CANCEL", sequence))
    if error:
        raise NotSentError(error)


def _send(mail: EmailMultiAlternatives) -> str:
    try:
        mail.send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _mail(invitation: Invitation) -> EmailMultiAlternatives:
    contact = invitation.contact
    language = contact.language if contact else invitation.user.language if invitation.user else "fi"
    person = Person(str(contact or invitation.user or ""), invitation.email)
    with translation.override("fi" if language == "fi" else "en"):
        return _message(invitation.activity, person, "REQUEST", invitation.sequence)


def _message(activity: Activity, person: Person, method: str, sequence: int) -> EmailMultiAlternatives:
    """Return the mail: its text, the calendar beside it and the same as a file (programs read either)."""
    organizer = organizer_of(activity)
    name = clean_name(str(organizer or ""))
    content = calendar_of(activity, organizer, [person], method, sequence)
    heads = {"REQUEST": _("Invitation: %s"), "CANCEL": _("Cancelled: %s")}
    mail = EmailMultiAlternatives(
        subject=one_line(heads[method] % activity.title)[:200],
        body=_text(activity, name, method),
        from_email=f'"{name.replace(chr(34), "").replace(chr(92), "")}" <{own_sender()}>',
        to=[wire(person.email)],
    )
    mail.encoding = Charset("utf-8")  # in base64: what travels is plain ASCII, whatever the servers on its way know
    mail.attach_alternative(content.decode(), f"text/calendar; method={method}")
    mail.attach("invite.ics", content, "application/ics")  # as bytes: of a text letters outside ASCII would be lost
    return mail


def calendar_of(activity: Activity, organizer: User | None, people: list[Person], method: str, sequence: int) -> bytes:
    """Return the activity as an invitation for ``people``: without goal, memo and address of its page."""
    zone = ZoneInfo(organizer.time_zone if organizer else settings.TIME_ZONE)
    entry = Entry(
        uid=uid_of(activity),
        start=activity.start,
        end=activity.end,
        summary=activity.title,
        stamp=timezone.now(),
        sequence=sequence,
        location=activity.place,
        status="CANCELLED" if method == "CANCEL" else "CONFIRMED",
        organizer=Person(clean_name(str(organizer or "")), own_sender()),
        attendees=people,
    )
    return calendar([entry], zone, method=method)


def _text(activity: Activity, name: str, method: str) -> str:
    zone = ZoneInfo(activity.created_by.time_zone) if activity.created_by else None
    start = timezone.localtime(activity.start, zone)
    heads = {
        "REQUEST": _("%(name)s invites you to this:") % {"name": name},
        "CANCEL": _("%(name)s has cancelled this:") % {"name": name},
    }
    when = date_format(start, "SHORT_DATETIME_FORMAT")
    lines = [heads[method], "", activity.title, f"{_('When')}: {when} ({start.tzname()})"]
    lines += [f"{_('Place')}: {activity.place}"] if activity.place else []
    lines += ["", _("Answer in your calendar program or by answering this message.")] if method == "REQUEST" else []
    return "\n".join(lines) + "\n"
