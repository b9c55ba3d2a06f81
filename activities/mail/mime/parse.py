"""Parser of received messages. :func:`parse` accepts any bytes and reports the parts that it cannot read."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from django.utils.translation import gettext as _

from activities.mail.mime import automatic, headers, tnef
from activities.mail.mime import body as bodies
from activities.mail.mime.charsets import decode
from activities.mail.mime.headers import Address
from activities.mail.mime.parts import attachment_name, bytes_of, content_of, file_name, is_attached, param, text_of
from activities.mail.mime.reports import Report, ReportKind, report_of
from core.richtext import to_text

MAX_PARTS = 200
MAX_ATTACHMENTS = 50
#: A smaller inline picture is a logo and is not listed as an attachment.
LOGO_BYTES = 20_000
MAX_CALENDAR = 200_000
_FOLD = re.compile(rb"\r?\n[ \t]")
_CALENDARS = frozenset({"text/calendar", "application/ics"})


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes


@dataclass
class ParsedMessage:
    """A parsed message; ``problems`` describes the parts that could not be read."""

    message_id: str  # by its content if it has none
    has_own_id: bool
    size: int
    raw_id: str = ""  # by its bytes
    sender: Address | None = None
    reply_to: Address | None = None
    subject: str = ""
    date: dt.datetime | None = None  # the server's time of receipt if the message has none of its own
    has_date: bool = False
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)
    delivered_to: list[Address] = field(default_factory=list)
    body: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)  # attached messages
    calendars: list[str] = field(default_factory=list)
    report: Report | None = None  # set if a mail server or program wrote it about another message
    is_automatic: bool = False  # no person wrote it
    is_bulk: bool = False
    is_own: bool = False
    is_message: bool = True
    problems: list[str] = field(default_factory=list)


def parse(raw: bytes) -> ParsedMessage:
    """Return the parsed message; never raise."""
    try:
        message = message_from_bytes(raw, policy=compat32)
        parsed = _parse_headers(message, raw)
        _parse_content(message, parsed)
    except Exception as error:  # such as too deep nesting or a bug of the library
        parsed = parse_head(raw)
        parsed.problems.append(_("The content cannot be read (%s).") % type(error).__name__)
    return parsed


def parse_head(raw: bytes) -> ParsedMessage:
    """Return a message of which only the headers are parsed."""
    return _parse_headers(BytesHeaderParser(policy=compat32).parsebytes(raw[:200_000]), raw)


def _parse_headers(message: Message, raw: bytes) -> ParsedMessage:
    own_ids = headers.message_ids(message, "Message-ID")
    senders = headers.addresses(message, "From") or headers.addresses(message, "Sender")
    replies = headers.message_ids(message, "In-Reply-To")
    raw_id = "sha256:" + hashlib.sha256(raw).hexdigest()
    parsed = ParsedMessage(
        message_id=own_ids[0] if own_ids else raw_id,
        raw_id=raw_id,
        has_own_id=bool(own_ids),
        size=len(raw),
        sender=senders[0] if senders else None,
        reply_to=next(iter(headers.addresses(message, "Reply-To")), None),
        subject=headers.header(message, "Subject")[:500],
        date=headers.date(message),
        has_date=headers.own_date(message) is not None,
        in_reply_to=replies[0] if replies else "",
        references=headers.message_ids(message, "References"),
        to=headers.addresses(message, "To"),
        cc=headers.addresses(message, "Cc"),
        bcc=headers.addresses(message, "Bcc"),
        delivered_to=headers.addresses(message, "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"),
        is_message=bool(senders or own_ids or headers.raw_header(message, "Date") or message.get("Received")),
    )
    parsed.is_own = automatic.is_own(message)
    parsed.is_bulk = automatic.is_bulk(message)
    parsed.is_automatic = automatic.is_automatic(message)
    return parsed


def _parse_content(message: Message, parsed: ParsedMessage) -> None:
    parts, twins = _leaf_parts(message, parsed)
    texts = [_read_text(part, parsed) for part in parts]
    parsed.body = bodies.clean_html("".join(texts))
    if not to_text(parsed.body) and twins:
        parsed.body = bodies.clean_html("".join(_read_text(part, parsed) for part in twins))
    shown = set(re.findall(r"cid:([^\"'>\s)]+)", "".join(texts).lower()))
    _add_attachments(parts, shown, parsed)
    sender = parsed.sender.address if parsed.sender else ""
    parsed.report = parsed.report or report_of(message, parts, sender, to_text(parsed.body))
    parsed.is_automatic = parsed.is_automatic or parsed.report is not None
    if not parsed.has_own_id and parsed.has_date:
        parsed.message_id = content_id(parsed)


def content_id(parsed: ParsedMessage) -> str:
    """Return an id of a message by what is in it: by another way it has the same one."""
    files = sorted(hashlib.sha256(attachment.content).hexdigest() for attachment in parsed.attachments)
    sender = parsed.sender.address if parsed.sender else ""
    date = parsed.date.isoformat() if parsed.date and parsed.has_date else ""
    words = [" ".join(text.split()) for text in (sender, parsed.subject, date, to_text(parsed.body))]
    return "sha256:" + hashlib.sha256("\0".join([*words, *files]).encode("utf-8", "replace")).hexdigest()


def _leaf_parts(message: Message, parsed: ParsedMessage) -> tuple[list[Message], list[Message]]:
    """Return the parts with content, in order, and the plain texts that have an HTML alternative.

    The parts of an attached message are not included.
    """
    leaves: list[Message] = []
    twins: list[Message] = []
    waiting = [message]
    while waiting and len(leaves) < MAX_PARTS:
        part = waiting.pop()
        children = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if not isinstance(children, list):
            leaves.append(part)
            continue
        inner = [child for child in children if isinstance(child, Message)]
        plain = _plain_twins(part, inner)
        twins += plain
        waiting += [child for child in reversed(inner) if child not in plain]
    if waiting:
        parsed.problems.append(
            _("The message has more than %d parts: the rest are only in the original file.") % MAX_PARTS
        )
    return leaves, twins


def _plain_twins(part: Message, children: list[Message]) -> list[Message]:
    """Return the plain texts of a ``multipart/alternative`` that also has HTML."""
    kinds = {child.get_content_type() for child in children}
    if part.get_content_subtype() != "alternative" or not kinds & {"text/html", "multipart/related", "multipart/mixed"}:
        return []
    return [child for child in children if child.get_content_type() == "text/plain" and not is_attached(child)]


def _read_text(part: Message, parsed: ParsedMessage) -> str:
    """Return a part's text as HTML; add a calendar to ``parsed.calendars``."""
    kind = part.get_content_type()
    if kind in _CALENDARS:
        unfolded = _FOLD.sub(b"", bytes_of(part)[: 2 * MAX_CALENDAR])  # some programs fold lines within a letter
        calendar = decode(unfolded, param(part, "charset") or None)[:MAX_CALENDAR]
        parsed.calendars += [calendar] if calendar.strip() not in map(str.strip, parsed.calendars) else []
        return ""
    if is_attached(part) or kind not in {"text/plain", "text/html"}:
        return ""
    if kind == "text/html":
        return _text(part)
    flowed = param(part, "format").lower() == "flowed"
    delsp = param(part, "delsp").lower() == "yes"
    return bodies.from_text(_text(part), flowed=flowed, delsp=delsp)


def _text(part: Message) -> str:
    return text_of(part, 20 * bodies.MAX_CHARACTERS)


def _add_attachments(parts: list[Message], shown: set[str], parsed: ParsedMessage) -> None:
    calendars: set[bytes] = set()
    charset = next(filter(None, map(headers.charset_of, parts)), "")
    for number, part in enumerate(_named_first(parts), 1):
        kind = part.get_content_type()
        is_text = kind in {"text/plain", "text/html", "message/delivery-status", "message/disposition-notification"}
        content = None if is_text and not is_attached(part) else content_of(part)
        content_id = headers.header(part, "Content-ID").strip("<>").lower()
        if content is None or (content_id in shown and len(content) < LOGO_BYTES):
            continue
        if kind in _CALENDARS:
            if b"".join(content.split()) in calendars:
                continue
            calendars.add(b"".join(content.split()))
        if kind == "message/rfc822":
            parsed.messages.append(content)
        name = "invite.ics" if kind in _CALENDARS and not file_name(part) else attachment_name(part, number, charset)
        for attachment in _unpacked(Attachment(name, content), parsed):
            if len(parsed.attachments) == MAX_ATTACHMENTS:
                parsed.problems.append(
                    _("More than %d attachments: the rest are only in the original file.") % MAX_ATTACHMENTS
                )
                return
            parsed.attachments.append(attachment)


def _named_first(parts: list[Message]) -> list[Message]:
    """Return the parts with the calendars that have a name before their twins without one."""
    return sorted(parts, key=lambda part: part.get_content_type() in _CALENDARS and not file_name(part))


def _unpacked(attachment: Attachment, parsed: ParsedMessage) -> list[Attachment]:
    """Return the files within Outlook's ``winmail.dat``; their text becomes that of a message without one."""
    content = tnef.unpack(attachment.content)
    if content is None:
        return [attachment]
    if content.html and not to_text(parsed.body):
        parsed.body = bodies.clean_html(content.html)
    if "IPNRN" in content.message_class or "IPNNRN" in content.message_class:
        parsed.report = Report(ReportKind.RECEIPT, [])
    return [Attachment(name, data) for name, data in content.files]
