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

from activities.mail.mime import body as bodies
from activities.mail.mime import headers
from activities.mail.mime.addresses import own_mark
from activities.mail.mime.headers import Address, decode
from core.richtext import to_text

MAX_PARTS = 200
MAX_ATTACHMENTS = 50
#: A smaller inline picture is a logo and is not listed as an attachment.
LOGO_BYTES = 20_000
OWN_HEADER = "X-Portaali"  # on every message that the program itself sends


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes


@dataclass
class Report:
    """A mail server's report of a message that was not delivered."""

    message_ids: list[str]
    reason: str


@dataclass
class ParsedMessage:
    """A parsed message; ``problems`` describes the parts that could not be read."""

    message_id: str
    has_own_id: bool
    size: int
    sender: Address | None = None
    reply_to: Address | None = None
    subject: str = ""
    date: dt.datetime | None = None
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
    is_report: bool = False  # written by a mail server
    report: Report | None = None
    is_automatic: bool = False
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
    parsed = ParsedMessage(
        message_id=own_ids[0] if own_ids else "sha256:" + hashlib.sha256(raw).hexdigest(),
        has_own_id=bool(own_ids),
        size=len(raw),
        sender=senders[0] if senders else None,
        reply_to=next(iter(headers.addresses(message, "Reply-To")), None),
        subject=headers.header(message, "Subject")[:500],
        date=headers.date(message),
        in_reply_to=replies[0] if replies else "",
        references=headers.message_ids(message, "References"),
        to=headers.addresses(message, "To"),
        cc=headers.addresses(message, "Cc"),
        bcc=headers.addresses(message, "Bcc"),
        delivered_to=headers.addresses(message, "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"),
        is_message=bool(senders or own_ids or headers.raw_header(message, "Date") or message.get("Received")),
    )
    _set_origin(message, parsed)
    return parsed


def _set_origin(message: Message, parsed: ParsedMessage) -> None:
    """Set whether a program, a mailing list or Portaali itself wrote the message."""
    auto = headers.header(message, "Auto-Submitted").lower()
    precedence = headers.header(message, "Precedence").lower()
    is_reply = any(headers.raw_header(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"))
    listed = any(headers.raw_header(message, name) for name in ("List-Id", "List-Unsubscribe"))
    parsed.is_own = headers.raw_header(message, OWN_HEADER).strip() == own_mark()
    parsed.is_bulk = listed or precedence in {"bulk", "list", "junk"}
    parsed.is_automatic = parsed.is_bulk or is_reply or (bool(auto) and auto != "no") or precedence == "auto_reply"


def _parse_content(message: Message, parsed: ParsedMessage) -> None:
    parts, twins = _leaf_parts(message, parsed)
    texts = [_read_text(part, parsed) for part in parts]
    parsed.body = bodies.clean_html("".join(texts))
    if not to_text(parsed.body) and twins:
        parsed.body = bodies.clean_html("".join(_read_text(part, parsed) for part in twins))
    shown = set(re.findall(r"cid:([^\"'>\s)]+)", "".join(texts).lower()))
    _add_attachments(parts, shown, parsed)
    user = parsed.sender.address.partition("@")[0] if parsed.sender else ""
    parsed.is_report = message.get_content_type() == "multipart/report" or user in {"mailer-daemon", "postmaster"}
    if parsed.is_report:
        parsed.report = _parse_report(parts, parsed)
        parsed.is_automatic = True


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
    return [child for child in children if child.get_content_type() == "text/plain" and not _is_attached(child)]


def _read_text(part: Message, parsed: ParsedMessage) -> str:
    """Return a part's text as HTML; add a calendar to ``parsed.calendars``."""
    kind = part.get_content_type()
    if kind == "text/calendar":
        parsed.calendars.append(_part_text(part)[:200_000])
        return ""
    if _is_attached(part) or kind not in {"text/plain", "text/html"}:
        return ""
    if kind == "text/html":
        return _part_text(part)
    flowed = str(_param(part, "format")).lower() == "flowed"
    delsp = str(_param(part, "delsp")).lower() == "yes"
    return bodies.from_text(_part_text(part), flowed=flowed, delsp=delsp)


def _add_attachments(parts: list[Message], shown: set[str], parsed: ParsedMessage) -> None:
    for number, part in enumerate(parts, 1):
        kind = part.get_content_type()
        is_text = kind in {"text/plain", "text/html", "message/delivery-status"} and not _is_attached(part)
        if is_text or (kind == "text/calendar" and not _is_attached(part)):
            continue
        content = _content(part)
        content_id = headers.header(part, "Content-ID").strip("<>").lower()
        if content is None or (content_id in shown and len(content) < LOGO_BYTES):
            continue
        if len(parsed.attachments) == MAX_ATTACHMENTS:
            parsed.problems.append(
                _("More than %d attachments: the rest are only in the original file.") % MAX_ATTACHMENTS
            )
            return
        if kind == "message/rfc822":
            parsed.messages.append(content)
        parsed.attachments.append(Attachment(_attachment_name(part, number), content))


def _content(part: Message) -> bytes | None:
    """Return an attachment's bytes; an attached message is returned as a file."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        try:
            return inner.as_bytes() if isinstance(inner, Message) else None
        except Exception:  # a broken message cannot always be written again
            return str(inner).encode("utf-8", "replace")
    return _bytes(part)


def _bytes(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except Exception:  # a wrongly declared encoding
        data = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else b""


def _part_text(part: Message) -> str:
    charset = str(_param(part, "charset")).strip("'\" ")[:60]
    return decode(_bytes(part)[: 20 * bodies.MAX_CHARACTERS], charset or None).replace("\x00", "")


def _param(part: Message, name: str) -> object:
    try:
        value = part.get_param(name) or ""
    except Exception:
        return ""
    return value[2] if isinstance(value, tuple) else value


def _is_attached(part: Message) -> bool:
    disposition = headers.raw_header(part, "Content-Disposition").strip().lower()
    return disposition.startswith("attachment") or (bool(_file_name(part)) and not disposition.startswith("inline"))


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:
        return ""
    return headers.clean_line(headers.decode_words(headers.text_of(name)))[:300]


def _attachment_name(part: Message, number: int) -> str:
    """Return an attachment's name, or one by its type."""
    endings = {"message/rfc822": "eml", "text/plain": "txt", "application/pdf": "pdf", "image/png": "png",
               "image/jpeg": "jpg", "image/gif": "gif", "text/html": "html"}  # fmt: skip
    name = _file_name(part)
    if not name and part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        name = headers.header(first, "Subject")[:80] if isinstance(first, Message) else ""
    name = name or _("attachment %d") % number
    ending = endings.get(part.get_content_type(), "")
    return name if not ending or name.lower().endswith(f".{ending}") or "." in name[-6:] else f"{name}.{ending}"


def _parse_report(parts: list[Message], parsed: ParsedMessage) -> Report | None:
    """Return the report of an undelivered message; None for delays and receipts."""
    failures, actions = [], []
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in (child for child in blocks if isinstance(child, Message)) if isinstance(blocks, list) else ():
            action = headers.header(block, "Action").lower()
            actions += [action] if action else []
            if action == "failed":
                failures.append(_failure_text(block))
    if actions and not failures:
        return None
    ids = list(dict.fromkeys([*_ids_within(parts), parsed.in_reply_to, *parsed.references]))
    reason = "; ".join(failures)[:900] or headers.clean_line(to_text(parsed.body))[:300]
    return Report([message_id for message_id in ids if message_id][:20], reason)


def _failure_text(block: Message) -> str:
    address = headers.header(block, "Final-Recipient").rpartition(";")[2].strip()
    cause = headers.header(block, "Diagnostic-Code").partition(";")[2].strip() or headers.header(block, "Status")
    return f"{address}: {cause}"[:300]


def _ids_within(parts: list[Message]) -> list[str]:
    """Return the ids of the messages that a report contains, whole or only their headers."""
    ids: list[str] = []
    for part in parts:
        kind = part.get_content_type()
        content = (_content(part) or b"") if kind in {"message/rfc822", "text/rfc822-headers"} else b""
        if kind == "text/plain":
            content = _bytes(part)
        ids += re.findall(r"(?im)^\s*message-id:\s*<([^<>\s]{3,500})>", decode(content[:50_000]))
    return ids
