"""Invitations by e-mail, their cancellations, and the answers to them: a text for people, a calendar for programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from email.charset import Charset
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.calendar.enums import Answer
from activities.calendar.ical.build import Entry, Person, calendar
from activities.calendar.ical.replies import Reply, read_replies
from activities.calendar.models import Invitation
from activities.log import validators
from activities.log.models import Activity
from activities.log.services.activities import activity_of, uid_of
from activities.mail.enums import MessageState
from activities.mail.mime.addresses import clean_name, one_line, own_sender, wire
from activities.mail.mime.parse import ParsedMessage
from activities.mail.outbox import (
    UNKNOWN,
    Delivered,
    Outbox,
    PermanentError,
    TemporaryError,
    UnknownError,
    deliver_mail,
)
from core import clock
from core.exceptions import BusinessRuleError
from core.queue import queue_task
from core.services import lock
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint

MAX_INVITATIONS = 50
SEND_TASK = "activities.calendar.tasks.send_invitation"
CANCEL_TASK = "activities.calendar.tasks.cancel_invitation"
#: The number of calendars that are read of one received message.
MAX_CALENDARS = 5
#: How far in the future an answer may be dated, as clocks differ; a later date is cut to this.
LEEWAY = dt.timedelta(minutes=10)
log = structlog.get_logger(__name__)


@transaction.atomic
def invitations_send(
    *, activity: Activity, user: User, contacts: Collection[Contact] = (), users: Collection[User] = ()
) -> list[Invitation]:
    """Invite people by e-mail, each once, and add them to the activity; the worker sends the e-mails.

    Return the new invitations. Raises :class:`BusinessRuleError`: ``customer_passive``, ``invitation_past``,
    ``invitation_nobody``, ``email_missing``, ``contact_unknown``, ``participant_inactive``, ``invitation_many``.
    """
    activity = lock(activity)
    invitable_check(activity)
    invitations = [*_of_contacts(contacts, user), *_of_users(users)]
    invited = set(activity.invitations.values_list("email", flat=True))
    by_email = {invitation.email: invitation for invitation in invitations}
    new = [invitation for email, invitation in by_email.items() if email not in invited]
    if not invitations:
        raise BusinessRuleError("invitation_nobody", _("Choose the people to invite."), field="contacts")
    if len(invited) + len(new) > MAX_INVITATIONS:
        raise BusinessRuleError(
            "invitation_many", _("At most %d people can be invited to one activity.") % MAX_INVITATIONS
        )
    for invitation in new:
        invitation.activity, invitation.sequence = activity, activity.ical_sequence
        invitation.save()
    if not activity.ical_uid:  # stored, so that it stays the same even if the program's keys change
        activity.ical_uid = uid_of(activity)
        activity.save(update_fields=["ical_uid"])
    activity.contacts.add(*contacts)
    activity.users.add(*users)
    _queue(new)
    return new


@transaction.atomic
def invitations_resend(*, activity: Activity, user: User) -> int:
    """Send the current time and place to everyone invited and ask for their answers again; return the number."""
    activity = lock(activity)
    invitable_check(activity)
    invitations = list(activity.invitations.select_for_update().order_by("pk"))
    for invitation in invitations:
        invitation.sequence = activity.ical_sequence
        invitation.answer, invitation.answered_at = Answer.NEEDS_ACTION, None
        invitation.state, invitation.state_at = MessageState.WAITING, clock.now()
        invitation.error, invitation.attempts = "", 0
        invitation.save()
    _queue(invitations)
    return len(invitations)


@transaction.atomic
def invitation_remove(*, invitation: Invitation) -> None:
    """Cancel an invitation, by e-mail if it may have arrived. The person remains a participant of the activity."""
    activity = lock(invitation.activity)
    present = activity.invitations.select_for_update().filter(pk=invitation.pk).first()
    if present is None:
        return
    present.delete()
    if may_have_it(present):
        queue_task(CANCEL_TASK, activity.pk, invitation.email, activity.ical_sequence + 1)


def may_have_it(invitation: Invitation) -> bool:
    """Return whether the invitation has reached the person, or may have."""
    on_the_way = invitation.state == MessageState.SENDING or invitation.error == UNKNOWN
    return invitation.sent_at is not None or on_the_way


def activity_ids_of_invitations(ids: Collection[int]) -> QuerySet[Any, Any]:
    """Return the ids of the activities that have invitations."""
    return Invitation.objects.filter(activity__in=ids).values_list("activity", flat=True)


def has_replies(parsed: ParsedMessage) -> bool:
    """Return whether a received message contains an answer to an invitation, ours or another's."""
    return any(map(_is_reply, parsed.calendars[:MAX_CALENDARS]))


def invitation_replies_read(parsed: ParsedMessage, sender: str) -> bool:
    """Store the answers in a received message; return whether any was new and to an invitation of ours."""
    replies = [text for text in parsed.calendars[:MAX_CALENDARS] if _is_reply(text)]
    stored = [invitation_answer_read(text=text, sender=sender) for text in replies]  # a list: stores all of them
    return any(stored)


def _is_reply(text: str) -> bool:
    return "METHOD:REPLY" in text.upper()


@transaction.atomic
def invitation_answer_read(*, text: str, sender: str) -> bool:
    """Store an answer (METHOD:REPLY) that came by e-mail; return whether it was new and to an invitation of ours.

    It is matched by the UID and the invited address, which must be the sender's own and one of those that the answer
    names. An answer that is older by
    SEQUENCE or DTSTAMP changes nothing. The organizer is notified.
    """
    stored = [_store_answer(reply, sender) for reply in read_replies(text)]  # a list: stores all of them
    return any(stored)


def _store_answer(reply: Reply, sender: str) -> bool:
    activity = activity_of(reply.uid)
    email = sender.strip().lower()
    if activity is None or email not in reply.emails:
        return False
    invitation = Invitation.objects.select_for_update().filter(activity=activity, email__iexact=email).first()
    if invitation is None:
        return False
    at = min(reply.stamp, clock.now() + LEEWAY)
    if reply.sequence < invitation.sequence or (invitation.answered_at and at <= invitation.answered_at):
        return False
    invitation.answer, invitation.answered_at = reply.answer, at
    invitation.save(update_fields=["answer", "answered_at"])
    _notify_organizer(activity, invitation)
    return True


def _notify_organizer(activity: Activity, invitation: Invitation) -> None:
    organizer = organizer_of(activity)
    if organizer and organizer.pk != invitation.user_id:
        notify(
            users=[organizer],
            kind="invitation_answered",
            url=activity.get_absolute_url(),
            who=str(invitation.contact or invitation.user or invitation.email),
            answer=invitation.answer,
            title=activity.title,
        )


def organizer_of(activity: Activity) -> User | None:
    """Return the organizer: the user who logged the activity, else the first participant; only active users."""
    if activity.created_by and activity.created_by.is_active:
        return activity.created_by
    return activity.users.filter(is_active=True).order_by("participations__pk").first()  # type: ignore[return-value]


def invitable_check(activity: Activity) -> None:
    """Raise :class:`BusinessRuleError` if no one can be invited: ``customer_passive``, ``invitation_past``."""
    validators.check_customer(activity.type, activity.customer)
    if (activity.end or activity.start) < clock.now():
        raise BusinessRuleError("invitation_past", _("The activity is over: no one can be invited to it."))


def _of_contacts(contacts: Collection[Contact], user: User) -> list[Invitation]:
    ids = {contact.pk for contact in contacts}
    if Contact.objects.visible_to(user).filter(pk__in=ids).count() != len(ids):
        raise BusinessRuleError("contact_unknown", _("Choose contacts from the list."), field="contacts")
    points = ContactPoint.objects.filter(contact__in=ids, kind=ContactPointKind.EMAIL).order_by("is_primary", "-pk")
    addresses = dict(points.values_list("contact", "value"))  # the primary one comes last and stays
    return _new_invitations(contacts, addresses, "contact")


def _of_users(users: Collection[User]) -> list[Invitation]:
    validators.check_participants(users)
    return _new_invitations(users, {person.pk: person.email for person in users}, "user")


def _new_invitations(
    people: Collection[User] | Collection[Contact], addresses: dict[int, str], field: str
) -> list[Invitation]:
    """Return unsaved invitations. Raises ``email_missing`` for people without an address."""
    without = [str(person) for person in people if not addresses.get(person.pk)]
    if without:
        message = _("These have no e-mail address: %s.") % ", ".join(without)
        raise BusinessRuleError("email_missing", message, field=f"{field}s")
    return [Invitation(**{field: person}, email=addresses[person.pk].lower()) for person in people]


def _queue(invitations: Iterable[Invitation]) -> None:
    for invitation in invitations:
        queue_task(SEND_TASK, invitation.pk)


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
        body=_mail_text(activity, name, method),
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
        is_all_day=activity.is_all_day,
        summary=activity.title,
        stamp=clock.now(),
        sequence=sequence,
        location=activity.place,
        status="CANCELLED" if method == "CANCEL" else "CONFIRMED",
        organizer=Person(clean_name(str(organizer or "")), own_sender()),
        attendees=people,
    )
    return calendar([entry], zone, method=method)


def _mail_text(activity: Activity, name: str, method: str) -> str:
    zone = ZoneInfo(activity.created_by.time_zone) if activity.created_by else None
    start = timezone.localtime(activity.start, zone)
    heads = {
        "REQUEST": _("%(name)s invites you to this:") % {"name": name},
        "CANCEL": _("%(name)s has cancelled this:") % {"name": name},
    }
    day = activity.is_all_day
    when = date_format(start, "SHORT_DATE_FORMAT" if day else "SHORT_DATETIME_FORMAT")
    lines = [heads[method], "", activity.title, f"{_('When')}: {when}" + ("" if day else f" ({start.tzname()})")]
    lines += [f"{_('Place')}: {activity.place}"] if activity.place else []
    lines += ["", _("Answer in your calendar program or by replying to this message.")] if method == "REQUEST" else []
    return "\n".join(lines) + "\n"
