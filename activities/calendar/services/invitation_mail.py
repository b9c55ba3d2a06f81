"""Sending of invitations and cancellations: a text for people, a calendar for programs."""

from __future__ import annotations

from email.charset import Charset
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.calendar.ical.build import Entry, Person, calendar
from activities.calendar.models import Invitation
from activities.calendar.services.invitations import SEND_TASK, invitable_check, organizer_of
from activities.log.models import Activity
from activities.log.services.activities import uid_of
from activities.mail.mime.addresses import clean_name, one_line, own_sender, wire
from activities.mail.outbox import Delivered, Outbox, PermanentError, TemporaryError, UnknownError, deliver_mail
from core import clock
from core.exceptions import BusinessRuleError

log = structlog.get_logger(__name__)


class NotSentError(Exception):
    """The mail server did not accept a cancellation."""


class _Invitations(Outbox[Invitation]):
    model = Invitation
    task = SEND_TASK
    related = ("activity__type", "activity__customer", "activity__created_by", "contact", "user")
    fields = ("sent_at",)

    def deliver(self, row: Invitation) -> Delivered:
        return deliver_mail(_invitation_mail(row))

    def obstacle(self, row: Invitation) -> str:
        try:
            invitable_check(row.activity)
        except BusinessRuleError as error:
            return str(error)
        return ""

    def sent(self, row: Invitation, answer: Delivered) -> None:
        row.sent_at = row.state_at

    def failed(self, row: Invitation) -> None:
        if organizer := organizer_of(row.activity):
            data = {"who": str(row.contact or row.user or row.email), "title": row.activity.title}
            notify(users=[organizer], kind="invitation_failed", url=row.activity.get_absolute_url(), **data)


INVITATIONS = _Invitations()


def invitation_deliver(pk: int) -> None:
    """Send a waiting invitation."""
    INVITATIONS.send(pk)


def invitation_retry(*, invitation: Invitation, confirmed: bool = False) -> Invitation:
    """Queue again an invitation that was not sent; return the new row. Raises the errors of :meth:`Outbox.retry`."""
    return INVITATIONS.retry(invitation.pk, confirmed=confirmed)


def cancellation_deliver(activity_id: int, email: str, sequence: int) -> None:
    """Send the cancellation of an invitation. Raises :class:`NotSentError` if it can be tried again."""
    activity = Activity.objects.select_related("type", "customer").filter(pk=activity_id).first()
    if activity is None or activity.invitations.filter(email__iexact=email).exists():
        return
    try:
        deliver_mail(_message(activity, Person("", email), "CANCEL", sequence))
    except TemporaryError as error:
        raise NotSentError(str(error)) from error
    except (PermanentError, UnknownError) as error:  # trying again would fail, or might send it twice
        log.warning("cancellation_not_sent", activity=activity_id, error=str(error))


def _invitation_mail(invitation: Invitation) -> EmailMultiAlternatives:
    contact = invitation.contact
    language = contact.language if contact else invitation.user.language if invitation.user else "fi"
    person = Person(str(contact or invitation.user or ""), invitation.email)
    with translation.override("fi" if language == "fi" else "en"):
        return _message(invitation.activity, person, "REQUEST", invitation.sequence)


def _message(activity: Activity, person: Person, method: str, sequence: int) -> EmailMultiAlternatives:
    """Return the e-mail: text, the calendar as an alternative, and the same as a file (programs read either)."""
    organizer = organizer_of(activity)
    name = clean_name(str(organizer or ""))
    content = calendar_of(activity, organizer, [person], method, sequence)
    heads = {"REQUEST": _("Invitation: %s"), "CANCEL": _("Cancelled: %s")}
    mail = EmailMultiAlternatives(
        subject=one_line(heads[method] % activity.title)[:200],
        body=_body(activity, name, method),
        from_email=f'"{name.replace(chr(34), "").replace(chr(92), "")}" <{own_sender()}>',
        to=[wire(person.email)],
    )
    mail.encoding = Charset("utf-8")  # base64 is plain ASCII, which every server passes on unchanged
    mail.attach_alternative(content.decode(), f"text/calendar; method={method}")
    mail.attach("invite.ics", content, "application/ics")  # bytes: a text would lose letters outside ASCII
    return mail


def calendar_of(activity: Activity, organizer: User | None, people: list[Person], method: str, sequence: int) -> bytes:
    """Return the activity as a calendar invitation for ``people``, without its goal, memo and link."""
    zone = ZoneInfo(organizer.time_zone if organizer else settings.TIME_ZONE)
    entry = Entry(
        uid=uid_of(activity),
        start=activity.start,
        end=activity.end,
        summary=activity.title,
        stamp=clock.now(),
        sequence=sequence,
        location=activity.place,
        status="CANCELLED" if method == "CANCEL" else "CONFIRMED",
        organizer=Person(clean_name(str(organizer or "")), own_sender()),
        attendees=people,
    )
    return calendar([entry], zone, method=method)


def _body(activity: Activity, name: str, method: str) -> str:
    zone = ZoneInfo(activity.created_by.time_zone) if activity.created_by else None
    start = timezone.localtime(activity.start, zone)
    heads = {
        "REQUEST": _("%(name)s invites you to this:") % {"name": name},
        "CANCEL": _("%(name)s has cancelled this:") % {"name": name},
    }
    when = date_format(start, "SHORT_DATETIME_FORMAT")
    lines = [heads[method], "", activity.title, f"{_('When')}: {when} ({start.tzname()})"]
    lines += [f"{_('Place')}: {activity.place}"] if activity.place else []
    lines += ["", _("Answer in your calendar program or by replying to this message.")] if method == "REQUEST" else []
    return "\n".join(lines) + "\n"
