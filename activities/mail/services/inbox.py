"""File, ignore and restore the messages of the inbox, and keep the ignore rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.mail.enums import MESSAGE_TRANSITIONS, Direction, IgnoreKind, MessageState
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import parse
from activities.mail.models import EmailMessage, IgnoreRule
from activities.mail.selectors import filing
from activities.mail.services.filing import message_log
from core import clock
from core.exceptions import BusinessRuleError
from customers.enums import ContactPointKind
from customers.models import Contact, Customer
from customers.services.contacts import Point, contact_create, points_set
from customers.validators import clean_email

KEPT_FOR = dt.timedelta(days=30)
MAX_AT_ONCE = 200


@transaction.atomic
def message_file(
    *, message: EmailMessage, user: User, customer: Customer, contact: Contact | None = None, learn: bool = False
) -> EmailMessage:
    """Log a waiting message under ``customer`` as a done activity of ``user``; return it.

    ``contact`` is its sender (for a sent message, its recipient); with ``learn`` the address is added to the contact.
    Raises
    :class:`BusinessRuleError`: ``message_filed`` and those of :func:`activities.log.services.activities.activity_log`.
    """
    locked = _lock_unfiled(message)
    if contact is not None and learn:
        address_learn(contact=contact, address=_counterpart(locked))
    contacts = (
        [contact]
        if contact
        else filing.place_under(customer, [Address(address) for address in _counterparts(locked)]).contacts
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
    _check_pattern(kind, text)
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


def _check_pattern(kind: IgnoreKind, text: str) -> None:
    is_valid = kind == IgnoreKind.BULK or ("." in text and 3 < len(text) <= 254 and not set(text) & set(" <>,;\"'\n"))
    if kind == IgnoreKind.ADDRESS:
        clean_email(text)
    if not is_valid or (kind == IgnoreKind.DOMAIN and "@" in text):
        raise BusinessRuleError("pattern_wrong", _("Enter a domain, such as example.fi."), field="pattern")


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
    if message.direction == Direction.IN:
        return [message.sender] if message.sender else []
    addresses: Iterable[str] = message.recipients.values_list("address", flat=True)
    return list(addresses)
