"""The outgoing mail queue: each row is claimed before it reaches the server, so that none is sent twice automatically.

An app that mails its own rows defines an :class:`Outbox` for them and declares it in ``OUTBOXES`` among its
registrations; the sweeper checks all of them. A waiting row is claimed (committed), handed to the server and
marked with the result. A row that a dead worker left half sent is marked as failed with an unknown result: a person
decides whether to send it again.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.utils.translation import gettext as _

from activities.mail.enums import MESSAGE_TRANSITIONS, MessageState
from activities.mail.mime.addresses import wire
from core import clock
from core.exceptions import BusinessRuleError
from core.queue import queue_task
from core.registry import declared

#: Seconds to wait before the second, third … attempt; after the last attempt the row has failed.
BACKOFF = (60, 300, 900, 3_600)
#: A row that is being sent for longer was left by a worker that died.
LOST_AFTER = dt.timedelta(minutes=30)
#: The error of a row of which the worker died, or the connection broke, while it was being sent.
UNKNOWN = "unknown"


class DeliveryError(Exception):
    """The server did not accept the message; ``str()`` is its answer."""


class TemporaryError(DeliveryError):
    """A later attempt may succeed."""


class PermanentError(DeliveryError):
    """No later attempt can succeed."""


class UnknownError(DeliveryError):
    """The connection broke during delivery: it is not known whether the server accepted the message."""


@dataclass(frozen=True)
class Delivered:
    """The server accepted the message, except for ``refused``: its answer by address."""

    refused: dict[str, str] = field(default_factory=dict)


def deliver(raw: bytes, sender: str, recipients: Sequence[str]) -> Delivered:
    """Hand the message to the server of Django's e-mail settings.

    Raises :class:`TemporaryError`, :class:`PermanentError` or :class:`UnknownError`.
    """
    connection = get_connection()
    if isinstance(connection, EmailBackend):
        return _by_smtp(connection, raw, sender, recipients)
    return _by_other(connection, RawMessage(raw, sender, recipients))


def deliver_mail(mail: EmailMessage) -> Delivered:
    """Hand a message that Django has made to the server. Raises as :func:`deliver`."""
    connection = get_connection()
    if isinstance(connection, EmailBackend):
        raw = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        return _by_smtp(connection, raw, wire(parseaddr(mail.from_email)[1]), mail.recipients())
    return _by_other(connection, mail)


def _by_other(connection: Any, mail: EmailMessage) -> Delivered:
    try:
        connection.send_messages([mail])
    except OSError as error:
        raise TemporaryError(str(error)) from error
    return Delivered()


class RawMessage(EmailMessage):
    """A finished message, for the backends that write it to a file, the console or a list."""

    def __init__(self, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
        self.raw = raw
        parsed = message_from_bytes(raw)
        super().__init__(str(parsed["Subject"] or ""), from_email=sender, to=list(recipients))

    def message(self) -> Message:  # type: ignore[override]
        return message_from_bytes(self.raw)


def _by_smtp(connection: EmailBackend, raw: bytes, sender: str, recipients: Sequence[str]) -> Delivered:
    try:
        connection.open()
        server: Any = connection.connection
        refused = _envelope(server, raw, sender, recipients)
    except smtplib.SMTPResponseException as error:
        _close(connection)
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        _close(connection)
        raise TemporaryError(_error_text(error)) from error
    try:
        code, words = server.data(raw)
    except smtplib.SMTPDataError as error:  # refused before a byte of the message was sent
        _close(connection)
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        _close(connection)
        raise UnknownError(_error_text(error)) from error
    _close(connection)
    if code != 250:
        raise _refusal(code, words)
    return Delivered(refused)


def _envelope(server: Any, raw: bytes, sender: str, recipients: Sequence[str]) -> dict[str, str]:
    """Send the envelope; return the answers for refused recipients. Raise the server's answer if all are refused."""
    server.ehlo_or_helo_if_needed()
    options = [f"size={len(raw)}"] if server.does_esmtp and server.has_extn("size") else []
    code, words = server.mail(sender, options)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, words, sender)
    answers = {address: server.rcpt(address) for address in recipients}
    refused = {address: answer for address, answer in answers.items() if answer[0] not in (250, 251)}
    if len(refused) == len(answers):
        code, words = max(refused.values(), key=lambda answer: 400 <= answer[0] < 500)
        raise smtplib.SMTPResponseException(code, words)
    return {address: _answer_text(*answer) for address, answer in refused.items()}


def _refusal(code: int, words: Any) -> DeliveryError:
    is_temporary = 400 <= code < 500
    return (TemporaryError if is_temporary else PermanentError)(_answer_text(code, words))


def _answer_text(code: int, words: Any) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(text.split())}"[:500]


def _error_text(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or _("The mail server does not respond.")


def _close(connection: EmailBackend) -> None:
    """Close the connection; an error there does not change the result."""
    with suppress(smtplib.SMTPException, OSError):
        connection.close()


class Sendable(Protocol):
    """The fields of the rows of every outbox, besides the one that ``Outbox.moment`` names."""

    pk: Any
    state: Any
    error: Any
    attempts: Any

    def save(self, *args: Any, **kwargs: Any) -> None: ...


Row = TypeVar("Row", bound=Sendable)


class Outbox(Generic[Row]):
    """The rows of one model that are mailed: how each is delivered, and what follows when it is sent or has failed."""

    model: Any  # of the rows
    task: ClassVar[str]  # the name of the task that sends one row
    related: ClassVar[tuple[str, ...]] = ()
    moment: ClassVar[str] = "state_at"  # the field with the time of the state; of a waiting row, when to send it
    fields: ClassVar[tuple[str, ...]] = ()  # further fields that ``sent`` and ``failed`` change

    def deliver(self, row: Row) -> Delivered:
        """Hand the row to the mail server. Raises as :func:`deliver`."""
        raise NotImplementedError

    def queue(self, pk: int) -> None:
        """Let a worker send the row after commit; a row that the broker loses is queued again by ``sweep``."""
        queue_task(self.task, pk)

    def obstacle(self, row: Row) -> str:
        """Return the reason why the row must no longer be sent, or an empty string."""
        return ""

    def sent(self, row: Row, answer: Delivered) -> None:
        """Record that the server has accepted the row."""

    def failed(self, row: Row) -> None:
        """Record that sending has failed; ``row.error`` has the reason."""

    def send(self, pk: int) -> None:
        """Send the row if it is waiting and due; do nothing otherwise."""
        row = self._claim(pk)
        if row is None:
            return
        if obstacle := self.obstacle(row):
            return self._give_up(row, obstacle)
        try:
            answer = self.deliver(row)
        except TemporaryError as error:
            self._postpone(row, str(error))
        except (PermanentError, FileNotFoundError, ValueError) as error:
            self._give_up(row, str(error))
        except UnknownError:
            self._give_up(row, UNKNOWN)
        else:
            self._mark_sent(row, answer)
        return None

    def sweep(self) -> None:
        """Queue the rows that are due, and mark those that a dead worker left half sent as failed."""
        now, rows = clock.now(), self.model._default_manager.all()
        lost = rows.filter(state=MessageState.SENDING, **{f"{self.moment}__lt": now - LOST_AFTER})
        for row in lost.order_by("pk")[:100]:
            self._give_up(row, UNKNOWN)
        due = rows.filter(state=MessageState.WAITING, **{f"{self.moment}__lte": now})
        for pk in due.order_by(self.moment).values_list("pk", flat=True)[:500]:
            self.queue(pk)

    @transaction.atomic
    def retry(self, pk: int, *, confirmed: bool = False) -> Row:
        """Queue a failed row again, with all its attempts; return the row.

        Raises :class:`BusinessRuleError`: ``state_not_allowed``; ``delivery_unknown`` if it may have arrived already
        and ``confirmed`` is not set; ``not_needed`` if it must no longer be sent.
        """
        row = self._locked().get(pk=pk)
        if row.state != MessageState.FAILED:  # only its own worker may requeue a row that is being sent
            raise not_now()
        if row.error == UNKNOWN and not confirmed:
            raise BusinessRuleError("delivery_unknown", maybe_sent(), field="confirmed")
        if obstacle := self.obstacle(row):
            raise BusinessRuleError("not_needed", obstacle)
        self.send_again(row)
        return row

    def send_again(self, row: Row) -> None:
        """Set a locked row to waiting, with all its attempts, and queue it after commit."""
        row.attempts = 0
        self._set_state(row, MessageState.WAITING, at=clock.now())
        self.queue(row.pk)

    def _locked(self, **options: Any) -> Any:
        rows = self.model._default_manager.select_for_update(of=("self",), **options)
        return rows.select_related(*self.related) if self.related else rows

    @transaction.atomic
    def _claim(self, pk: int) -> Row | None:
        """Mark a waiting row as being sent, so that no other worker sends it, and commit; return the row."""
        due = {"state": MessageState.WAITING, f"{self.moment}__lte": clock.now()}
        row = self._locked(skip_locked=True).filter(pk=pk, **due).first()
        if row:
            row.attempts += 1
            self._set_state(row, MessageState.SENDING, at=clock.now())
        return row

    def _relock(self, row: Row) -> Row | None:
        """Return the claimed row, locked, or None if it has been marked as lost or queued again meanwhile."""
        claimed = {"state": MessageState.SENDING, self.moment: getattr(row, self.moment)}
        return self._locked().filter(pk=row.pk, **claimed).first()

    @transaction.atomic
    def _postpone(self, row: Row, error: str) -> None:
        """Queue the row for a later attempt; after the last attempt mark it as failed."""
        if row.attempts > len(BACKOFF):
            return self._give_up(row, error)
        if claimed := self._relock(row):
            later = clock.now() + dt.timedelta(seconds=BACKOFF[claimed.attempts - 1])
            self._set_state(claimed, MessageState.WAITING, error=error, at=later)
        return None

    @transaction.atomic
    def _give_up(self, row: Row, error: str) -> None:
        if claimed := self._relock(row):
            self._set_state(claimed, MessageState.FAILED, error=error)

    @transaction.atomic
    def _mark_sent(self, row: Row, answer: Delivered) -> None:
        if claimed := self._relock(row):
            refused = "; ".join(f"{address}: {error}" for address, error in answer.refused.items())
            self._set_state(claimed, MessageState.SENT, error=refused, at=clock.now(), answer=answer)

    def _set_state(
        self,
        row: Row,
        state: MessageState,
        *,
        error: str = "",
        at: dt.datetime | None = None,
        answer: Delivered | None = None,
    ) -> None:
        if state not in MESSAGE_TRANSITIONS[MessageState(row.state)]:
            raise not_now()
        row.state, row.error = state, error[: self.model._meta.get_field("error").max_length]
        setattr(row, self.moment, at or getattr(row, self.moment))
        if answer:
            self.sent(row, answer)
        elif state == MessageState.FAILED:
            self.failed(row)
        row.save(update_fields=["state", "error", "attempts", self.moment, *self.fields])


def outboxes_sweep() -> None:
    """Sweep every registered outbox."""
    for outbox in declared("OUTBOXES"):
        outbox.sweep()


def not_now() -> BusinessRuleError:
    text = _("The message cannot be sent now, because it has been sent or is being sent.")
    return BusinessRuleError("state_not_allowed", text)


def maybe_sent() -> str:
    return _("It is not known whether the message was sent: the recipients may get it twice.")


def error_text(row: Sendable) -> str:
    """Return the text of a row's error: why it was not sent, or the recipients that the server refused."""
    return _("It is not known whether the message was sent.") if row.error == UNKNOWN else row.error


def retry_warnings(row: Sendable) -> list[str]:
    """Return the warnings to show before a row is sent again."""
    if row.error == UNKNOWN:
        return [maybe_sent()]
    return [row.error] if row.error else []
