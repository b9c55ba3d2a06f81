"""What people do with messages that have no activity: file them, ignore them, bring them back."""

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

KEPT = dt.timedelta(days=30)
MOST_AT_ONCE = 200


@transaction.atomic
def message_file(
    *, message: EmailMessage, user: User, customer: Customer, contact: Contact | None = None, learn: bool = False
) -> EmailMessage:
    """Log a waiting message under ``customer`` as a done activity of ``user``; return it.

    ``contact`` is who wrote it (who got it); with ``learn`` the address becomes his or hers. Raises
    :class:`BusinessRuleError`: ``message_filed`` and those of :func:`activities.log.services.activities.activity_log`.
    """
    row = _locked(message)
    if contact is not None and learn:
        address_learn(contact=contact, address=_other_side(row))
    contacts = [contact] if contact else filing.place_under(customer, [Address(a) for a in _others(row)]).contacts
    row.error = ""
    message_log(
        message=row, customer=customer, contacts=contacts, participants=[user], user=user,
        attachments=parse(raw_of(row)).attachments,
    )  # fmt: skip
    return row


@transaction.atomic
def contact_of_sender(*, message: EmailMessage, customer: Customer, first_name: str, last_name: str) -> Contact:
    """Add who wrote the message as a contact of ``customer``, with the address. Raises as ``contact_create``."""
    contact = Contact(first_name=first_name, last_name=last_name, language=customer.language)
    points = [Point(_other_side(message))] if _other_side(message) else []
    return contact_create(contact=contact, points=points, position={"customer": customer})


def address_learn(*, contact: Contact, address: str) -> None:
    """Add an e-mail address to a contact that does not have it yet."""
    held = list(contact.points.all())
    if address and address not in {row.value for row in held if row.kind == ContactPointKind.EMAIL}:
        old = [Point(row.value, row.label, row.is_primary) for row in held]
        points_set(contact=contact, points=[*old, Point(address)])


def others_of_sender(message: EmailMessage, user: Any) -> Any:
    """Return the other messages of the same sender that wait where the user files, at most ``MOST_AT_ONCE``."""
    waiting = EmailMessage.objects.inbox_of(user).filter(state=MessageState.INBOX, direction=Direction.IN)
    same = waiting.filter(sender__iexact=message.sender).exclude(pk=message.pk) if message.sender else waiting.none()
    return same.order_by("date", "pk")[:MOST_AT_ONCE]


@transaction.atomic
def message_ignore(*, message: EmailMessage, user: User, kind: str = "") -> EmailMessage:
    """Ignore a waiting message; with ``kind`` also what its sender, or the sender's whole domain, writes later on."""
    row = _locked(message)
    _move(row, MessageState.IGNORED)
    row.error = "by_hand"
    row.save(update_fields=["state", "error"])
    domain = row.sender.rpartition("@")[2]
    pattern = {IgnoreKind.ADDRESS: row.sender, IgnoreKind.DOMAIN: domain}.get(IgnoreKind(kind)) if kind else ""
    if pattern:
        rule_add(user=user, kind=IgnoreKind(kind), pattern=pattern)
    return row


@transaction.atomic
def message_restore(*, message: EmailMessage) -> EmailMessage:
    """Bring an ignored message back to the inbox. Raises ``status_not_allowed``."""
    row = _locked(message)
    _move(row, MessageState.INBOX)
    row.error = ""
    row.save(update_fields=["state", "error"])
    return row


@transaction.atomic
def rule_add(*, user: User, kind: IgnoreKind, pattern: str = "") -> IgnoreRule:
    """Ignore an address, a domain or all newsletters from now on; a rule that is there already is returned.

    Raises :class:`BusinessRuleError`: ``pattern_wrong``.
    """
    text = pattern.strip().lower().removeprefix("@") if kind == IgnoreKind.DOMAIN else pattern.strip().lower()
    _check_pattern(kind, text)
    text = "" if kind == IgnoreKind.BULK else text
    found = IgnoreRule.objects.filter(kind=kind, pattern__iexact=text).first()
    return found or IgnoreRule.objects.create(kind=kind, pattern=text, created_by=user)


def ignored_purge() -> int:
    """Forget what ignored messages said, thirty days after they came; their Message-IDs stay. Return how many."""
    old = EmailMessage.objects.filter(state=MessageState.IGNORED, created_at__lt=clock.now() - KEPT).exclude(raw="")
    count = 0
    for message in old.iterator(500):
        message.raw.delete(save=False)
        message.body = ""
        message.save(update_fields=["raw", "body"])
        count += 1
    return count


def _check_pattern(kind: IgnoreKind, text: str) -> None:
    is_right = kind == IgnoreKind.BULK or ("." in text and 3 < len(text) <= 254 and not set(text) & set(" <>,;\"'\n"))
    if kind == IgnoreKind.ADDRESS:
        clean_email(text)
    if not is_right or (kind == IgnoreKind.DOMAIN and "@" in text):
        raise BusinessRuleError("pattern_wrong", _("Write a domain, such as example.fi."), field="pattern")


def _locked(message: EmailMessage) -> EmailMessage:
    row = EmailMessage.objects.select_for_update(of=("self",)).select_related("thread", "user").get(pk=message.pk)
    if row.activity_id is not None:
        raise BusinessRuleError("message_filed", _("The message is under a customer already."))
    return row


def _move(message: EmailMessage, state: MessageState) -> None:
    if state not in MESSAGE_TRANSITIONS[MessageState(message.state)]:
        raise BusinessRuleError("status_not_allowed", _("This status cannot follow the present one."))
    message.state = state


def raw_of(message: EmailMessage) -> bytes:
    """Return the file as it came; nothing where it has been forgotten."""
    try:
        with message.raw.open() as file:
            content: bytes = file.read()
    except (FileNotFoundError, ValueError):
        return b""
    return content


def _other_side(message: EmailMessage) -> str:
    return next(iter(_others(message)), "")


def _others(message: EmailMessage) -> Sequence[str]:
    if message.direction == Direction.IN:
        return [message.sender] if message.sender else []
    rows: Iterable[str] = message.recipients.values_list("address", flat=True)
    return list(rows)
