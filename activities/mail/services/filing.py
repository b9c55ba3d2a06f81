"""Store a received message, log it as an activity under its customer, and keep threads together."""

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

MAX_RECIPIENTS = 200


@dataclass
class Received:
    """A received message and what is known of it: its sender and recipients, direction, thread and user."""

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
        """Return the sender of a received message, or the recipients of a sent one."""
        if self.direction == Direction.OUT:
            return self.recipients
        return [self.sender] if self.sender else []


def message_place(received: Received, place: Place, *, strict: bool = False) -> EmailMessage:
    """Store a message and log it under its customer; without a customer it waits in the inbox.

    If a rule forbids the activity, the message is put in the inbox with the reason; with ``strict`` the error is
    raised.
    """
    if place.customer is None:
        state = MessageState.INBOX
        is_bulk = received.direction == Direction.IN and not received.by_hand and not received.thread
        if is_bulk and rules.is_bulk_ignored(received.parsed):
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
        _notify_received(message, place.customer, people)
    return message


def message_keep(received: Received, state: MessageState, reason: str) -> EmailMessage:
    """Store a message with its recipients and original file, in one thread with the related messages."""
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
    _add_recipients(message, parsed)
    return message


def _add_recipients(message: EmailMessage, parsed: ParsedMessage) -> None:
    kinds = ((RecipientKind.TO, parsed.to), (RecipientKind.CC, parsed.cc), (RecipientKind.BCC, parsed.bcc))
    recipients = [(kind, address) for kind, addresses in kinds for address in addresses]
    EmailRecipient.objects.bulk_create(
        EmailRecipient(message=message, kind=kind, address=address.address, name=address.name)
        for kind, address in recipients[:MAX_RECIPIENTS]
    )
    if len(recipients) > MAX_RECIPIENTS:
        note = _("The message has %(count)d recipients, of which the first %(limit)d are shown.") % {
            "count": len(recipients),
            "limit": MAX_RECIPIENTS,
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
    """Log a stored message as a done activity, with its attachments as documents; return the activity.

    Refused attachments stay in the original message, and its ``error`` names them. Raises :class:`BusinessRuleError` as
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
        raise BusinessRuleError("message_filed", _("The message is already filed under a customer."))
    message.activity, message.state = activity, state
    notes = [line for line in message.error.split("\n") if line and not rules.is_reason(line)]
    message.error = "\n".join([*notes, *_add_documents(activity, attachments or [], user)])[:1000]
    message.save(update_fields=["activity", "state", "error"])
    _link_recipients(message, contacts)
    answers_follow(message=message, activity=activity)
    return activity


def _add_documents(activity: Activity, attachments: list[Attachment], user: User | None) -> list[str]:
    """Add attachments as documents; return the names of the refused ones with the reasons."""
    refused = []
    for attachment in attachments:
        upload = SimpleUploadedFile(attachment.name, attachment.content)
        try:
            with transaction.atomic():
                document_add(target=activity, upload=upload, user=user)
        except BusinessRuleError as error:
            refused.append(f"{attachment.name[:80]}: {error.message}"[:200])
    return refused


def _link_recipients(message: EmailMessage, contacts: list[Contact]) -> None:
    addresses = list(message.recipients.values_list("address", flat=True))
    ids = {contact.pk for contact in contacts}
    for address, people in filing.contacts_of(addresses).items():
        contact = next((person for person in people if person.pk in ids), None)
        if contact:
            message.recipients.filter(address=address).update(contact=contact)


def _notify_received(message: EmailMessage, customer: Customer, participants: list[User]) -> None:
    """Notify the participants of the activity and the customer's owner."""
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
    """Return the thread of a message, locked so that it cannot be merged into another before commit."""
    threads = EmailThread.objects.select_for_update(of=("self",), no_key=True).filter(messages=of.pk)
    return threads.first() or threads.get()  # the first may have been merged into another during the wait


@transaction.atomic
def threads_join(*, message: EmailMessage) -> None:
    """Merge the threads of the message, of those that it refers to and of those that refer to it; keep the oldest.

    Running it twice does no harm. Of two concurrent merges the second sees the result of the first.
    """
    while len(ids := _threads_around(message)) > 1:
        threads = list(EmailThread.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        if len(threads) == len(ids):
            EmailMessage.objects.filter(thread__in=threads[1:]).update(thread=threads[0])
            EmailThread.objects.filter(pk__in=[thread.pk for thread in threads[1:]]).delete()
    message.thread_id = next(iter(ids))


def _threads_around(message: EmailMessage) -> set[int]:
    named = Q(message_id__in=[message.in_reply_to, *message.references])
    around = EmailMessage.objects.filter(Q(pk=message.pk) | named | filing.referring_to(message.message_id))
    return set(around.order_by().values_list("thread", flat=True))


def answers_follow(*, message: EmailMessage, activity: Activity) -> None:
    """Link the activities of answers that arrived before this message as follow-ups of its activity."""
    answers = Activity.objects.filter(email__in_reply_to=message.message_id, follows__isnull=True)
    later = answers.filter(start__gte=activity.start).exclude(pk__in=[activity.pk, activity.follows_id or 0])
    ids = list(later.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:50])
    Activity.objects.filter(pk__in=ids).update(follows=activity)
