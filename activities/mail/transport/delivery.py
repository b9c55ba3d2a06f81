"""Handing one message to the mail server, and what the server's answer means."""

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
    """The message was not taken. ``str()`` is what the server said."""


class TemporaryError(DeliveryError):
    """It is worth trying again later."""


class PermanentError(DeliveryError):
    """Trying again changes nothing."""


class UnknownError(DeliveryError):
    """The connection broke while the message was on its way: nobody knows whether the server took it."""


@dataclass(frozen=True)
class Delivered:
    """The server took the message, but not for ``refused``: address → what it said."""

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
    """A message that is ready, for the backends that write it to a file, a screen or a list."""

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
        _leave(connection)
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        _leave(connection)
        raise TemporaryError(_words(error)) from error
    try:
        code, words = server.data(raw)
    except smtplib.SMTPDataError as error:  # refused before a byte of the message was sent
        _leave(connection)
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        _leave(connection)
        raise UnknownError(_words(error)) from error
    _leave(connection)
    if code != 250:
        raise _refusal(code, words)
    return Delivered(refused)


def _envelope(server: Any, raw: bytes, sender: str, recipients: Sequence[str]) -> dict[str, str]:
    """Say who sends to whom; return who was refused. With nobody left it raises the server's answer."""
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
    return {address: _said(*answer) for address, answer in refused.items()}


def _refusal(code: int, words: Any) -> DeliveryError:
    is_temporary = 400 <= code < 500
    return (TemporaryError if is_temporary else PermanentError)(_said(code, words))


def _said(code: int, words: Any) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(text.split())}"[:500]


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or _("The mail server does not answer.")


def _leave(connection: EmailBackend) -> None:
    """What was said counts: that saying goodbye fails changes nothing."""
    with suppress(smtplib.SMTPException, OSError):
        connection.close()
