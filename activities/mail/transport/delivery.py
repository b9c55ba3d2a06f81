"""Delivery of one message to the mail server, and the meaning of the server's answers."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from activities.mail.mime.addresses import wire


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
