"""Keeping a received message and logging it as an activity."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.mail import rules
from activities.mail.enums import MESSAGE_TRANSITIONS, Direction, MessageState, RecipientKind
from activities.mail.mime.compose import bare_subject
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import Attachment, ParsedMessage
from activities.mail.models import EmailMessage, EmailRecipient, EmailThread, Mailbox
from activities.mail.routing import email_type
from activities.mail.selectors import filing
from activities.mail.selectors.filing import Place, Thread
from core import clock
from core.documents import document_add
from core.exceptions import BusinessRuleError
from customers.models import Contact, Customer

MOST_RECIPIENTS = 200


@dataclass
class Received:
    """A message that has come, as it was understood: who wrote it, which way it went, to whom of us."""

    parsed: ParsedMessage
    raw: bytes
    thread: Thread | None
    mailbox: Mailbox | None
    user: User | None
    sender: Address | None
    recipients: list[Address]
    by_hand: bool = False
    by_drop: bool = False
    direction: Direction = Direction.IN
    is_forward: bool = False

    @property
    def counterparts(self) -> list[Address]:
        """Those on the other side: who wrote a received message, who got a sent one."""
        if self.direction == Direction.OUT:
            return self.recipients
        return [self.sender] if self.sender else []


def message_place(received: Received, place: Place, *, strict: bool = False) -> EmailMessage:
    """Keep a message and log it under its customer; without one it waits in the inbox.

    A rule that forbids the activity sends it to the inbox with the reason; with ``strict`` it is raised.
    """
    if place.customer is None:
        state = MessageState.INBOX
        is_bulk = received.direction == Direction.IN and not received.by_hand and not received.thread
        if is_bulk and rules.bulk_is_ignored(received.parsed):
            state, place.reason = MessageState.IGNORED, "bulk"
        return message_keep(received, state, place.reason)
    message = message_keep(received, MessageState.INBOX, "")
    people = filing.participants_of(received.user, received.thread, place.customer)
    try:
        with transaction.atomic():
            message_log(
                message=message, customer=place.customer, contacts=place.contacts, participants=people,
                user=received.user, thread=received.thread, attachments=received.parsed.attachments,
            )  # fmt: skip
    except BusinessRuleError as error:
        if strict:
            raise
        message.activity, message.state, message.error = None, MessageState.INBOX, str(error)[:1000]
        message.save(update_fields=["activity", "state", "error"])
        return message
    if received.direction == Direction.IN and not received.by_hand:
        _tell(message, place.customer, people)
    return message


def message_keep(received: Received, state: MessageState, reason: str) -> EmailMessage:
    """Keep a message with its recipients and the file as it came, in one thread with those around it."""
    parsed = received.parsed
    problems = [] if state == MessageState.IGNORED else parsed.problems
    message = EmailMessage(
        thread=thread_hold(of=received.thread.message) if received.thread else thread_new(parsed.subject),
        direction=received.direction,
        state=state,
        message_id=parsed.message_id,
        in_reply_to=parsed.in_reply_to,
        references=parsed.references,
        sender=received.sender.address if received.sender else "",
        sender_name=received.sender.name[:200] if received.sender else "",
        subject=parsed.subject,
        body=parsed.body,
        date=parsed.date or clock.now(),
        size=parsed.size,
        mailbox=received.mailbox,
        user=received.user,
        is_automatic=parsed.is_automatic,
        error="\n".join([*([reason] if reason else []), *problems])[:1000],
    )
    if received.raw:
        message.raw.save("message.eml", ContentFile(received.raw), save=False)
    message.save()
    threads_join(message=message)
    _keep_recipients(message, parsed)
    return message


def _keep_recipients(message: EmailMessage, parsed: ParsedMessage) -> None:
    kinds = ((RecipientKind.TO, parsed.to), (RecipientKind.CC, parsed.cc), (RecipientKind.BCC, parsed.bcc))
    rows = [(kind, one) for kind, people in kinds for one in people]
    EmailRecipient.objects.bulk_create(
        EmailRecipient(message=message, kind=kind, address=one.address, name=one.name)
        for kind, one in rows[:MOST_RECIPIENTS]
    )
    if len(rows) > MOST_RECIPIENTS:
        note = _("It has %(count)d recipients: the first %(most)d are shown.") % {
            "count": len(rows),
            "most": MOST_RECIPIENTS,
        }
        message.error = "\n".join(filter(None, (message.error, note)))[:1000]
        message.save(update_fields=["error"])


def message_log(
    *,
    message: EmailMessage,
    customer: Customer,
    contacts: list[Contact],
    participants: list[User],
    user: User | None,
    thread: Thread | None = None,
    attachments: list[Attachment] | None = None,
) -> Activity:
    """Log a kept message as a done activity, with its attachments as documents; return the activity.

    Attachments that are not accepted stay in the message, and it tells so. Raises :class:`BusinessRuleError` as
    :func:`activity_log`.
    """
    activity = activity_log(
        user=user,
        type=email_type(),
        title=message.subject[:200].strip() or _("(no subject)"),
        customer=customer,
        start=message.date,
        status=ActivityStatus.DONE,
        participants=participants,
        contacts=contacts,
        follows=thread.follows if thread else None,
    )
    sent = message.direction == Direction.OUT
    state = MessageState.SENT if sent else MessageState.FILED
    if state not in MESSAGE_TRANSITIONS[MessageState(message.state)]:
        raise BusinessRuleError("message_filed", _("The message is under a customer already."))
    message.activity, message.state = activity, state
    notes = [line for line in message.error.split("\n") if line and not rules.is_reason(line)]
    message.error = "\n".join([*notes, *_attach(activity, attachments or [], user)])[:1000]
    message.save(update_fields=["activity", "state", "error"])
    _link_recipients(message, contacts)
    answers_follow(message=message, activity=activity)
    return activity


def _attach(activity: Activity, attachments: list[Attachment], user: User | None) -> list[str]:
    """Make documents of attachments; return why some were not taken."""
    refused = []
    for one in attachments:
        try:
            with transaction.atomic():
                document_add(target=activity, upload=SimpleUploadedFile(one.name, one.content), user=user)
        except BusinessRuleError as error:
            refused.append(f"{one.name[:80]}: {error.message}"[:200])
    return refused


def _link_recipients(message: EmailMessage, contacts: list[Contact]) -> None:
    addresses = list(message.recipients.values_list("address", flat=True))
    found = filing.contacts_of(addresses)
    ids = {contact.pk for contact in contacts}
    for address, people in found.items():
        person = next((one for one in people if one.pk in ids), None)
        if person:
            message.recipients.filter(address=address).update(contact=person)


def _tell(message: EmailMessage, customer: Customer, participants: list[User]) -> None:
    """Tell whose activity it has become, and the customer's owner."""
    owner = customer.summary.owner if hasattr(customer, "summary") else None
    people = {person.pk: person for person in (*participants, *([owner] if owner else []))}
    notify(
        users=list(people.values()),
        kind="email_received",
        url=message.get_absolute_url(),
        sender=message.sender_name or message.sender,
        subject=message.subject[:200],
        customer=str(customer),
    )


def thread_new(subject: str) -> EmailThread:
    return EmailThread.objects.create(subject=(bare_subject(subject) or subject)[:500])


def thread_hold(*, of: EmailMessage) -> EmailThread:
    """Return the thread of a message, held until the transaction ends: it cannot be joined to another meanwhile."""
    rows = EmailThread.objects.select_for_update(of=("self",), no_key=True).filter(messages=of.pk)
    return rows.first() or rows.get()  # the first one may have been joined to another while we waited for it


@transaction.atomic
def threads_join(*, message: EmailMessage) -> None:
    """Make one thread of the message, those that it names and those that name it; the oldest thread stays.

    Run twice it does nothing more. Of two that join at the same time the second sees what the first has done.
    """
    while len(ids := _threads_around(message)) > 1:
        rows = list(EmailThread.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        if len(rows) == len(ids):
            EmailMessage.objects.filter(thread__in=rows[1:]).update(thread=rows[0])
            EmailThread.objects.filter(pk__in=[row.pk for row in rows[1:]]).delete()
    message.thread_id = next(iter(ids))


def _threads_around(message: EmailMessage) -> set[int]:
    named = Q(message_id__in=[message.in_reply_to, *message.references])
    around = EmailMessage.objects.filter(Q(pk=message.pk) | named | filing.naming(message.message_id))
    return set(around.order_by().values_list("thread", flat=True))


def answers_follow(*, message: EmailMessage, activity: Activity) -> None:
    """Let the activities of answers that came before their message follow the message's activity."""
    answers = Activity.objects.filter(email__in_reply_to=message.message_id, follows__isnull=True)
    later = answers.filter(start__gte=activity.start).exclude(pk__in=[activity.pk, activity.follows_id or 0])
    ids = list(later.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:50])
    Activity.objects.filter(pk__in=ids).update(follows=activity)
