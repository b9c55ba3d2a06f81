"""One part of a message: its bytes, its text, its parameters and the name of its file, however it is declared."""

from __future__ import annotations

from email.message import Message

from django.utils.translation import gettext as _

from activities.mail.mime import headers
from activities.mail.mime.charsets import decode

#: What the name of a file ends in where it has no name of its own.
_ENDINGS = {
    "message/rfc822": "eml", "text/plain": "txt", "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg",
    "image/gif": "gif", "text/html": "html", "text/calendar": "ics", "application/ics": "ics",
}  # fmt: skip


def content_of(part: Message) -> bytes | None:
    """Return an attachment's bytes; an attached message is returned as a file."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        try:
            return inner.as_bytes() if isinstance(inner, Message) else None
        except Exception:  # a broken message cannot always be written again
            return str(inner).encode("utf-8", "replace")
    return bytes_of(part)


def bytes_of(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except Exception:  # a wrongly declared encoding
        data = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else b""


def text_of(part: Message, limit: int) -> str:
    """Return the text of the first ``limit`` bytes of a part, without NUL."""
    return decode(bytes_of(part)[:limit], param(part, "charset") or None)


def param(part: Message, name: str, header: str = "Content-Type", charset: str = "") -> str:
    """Return a parameter of a header: split into pieces, with its own charset, or in raw bytes of ``charset``."""
    holder = Message()
    try:
        holder[header] = headers.raw_header(part, header, charset)
        value = holder.get_param(name, "", header)
    except Exception:  # the library's reader of parameters raises whatever it likes
        return ""
    if not isinstance(value, tuple):
        return str(value or "").strip("'\" ")
    declared, _language, text = value
    try:
        return decode(text.encode("latin-1"), declared or None)
    except UnicodeEncodeError:
        return text


def is_attached(part: Message) -> bool:
    disposition = headers.raw_header(part, "Content-Disposition").strip().lower()
    return disposition.startswith("attachment") or (bool(file_name(part)) and not disposition.startswith("inline"))


def file_name(part: Message, charset: str = "") -> str:
    """Return the name that the message gives to a part's file, on one line; empty if it gives none."""
    name = param(part, "filename", "Content-Disposition", charset) or param(part, "name", charset=charset)
    return headers.clean_line(headers.decode_words(name))[:300]


def attachment_name(part: Message, number: int, charset: str = "") -> str:
    """Return an attachment's name, or one by its type; ``charset`` is that of the text."""
    name = file_name(part, charset)
    if not name and part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        name = headers.header(first, "Subject")[:80] if isinstance(first, Message) else ""
    name = name or _("attachment %d") % number
    ending = _ENDINGS.get(part.get_content_type(), "")
    return name if not ending or name.lower().endswith(f".{ending}") or "." in name[-6:] else f"{name}.{ending}"
