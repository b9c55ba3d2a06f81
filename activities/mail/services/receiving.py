"""Taking in received messages: whatever comes is kept once, and becomes an activity where it is known whose it is."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.mail import rules
from activities.mail.enums import Direction, MessageState
from activities.mail.handlers import message_handle
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import ParsedMessage, parse, parse_head
from activities.mail.models import EmailMessage, Mailbox
from activities.mail.selectors import filing
from activities.mail.selectors.filing import Place
from activities.mail.services.filing import Received, message_keep, message_place
from activities.mail.transport.dropbox import drop_user, forwarded
from core.exceptions import BusinessRuleError
from customers.models import Customer

log = structlog.get_logger(__name__)

#: What became of a message, as ``capture_email`` counts them.
CAPTURED, KNOWN, INBOX, REFUSED = "captured", "known", "inbox", "refused"
_OUTCOMES = {MessageState.FILED: CAPTURED, MessageState.SENT: CAPTURED, MessageState.INBOX: INBOX}


@dataclass(frozen=True)
class Origin:
    """How a message came: to a mailbox, by a user's hand or by the command (neither)."""

    mailbox: Mailbox | None = None
    user: User | None = None
    customer: Customer | None = None  # chosen by hand
    is_head_only: bool = False

    @property
    def owner(self) -> User | None:
        """Whose message it is alone, until it is filed."""
        return self.mailbox.owner if self.mailbox else self.user


@dataclass(frozen=True)
class Outcome:
    kind: str
    message: EmailMessage

    @property
    def reasons(self) -> list[str]:
        return rules.reasons(self.message.error) if self.message.activity_id is None else []


def message_receive(raw: bytes, origin: Origin) -> Outcome:
    """Take in one message; return what became of it. The same Message-ID is kept once, whoever brings it when.

    It becomes a done e-mail activity under its customer and contacts, or waits in the inbox, or is ignored by a rule,
    or is kept as a file with the reason. A bug of the program ends no job: the message is kept then too. Raises
    :class:`BusinessRuleError` only where a customer was chosen by hand: then nothing is kept.
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
    """Keep the sign of a message that its server lists and does not give."""
    message_id = f"imap:{mailbox.pk}:{mailbox.uid_validity}:{uid}"
    known = _known(message_id)
    if known:
        return Outcome(KNOWN, known)
    parsed = ParsedMessage(message_id=message_id, has_own_id=False, size=0)
    origin = Origin(mailbox=mailbox)
    return _done(message_keep(_bare(parsed, b"", origin), MessageState.REFUSED, "not_fetched"))


def _receive(raw: bytes, origin: Origin) -> Outcome:
    if len(raw) > settings.EMAIL_MAX_BYTES:
        return _keep_raw(raw, origin, "too_large")
    parsed = parse(raw)
    if not parsed.is_message:
        return _keep_raw(raw, origin, "not_a_message")
    known = _known(parsed.message_id, parsed.in_reply_to, *parsed.references)
    if known:
        return _again(known, origin)
    received = _understood(parsed, raw, origin)
    if received.parsed is not parsed and (known := _known(received.parsed.message_id)):
        return Outcome(KNOWN, known)
    if origin.is_head_only:
        return _done(message_keep(received, MessageState.REFUSED, "headers_only"))
    if origin.customer:
        return _done(message_place(received, filing.place_under(origin.customer, received.counterparts), strict=True))
    ignored = _read_by_program(received) or _ignored(received, origin)
    if ignored:
        return Outcome(ignored[0], message_keep(received, MessageState.IGNORED, ignored[1]))
    return _done(message_place(received, _place(received, origin)))


def _done(message: EmailMessage) -> Outcome:
    return Outcome(_OUTCOMES.get(MessageState(message.state), REFUSED), message)


def _known(message_id: str, *named: str) -> EmailMessage | None:
    """Return the message that has this id.

    Of two who bring it at the same time the second waits for the first, and so does an answer for what it names.
    """
    ids = sorted({message_id, *filter(None, named)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(id, 77)) FROM unnest(%s::text[]) AS id", [ids])
    return EmailMessage.objects.select_related("activity").filter(message_id=message_id).first()


def _again(message: EmailMessage, origin: Origin) -> Outcome:
    """A known message: one that waits is filed under the customer that was chosen, or seen by all it has come to."""
    if message.activity_id is None:
        if origin.customer and origin.user and _may_file(message, origin.user):
            from activities.mail.services.inbox import message_file

            return Outcome(CAPTURED, message_file(message=message, user=origin.user, customer=origin.customer))
        if origin.mailbox and origin.mailbox.owner_id is None and message.user_id is not None:
            EmailMessage.objects.filter(pk=message.pk).update(user=None, mailbox=origin.mailbox)
    return Outcome(KNOWN, message)


def _may_file(message: EmailMessage, user: User) -> bool:
    return EmailMessage.objects.inbox_of(user).filter(pk=message.pk).exists()


def _understood(parsed: ParsedMessage, raw: bytes, origin: Origin) -> Received:
    """See whose message it is and which way it went: a copy of a sent one, a forwarded one, a received one."""
    dropped_by = drop_user(parsed)
    user = origin.owner or dropped_by
    everybody = [*parsed.to, *parsed.cc, *parsed.bcc]
    colleagues = rules.own_users([one.address for one in (*([parsed.sender] if parsed.sender else []), *everybody)])
    own = {*colleagues, *([origin.mailbox.address.lower()] if origin.mailbox else [])}
    received = Received(
        parsed=parsed, raw=raw, thread=filing.thread_of(parsed), mailbox=origin.mailbox, user=user,
        sender=parsed.sender, recipients=filing.outsiders(everybody, own), by_hand=origin.user is not None,
        by_drop=dropped_by is not None,
    )  # fmt: skip
    if parsed.sender and _is_ours(parsed.sender, origin, user, colleagues):
        _from_us(received, colleagues.get(parsed.sender.address))
    return received


def _is_ours(sender: Address, origin: Origin, user: User | None, colleagues: dict[str, User]) -> bool:
    """In a shared mailbox a sender's address proves nothing: there the secret of the drop address does."""
    if origin.mailbox is None:
        return sender.address in colleagues
    return sender.address == (user.email.lower() if user else origin.mailbox.address.lower())


def _from_us(received: Received, user: User | None) -> None:
    received.user = user
    found = forwarded(received.parsed)
    if found is None:
        received.direction = Direction.OUT
        return
    received.sender = found.sender
    received.is_forward = True
    if found.message:
        received.parsed = dataclasses.replace(found.message, size=received.parsed.size)
        received.thread = filing.thread_of(received.parsed)


def _read_by_program(received: Received) -> tuple[str, str] | None:
    """What programs write to programs: reports of mail servers, and what the registered handlers read."""
    parsed = received.parsed
    if parsed.is_report:
        return (CAPTURED, "bounce") if report_read(parsed) else (REFUSED, "report")
    reason = message_handle(parsed, received.sender.address) if received.sender else ""
    return (CAPTURED, reason) if reason else None


def _ignored(received: Received, origin: Origin) -> tuple[str, str] | None:
    """Return why the message is none that anybody waits for."""
    parsed = received.parsed
    if rules.loop(parsed):
        return REFUSED, "own"
    if received.direction == Direction.OUT:
        return None if received.recipients or received.by_drop else (REFUSED, "internal")
    if received.is_forward or received.by_hand:
        return None
    if received.sender and rules.own_users([received.sender.address]):
        return REFUSED, "internal"
    return (REFUSED, "rule") if rules.told_to_ignore(parsed) else None


def _place(received: Received, origin: Origin) -> Place:
    parsed, thread = received.parsed, received.thread
    if received.direction == Direction.OUT:
        if not received.recipients:
            return Place(reason="forwarded_by_whom")
        return filing.place_sent(received.recipients, thread)
    return filing.place_received(parsed, thread, received.sender)


def _keep_raw(raw: bytes, origin: Origin, reason: str) -> Outcome:
    """Keep what cannot be read: the file, the reason and, where there is one, its head."""
    sha256 = "sha256:" + hashlib.sha256(raw).hexdigest()
    parsed = ParsedMessage(message_id=sha256, has_own_id=False, size=len(raw))
    if reason == "too_large":
        parsed = dataclasses.replace(parse_head(raw), message_id=sha256, size=len(raw))
    known = _known(parsed.message_id)
    if known:
        return Outcome(KNOWN, known)
    return _done(message_keep(_bare(parsed, raw, origin), MessageState.REFUSED, reason))


def _bare(parsed: ParsedMessage, raw: bytes, origin: Origin) -> Received:
    return Received(
        parsed=parsed, raw=raw, thread=None, mailbox=origin.mailbox, user=origin.owner, sender=parsed.sender,
        recipients=[], by_hand=origin.user is not None,
    )  # fmt: skip


def report_read(parsed: ParsedMessage) -> bool:
    """Write at the sent message that it was not delivered, and why; return whether it is one of ours.

    Its writer is told. A second report adds nothing to the first.
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
