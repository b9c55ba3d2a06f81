"""Filing of received messages: store and log them, keep threads together, and the inbox with its ignore rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import activity_log
from activities.mail import selectors, senders
from activities.mail.enums import (
    AUTOMATIC,
    EMAIL,
    MESSAGE_TRANSITIONS,
    Direction,
    IgnoreKind,
    MessageState,
    RecipientKind,
)
from activities.mail.mime.body import clean_html
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import Attachment, ParsedMessage, parse
from activities.mail.models import EmailMessage, EmailRecipient, IgnoreRule, Mailbox
from activities.mail.plugs import calendar_texts
from activities.mail.recipients import email_type
from activities.mail.selectors import Place, Thread
from activities.mail.services.threads import answers_follow, thread_hold, thread_new, threads_join
from core import clock
from core.documents import document_add
from core.exceptions import BusinessRuleError
from core.richtext import to_text
from customers.enums import ContactPointKind
from customers.models import Contact, Customer
from customers.services.contacts import Point, contact_create, points_set
from customers.validators import clean_email

MAX_RECIPIENTS = 200
KEPT_FOR = dt.timedelta(days=30)
MAX_AT_ONCE = 200


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
    is_unread_forward: bool = False  # by a colleague; it is not certain who wrote the original

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
        if is_bulk and senders.is_bulk_ignored(received.parsed):
            state, place.reason = MessageState.IGNORED, "bulk"
        return message_keep(received, state, place.reason)
    message = message_keep(received, MessageState.INBOX, "")
    people = selectors.participants_of(received.user, received.thread, place.customer)
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
        body=_body_of(parsed),
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


def _body_of(parsed: ParsedMessage) -> str:
    """Return the text of a message, below what its invitation says."""
    events = calendar_texts(parsed.calendars, brief=bool(to_text(parsed.body)))
    return clean_html(events + parsed.body) if events else parsed.body


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
        type=automatic_type() if _is_of_program(message) else email_type(),
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
    notes = [line for line in message.error.split("\n") if line and not senders.is_reason(line)]
    message.error = "\n".join([*notes, *_add_documents(activity, attachments or [], user)])[:1000]
    message.save(update_fields=["activity", "state", "error"])
    _link_recipients(message, contacts)
    answers_follow(message=message, activity=activity)
    return activity


def _is_of_program(message: EmailMessage) -> bool:
    """Return whether a program answered, or wrote to many: no contact with the customer."""
    return message.direction == Direction.IN and message.is_automatic


def automatic_type() -> ActivityType:
    """Return the activity type of automatic messages, which count neither as contact nor as work; add it if needed.

    If administrators have retired it, it is the type of messages.
    """
    email = email_type()
    own, _is_new = ActivityType.objects.get_or_create(
        code=AUTOMATIC,
        defaults={
            "name_fi": "Automaattinen viesti",
            "name_en": "Automatic message",
            "icon": "mail",
            "color": email.color,
            "channel": email.channel,
            "duration": email.duration,
            "details": EMAIL,
            "is_contact": False,
            "counts_as_work": False,
            "order": email.order + 1,
        },
    )
    return email if own.is_retired else own


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
    for address, people in selectors.contacts_of(addresses).items():
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


@transaction.atomic
def message_file(
    *, message: EmailMessage, user: User, customer: Customer, contact: Contact | None = None, learn: bool = False
) -> EmailMessage:
    """Log a waiting message under ``customer`` as a done activity of ``user``; return it.

    ``contact`` is its sender (for a sent message, its recipient); with ``learn`` the address is added to the contact.
    Raises :class:`BusinessRuleError`: ``message_filed``, and as :func:`activity_log`.
    """
    locked = _lock_unfiled(message)
    if contact is not None and learn:
        address_learn(contact=contact, address=_counterpart(locked))
    contacts = (
        [contact]
        if contact
        else selectors.place_under(customer, [Address(address) for address in _counterparts(locked)]).contacts
    )
    locked.error = ""
    message_log(
        message=locked, customer=customer, contacts=contacts, participants=[user], user=user,
        attachments=parse(raw_of(locked)).attachments,
    )  # fmt: skip
    return locked


@transaction.atomic
def contact_of_sender(*, message: EmailMessage, customer: Customer, first_name: str, last_name: str) -> Contact:
    """Add the sender of a message as a contact of ``customer``, with the address. Raises as ``contact_create``."""
    contact = Contact(first_name=first_name, last_name=last_name, language=customer.language)
    points = [Point(_counterpart(message))] if _counterpart(message) else []
    return contact_create(contact=contact, points=points, position={"customer": customer})


def address_learn(*, contact: Contact, address: str) -> None:
    """Add an e-mail address to a contact that does not have it yet."""
    points = list(contact.points.all())
    if address and address not in {point.value for point in points if point.kind == ContactPointKind.EMAIL}:
        present = [Point(point.value, point.label, point.is_primary) for point in points]
        points_set(contact=contact, points=[*present, Point(address)])


def others_of_sender(message: EmailMessage, user: Any) -> Any:
    """Return the other waiting messages of the same sender that the user may file, at most ``MAX_AT_ONCE``."""
    waiting = EmailMessage.objects.inbox_of(user).filter(state=MessageState.INBOX, direction=Direction.IN)
    same = waiting.filter(sender__iexact=message.sender).exclude(pk=message.pk) if message.sender else waiting.none()
    return same.order_by("date", "pk")[:MAX_AT_ONCE]


@transaction.atomic
def message_ignore(*, message: EmailMessage, user: User, kind: str = "") -> EmailMessage:
    """Ignore a waiting message; with ``kind`` also later messages of its sender or of the sender's domain."""
    locked = _lock_unfiled(message)
    _set_state(locked, MessageState.IGNORED)
    locked.error = "by_hand"
    locked.save(update_fields=["state", "error"])
    domain = locked.sender.rpartition("@")[2]
    pattern = {IgnoreKind.ADDRESS: locked.sender, IgnoreKind.DOMAIN: domain}.get(IgnoreKind(kind)) if kind else ""
    if pattern:
        rule_add(user=user, kind=IgnoreKind(kind), pattern=pattern)
    return locked


@transaction.atomic
def message_restore(*, message: EmailMessage) -> EmailMessage:
    """Bring an ignored message back to the inbox. Raises ``status_not_allowed``."""
    locked = _lock_unfiled(message)
    _set_state(locked, MessageState.INBOX)
    locked.error = ""
    locked.save(update_fields=["state", "error"])
    return locked


@transaction.atomic
def rule_add(*, user: User, kind: IgnoreKind, pattern: str = "") -> IgnoreRule:
    """Ignore an address, a domain or all newsletters from now on; return the rule, which may exist already.

    Raises :class:`BusinessRuleError`: ``pattern_wrong``.
    """
    text = pattern.strip().lower().removeprefix("@") if kind == IgnoreKind.DOMAIN else pattern.strip().lower()
    is_valid = kind == IgnoreKind.BULK or ("." in text and 3 < len(text) <= 254 and not set(text) & set(" <>,;\"'\n"))
    if kind == IgnoreKind.ADDRESS:
        clean_email(text)
    if not is_valid or (kind == IgnoreKind.DOMAIN and "@" in text):
        raise BusinessRuleError("pattern_wrong", _("Enter a domain, such as example.fi."), field="pattern")
    text = "" if kind == IgnoreKind.BULK else text
    existing = IgnoreRule.objects.filter(kind=kind, pattern__iexact=text).first()
    return existing or IgnoreRule.objects.create(kind=kind, pattern=text, created_by=user)


def ignored_purge() -> int:
    """Delete the content of ignored messages after thirty days, but keep their Message-IDs; return the number."""
    old = EmailMessage.objects.filter(state=MessageState.IGNORED, created_at__lt=clock.now() - KEPT_FOR).exclude(raw="")
    count = 0
    for message in old.iterator(500):
        message.raw.delete(save=False)
        message.body = ""
        message.save(update_fields=["raw", "body"])
        count += 1
    return count


def _lock_unfiled(message: EmailMessage) -> EmailMessage:
    locked = EmailMessage.objects.select_for_update(of=("self",)).select_related("thread", "user").get(pk=message.pk)
    if locked.activity_id is not None:
        raise BusinessRuleError("message_filed", _("The message is already filed under a customer."))
    return locked


def _set_state(message: EmailMessage, state: MessageState) -> None:
    if state not in MESSAGE_TRANSITIONS[MessageState(message.state)]:
        raise BusinessRuleError("status_not_allowed", _("This status cannot follow the present one."))
    message.state = state


def raw_of(message: EmailMessage) -> bytes:
    """Return the original file, or empty bytes if it has been deleted."""
    try:
        with message.raw.open() as file:
            content: bytes = file.read()
    except (FileNotFoundError, ValueError):
        return b""
    return content


def _counterpart(message: EmailMessage) -> str:
    return next(iter(_counterparts(message)), "")


def _counterparts(message: EmailMessage) -> Sequence[str]:
    """Return the addresses of the other side: no colleague's, of a forwarded message."""
    addresses: Iterable[str] = message.recipients.values_list("address", flat=True)
    addresses = [message.sender] if message.direction == Direction.IN else list(addresses)
    own = senders.own_users([address.lower() for address in addresses])
    return [address for address in addresses if address and address.lower() not in own and not senders.is_drop(address)]
