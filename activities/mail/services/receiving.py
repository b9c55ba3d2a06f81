"""Receive messages from mailboxes, files and the command: store each once and log it under its customer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.mail import selectors, senders
from activities.mail.enums import Direction, MessageState
from activities.mail.forwards import forwarded, is_unread_forward
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import ParsedMessage, content_id, parse, parse_head
from activities.mail.mime.reports import ReportKind
from activities.mail.models import EmailMessage, Mailbox
from activities.mail.plugs import message_handle
from activities.mail.selectors import Place
from activities.mail.senders import drop_user
from activities.mail.services.filing import Received, message_file, message_keep, message_place, raw_of
from core.exceptions import BusinessRuleError
from customers.models import Customer

log = structlog.get_logger(__name__)

#: The outcomes of receiving a message, as ``capture_email`` counts them.
CAPTURED, KNOWN, INBOX, REFUSED = "captured", "known", "inbox", "refused"
_OUTCOMES = {MessageState.FILED: CAPTURED, MessageState.SENT: CAPTURED, MessageState.INBOX: INBOX}


@dataclass(frozen=True)
class Origin:
    """The way a message came: from a mailbox, from a user (a file), or from the command (neither)."""

    mailbox: Mailbox | None = None
    user: User | None = None
    customer: Customer | None = None  # chosen by hand
    is_head_only: bool = False
    received_at: dt.datetime | None = None  # by the mailbox's server

    @property
    def owner(self) -> User | None:
        """Return the only user who sees the message until it is filed."""
        return self.mailbox.owner if self.mailbox else self.user


@dataclass(frozen=True)
class Outcome:
    """The result of receiving a message: one of the outcomes above."""

    kind: str
    message: EmailMessage

    @property
    def reasons(self) -> list[str]:
        return senders.reason_texts(self.message.error) if self.message.activity_id is None else []


def message_receive(raw: bytes, origin: Origin) -> Outcome:
    """Store a message and return the outcome. A Message-ID is stored once, however often it arrives.

    The message becomes a done e-mail activity under its customer and contacts, waits in the inbox, is ignored by a
    rule, or is kept as a file with the reason. An unexpected error does not stop the job: the file is kept then too.
    Raises :class:`BusinessRuleError` only if a customer was chosen by hand; then nothing is stored.
    """
    try:
        with transaction.atomic():
            return _receive(raw, origin)
    except (OperationalError, InterfaceError):
        raise
    except BusinessRuleError:
        if origin.customer:
            raise
        log.exception("email_refused")
    except Exception:
        log.exception("email_failed")
    with transaction.atomic():
        return _keep_raw(raw, origin, "program_error")


@transaction.atomic
def message_unfetched(mailbox: Mailbox, uid: int) -> Outcome:
    """Store a placeholder for a message that its server lists but does not deliver."""
    message_id = f"imap:{mailbox.pk}:{mailbox.uid_validity}:{uid}"
    known = _known(message_id)
    if known:
        return Outcome(KNOWN, known)
    parsed = ParsedMessage(message_id=message_id, has_own_id=False, size=0)
    origin = Origin(mailbox=mailbox)
    return _outcome(message_keep(_unread(parsed, b"", origin), MessageState.REFUSED, "not_fetched"))


def _receive(raw: bytes, origin: Origin) -> Outcome:
    if len(raw) > settings.EMAIL_MAX_BYTES:
        return _keep_raw(raw, origin, "too_large")
    parsed = parse(raw)
    if not parsed.is_message:
        return _keep_raw(raw, origin, "not_a_message")
    parsed.date = parsed.date or origin.received_at
    if parsed.date is None:
        parsed.problems.append(_("The message has no date: the time when it came here is shown."))
    known = _repeated(parsed, is_head_only=origin.is_head_only)
    if known:
        return _receive_known(known, origin)
    received = _interpret(parsed, raw, origin)
    if received.parsed is not parsed and (known := _repeated(received.parsed)):
        return Outcome(KNOWN, known)
    if origin.is_head_only:
        return _outcome(message_keep(received, MessageState.REFUSED, "headers_only"))
    if origin.customer:
        return _outcome(
            message_place(received, selectors.place_under(origin.customer, received.counterparts), strict=True)
        )
    ignored = _process_automatic(received) or _check_ignored(received, origin)
    if ignored:
        return Outcome(ignored[0], message_keep(received, MessageState.IGNORED, ignored[1]))
    return _outcome(message_place(received, _find_place(received)))


def _outcome(message: EmailMessage) -> Outcome:
    return Outcome(_OUTCOMES.get(MessageState(message.state), REFUSED), message)


def _repeated(parsed: ParsedMessage, *, is_head_only: bool = False) -> EmailMessage | None:
    """Return the stored message of which this is a repeat: with an equal id and equal content.

    Scanners and other machines give one id to many messages. A message with the id of another gets an id by its own
    content here, so that its repeats are recognised too.
    """
    known = _known(parsed.message_id, parsed.in_reply_to, *parsed.references)
    if known is None and not parsed.has_own_id:  # as messages without an id were stored before
        known = _known(parsed.raw_id) if parsed.raw_id else None
    if known is None or not parsed.has_own_id or _is_same(known, parsed, is_head_only=is_head_only):
        return known
    parsed.message_id = content_id(parsed)
    return _known(parsed.message_id)


def _is_same(known: EmailMessage, parsed: ParsedMessage, *, is_head_only: bool) -> bool:
    raw = raw_of(known)
    if not raw or is_head_only or "headers_only" in known.error.split("\n"):  # no more than the headers to compare
        sender = parsed.sender.address if parsed.sender else ""
        return (known.subject, known.sender) == (parsed.subject, sender) or known.direction == Direction.OUT
    stored = parse(raw)
    inner = [parse(attached) for attached in stored.messages[:1]]
    own = next((one for one in (stored, *inner) if one.message_id == parsed.message_id), stored)
    return content_id(own) == content_id(parsed)


def _known(message_id: str, *named: str) -> EmailMessage | None:
    """Return the stored message that has this id.

    A second worker that receives the same message waits for the first, as does one that receives an answer to it.
    """
    ids = sorted({message_id, *filter(None, named)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(id, 77)) FROM unnest(%s::text[]) AS id", [ids])
    return EmailMessage.objects.select_related("activity").filter(message_id=message_id).first()


def _receive_known(message: EmailMessage, origin: Origin) -> Outcome:
    """File a known waiting message under the chosen customer, or share it if a shared mailbox received it too."""
    if message.activity_id is None:
        may_file = origin.user and EmailMessage.objects.inbox_of(origin.user).filter(pk=message.pk).exists()
        if origin.customer and origin.user and may_file:
            return Outcome(CAPTURED, message_file(message=message, user=origin.user, customer=origin.customer))
        if origin.mailbox and origin.mailbox.owner_id is None and message.user_id is not None:
            EmailMessage.objects.filter(pk=message.pk).update(user=None, mailbox=origin.mailbox)
    return Outcome(KNOWN, message)


def _interpret(parsed: ParsedMessage, raw: bytes, origin: Origin) -> Received:
    """Return the message with its user and direction: a copy of a sent, a forwarded or a received message."""
    dropped_by = drop_user(parsed)
    user = origin.owner or dropped_by
    everyone = [*parsed.to, *parsed.cc, *parsed.bcc]
    involved = [*everyone, parsed.sender] if parsed.sender else everyone
    colleagues = senders.own_users([address.address for address in involved])
    own = {*colleagues, *([origin.mailbox.address.lower()] if origin.mailbox else [])}
    received = Received(
        parsed=parsed, raw=raw, thread=selectors.thread_of(parsed), mailbox=origin.mailbox, user=user,
        sender=parsed.sender, recipients=selectors.outsiders(everyone, own), by_hand=origin.user is not None,
        by_drop=dropped_by is not None,
    )  # fmt: skip
    if parsed.sender and _is_from_user(parsed.sender, origin, user, colleagues):
        _set_sent_by_user(received, colleagues.get(parsed.sender.address))
    elif parsed.sender and parsed.sender.address in colleagues:  # or somebody who pretends to be: a person decides
        received.is_unread_forward = is_unread_forward(parsed) or forwarded(parsed) is not None
    return received


def _is_from_user(sender: Address, origin: Origin, user: User | None, colleagues: dict[str, User]) -> bool:
    """Return whether the sender is a user or the mailbox itself; the address of another sender could be forged."""
    if origin.mailbox is None:
        return sender.address in colleagues
    return sender.address == (user.email.lower() if user else origin.mailbox.address.lower())


def _set_sent_by_user(received: Received, user: User | None) -> None:
    """Treat the message as a copy that the user sent, or as one that the user forwarded."""
    received.user = user
    original = forwarded(received.parsed)
    if original is None:
        received.is_unread_forward = is_unread_forward(received.parsed)
        received.direction = Direction.OUT
        return
    received.sender = original.sender
    received.is_forward = True
    if original.message:
        received.parsed = dataclasses.replace(original.message, size=received.parsed.size)
        received.thread = selectors.thread_of(received.parsed)


def _process_automatic(received: Received) -> tuple[str, str] | None:
    """Process a report or a message of a registered handler; return outcome and reason, or None."""
    parsed = received.parsed
    if parsed.report:
        is_bounce = parsed.report.kind == ReportKind.BOUNCE
        if is_bounce and report_read(parsed):
            return CAPTURED, ReportKind.BOUNCE
        return REFUSED, ReportKind.DELIVERY if is_bounce else parsed.report.kind
    reason = message_handle(parsed, received.sender.address) if received.sender else ""
    return (CAPTURED, reason) if reason else None


def _check_ignored(received: Received, origin: Origin) -> tuple[str, str] | None:
    """Return outcome and reason if the message is not to be logged."""
    parsed = received.parsed
    if senders.is_own(parsed):
        return REFUSED, "own"
    if received.direction == Direction.OUT:
        is_work = received.recipients or received.by_drop or received.is_unread_forward
        return None if is_work else (REFUSED, "internal")
    if received.by_hand:
        return None
    if received.is_forward or received.is_unread_forward:
        return None
    if received.sender and senders.own_users([received.sender.address]):
        return REFUSED, "internal"
    return (REFUSED, "rule") if senders.is_sender_ignored(parsed) else None


def _find_place(received: Received) -> Place:
    parsed, thread = received.parsed, received.thread
    if received.direction == Direction.OUT:
        if not received.recipients:
            return Place(reason="forwarded_by_whom")
        return selectors.place_sent(received.recipients, thread)
    if received.is_unread_forward:
        return Place(reason="forwarded_by_whom")
    return selectors.place_received(parsed, thread, received.sender)


def _keep_raw(raw: bytes, origin: Origin, reason: str) -> Outcome:
    """Store an unreadable message: its file, the reason and, if it is only too large, its headers."""
    sha256 = "sha256:" + hashlib.sha256(raw).hexdigest()
    parsed = ParsedMessage(message_id=sha256, has_own_id=False, size=len(raw))
    if reason == "too_large":
        parsed = dataclasses.replace(parse_head(raw), message_id=sha256, size=len(raw))
    known = _known(parsed.message_id)
    if known:
        return Outcome(KNOWN, known)
    return _outcome(message_keep(_unread(parsed, raw, origin), MessageState.REFUSED, reason))


def _unread(parsed: ParsedMessage, raw: bytes, origin: Origin) -> Received:
    return Received(
        parsed=parsed, raw=raw, thread=None, mailbox=origin.mailbox, user=origin.owner, sender=parsed.sender,
        recipients=[], by_hand=origin.user is not None,
    )  # fmt: skip


def report_read(parsed: ParsedMessage) -> bool:
    """Mark the reported message as not delivered and notify its writer; return whether it was sent from here.

    A second report about the same message changes nothing.
    """
    ids = parsed.report.message_ids if parsed.report else []
    sent = EmailMessage.objects.select_for_update(of=("self",)).filter(message_id__in=ids, direction=Direction.OUT)
    message = sent.select_related("user").first()
    if message is None or parsed.report is None:
        return False
    if message.state == MessageState.SENT:
        message.state = MessageState.FAILED
        message.error = (_("Not delivered: %s") % (parsed.report.reason or "–"))[:1000]
        message.save(update_fields=["state", "error"])
        if message.user:
            notify(
                users=[message.user],
                kind="email_bounced",
                url=message.get_absolute_url(),
                subject=message.subject[:200],
                reason=parsed.report.reason[:200],
            )
    return True
