"""Invitations by e-mail with a calendar file, and the answers to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.calendar.enums import Answer
from activities.calendar.ical.answers import Reply, read_replies
from activities.calendar.models import Invitation
from activities.log import validators
from activities.log.models import Activity
from activities.log.services.activities import activity_of, uid_of
from activities.mail.enums import MessageState
from activities.mail.mime.parse import ParsedMessage
from activities.mail.outbox import UNKNOWN
from core import clock
from core.exceptions import BusinessRuleError
from core.queue import queue_task
from core.services import lock
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint

MOST = 50
SEND_TASK = "activities.calendar.tasks.send_invitation"
CANCEL_TASK = "activities.calendar.tasks.cancel_invitation"
#: Of one received message, as many calendars are read.
MOST_CALENDARS = 5
#: Clocks differ by this much at most: an answer from further in the future is dated now.
LEEWAY = dt.timedelta(minutes=10)


@transaction.atomic
def invitations_send(
    *, activity: Activity, user: User, contacts: Collection[Contact] = (), users: Collection[User] = ()
) -> list[Invitation]:
    """Invite people by e-mail, each once; the worker sends. Colleagues and contacts come to the activity too.

    Return the new invitations. Raises :class:`BusinessRuleError`: ``customer_passive``, ``invitation_past``,
    ``invitation_nobody``, ``email_missing``, ``contact_unknown``, ``participant_inactive``, ``invitation_many``.
    """
    row = lock(activity)
    invitable_check(row)
    people = [*_of_contacts(contacts, user), *_of_users(users)]
    known = set(row.invitations.values_list("email", flat=True))
    new = list({one.email: one for one in people if one.email not in known}.values())
    if not people:
        raise BusinessRuleError("invitation_nobody", _("Choose the people to invite."), field="contacts")
    if len(known) + len(new) > MOST:
        raise BusinessRuleError("invitation_many", _("At most %d people can be invited to one activity.") % MOST)
    for one in new:
        one.activity, one.sequence = row, row.ical_sequence
        one.save()
    _keep_uid(row)
    row.contacts.add(*contacts)
    row.users.add(*users)
    _queue(new)
    return new


@transaction.atomic
def invitations_resend(*, activity: Activity, user: User) -> int:
    """Tell everybody the present time and place; their answers are asked anew. Return how many were told."""
    row = lock(activity)
    invitable_check(row)
    invitations = list(row.invitations.select_for_update().order_by("pk"))
    for one in invitations:
        one.sequence, one.answer, one.answered_at = row.ical_sequence, Answer.NEEDS_ACTION, None
        one.state, one.state_at, one.error, one.attempts = MessageState.WAITING, clock.now(), "", 0  # another mail
        one.save()
    _queue(invitations)
    return len(invitations)


@transaction.atomic
def invitation_remove(*, invitation: Invitation) -> None:
    """Take an invitation back: who got it is told that it is cancelled. The person stays at the activity."""
    row = lock(invitation.activity)
    found = row.invitations.select_for_update().filter(pk=invitation.pk).first()
    if found is None:
        return
    found.delete()
    if may_have_it(found):
        queue_task(CANCEL_TASK, row.pk, invitation.email, row.ical_sequence + 1)


def may_have_it(invitation: Invitation) -> bool:
    """Return whether who is invited has got the mail, or may have."""
    on_the_way = invitation.state == MessageState.SENDING or invitation.error == UNKNOWN
    return invitation.sent_at is not None or on_the_way


def activity_ids_of_invitations(ids: Collection[int]) -> QuerySet[Any, Any]:
    """Return the ids of those activities to which somebody is invited."""
    return Invitation.objects.filter(activity__in=ids).values_list("activity", flat=True)


def has_replies(parsed: ParsedMessage) -> bool:
    """Return whether a received message has an answer to an invitation, perhaps one of ours."""
    return any(map(_is_reply, parsed.calendars[:MOST_CALENDARS]))


def invitation_replies_read(parsed: ParsedMessage, sender: str) -> bool:
    """Read the answers in a received message; return whether there was one to an invitation of ours."""
    replies = [text for text in parsed.calendars[:MOST_CALENDARS] if _is_reply(text)]
    read = [invitation_answer_read(text=text, sender=sender) for text in replies]  # all of them
    return any(read)


def _is_reply(text: str) -> bool:
    return "METHOD:REPLY" in text.upper()


@transaction.atomic
def invitation_answer_read(*, text: str, sender: str) -> bool:
    """Read an answer (METHOD:REPLY) that came by e-mail; return whether it was one of ours and told something new.

    It is matched by the UID and the invited address, which must be the sender's own. Older ones, by SEQUENCE and
    DTSTAMP, change nothing. The organizer is told.
    """
    taken = [_take(reply, sender) for reply in read_replies(text)]  # all of them
    return any(taken)


def _take(reply: Reply, sender: str) -> bool:
    activity = activity_of(reply.uid)
    if activity is None or reply.email != sender.strip().lower():
        return False
    found = Invitation.objects.select_for_update().filter(activity=activity, email__iexact=reply.email).first()
    at = min(reply.stamp, clock.now() + LEEWAY)
    is_old = found is None or reply.sequence < found.sequence or (found.answered_at and at <= found.answered_at)
    if found is None or is_old:
        return False
    found.answer, found.answered_at = reply.answer, at
    found.save(update_fields=["answer", "answered_at"])
    _tell(activity, found)
    return True


def _tell(activity: Activity, invitation: Invitation) -> None:
    who = organizer_of(activity)
    if who and who.pk != invitation.user_id:
        notify(
            users=[who],
            kind="invitation_answered",
            url=activity.get_absolute_url(),
            who=str(invitation.contact or invitation.user or invitation.email),
            answer=invitation.answer,
            title=activity.title,
        )


def organizer_of(activity: Activity) -> User | None:
    """Return who invites: the one who logged it, else the first who takes part."""
    if activity.created_by and activity.created_by.is_active:
        return activity.created_by
    return activity.users.filter(is_active=True).order_by("participations__pk").first()  # type: ignore[return-value]


def invitable_check(row: Activity) -> None:
    """Raise :class:`BusinessRuleError` where nobody can be invited: ``customer_passive``, ``invitation_past``."""
    validators.check_customer(row.type, row.customer)
    if (row.end or row.start) < clock.now():
        raise BusinessRuleError("invitation_past", _("The activity is over: no one can be invited to it."))


def _of_contacts(contacts: Collection[Contact], user: User) -> list[Invitation]:
    ids = {contact.pk for contact in contacts}
    if Contact.objects.visible_to(user).filter(pk__in=ids).count() != len(ids):
        raise BusinessRuleError("contact_unknown", _("Choose contacts from the list."), field="contacts")
    points = ContactPoint.objects.filter(contact__in=ids, kind=ContactPointKind.EMAIL).order_by("is_primary", "-pk")
    addresses = dict(points.values_list("contact", "value"))  # the primary one comes last and stays
    return _made(contacts, addresses, "contact")


def _of_users(users: Collection[User]) -> list[Invitation]:
    validators.check_participants(users)
    return _made(users, {person.pk: person.email for person in users}, "user")


def _made(people: Iterable[User | Contact], addresses: dict[int, str], field: str) -> list[Invitation]:
    people = list(people)
    without = [str(person) for person in people if not addresses.get(person.pk)]
    if without:
        message = _("These have no e-mail address: %s.") % ", ".join(without)
        raise BusinessRuleError("email_missing", message, field=f"{field}s")
    return [Invitation(**{field: person}, email=addresses[person.pk].lower()) for person in people]


def _keep_uid(row: Activity) -> None:
    """What has been told to others stays, also when the program's keys change."""
    if not row.ical_uid:
        row.ical_uid = uid_of(row)
        row.save(update_fields=["ical_uid"])


def _queue(invitations: Iterable[Invitation]) -> None:
    for invitation in invitations:
        queue_task(SEND_TASK, invitation.pk)
