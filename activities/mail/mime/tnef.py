"""Messages of Outlook in its own format (TNEF, ``winmail.dat``): their text and files, read by tnefparse."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from striprtf.striprtf import rtf_to_text
from tnefparse import TNEF
from tnefparse.tnef import TNEFAttachment

from activities.mail.mime import body as bodies
from activities.mail.mime.charsets import decode, without_controls

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # a file that cannot be read is kept

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_RTF = 1_000_000
MAX_DEPTH = 3
#: The attribute "code page 1252": what follows it may declare another. Without one the library cannot read texts.
_CODE_PAGE = b"\x01\x07\x90\x06\x00\x08\x00\x00\x00\xe4\x04\x00\x00\x00\x00\x00\x00\xe8\x00"
_START, _END, _PLACE = (0x820D, 0x0060), (0x820E, 0x0061), (0x8208,)


@dataclass
class Unpacked:
    """What was in a file: HTML, and files with their names."""

    html: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)
    message_class: str = ""


def unpack(data: bytes, depth: int = 0) -> Unpacked | None:
    """Return the content of a TNEF file; None if it cannot be read or there is nothing in it."""
    if not data.startswith(SIGNATURE) or depth > MAX_DEPTH:
        return None
    try:
        tnef = TNEF(data[:6] + _CODE_PAGE + data[6:], do_checksum=False)
        result = Unpacked(_meeting(tnef) + _html(tnef), message_class=_class(tnef))
        for number, attachment in enumerate(tnef.attachments, 1):
            _add(result, attachment, number, depth)
    except Exception:  # the library raises whatever it likes
        return None
    return result if result.html or result.files or result.message_class.startswith("REPORT") else None


def _add(result: Unpacked, attachment: TNEFAttachment, number: int, depth: int) -> None:
    """Add an attached file, or the text and files of an attached message."""
    data = bytes(attachment.data)
    # the library has removed the zeros at the end of a message, which belong to it
    inner = unpack(data + b"\0\0\0\0", depth + 1) if hasattr(attachment, "embed") else None
    if inner is not None:
        result.html += f"<blockquote>{inner.html}</blockquote>" if inner.html else ""
        result.files += inner.files
    elif data:
        result.files.append((_name(attachment) or _("attachment %d") % number, data))


def _name(attachment: TNEFAttachment) -> str:
    try:
        name: Any = attachment.long_filename()
    except UnicodeDecodeError:
        name = attachment._name
    return (decode(name) if isinstance(name, bytes) else str(name)).strip("\x00 ")


def _html(tnef: TNEF) -> str:
    if tnef.htmlbody:
        return _text(tnef.htmlbody, tnef.codepage)
    if text := _text(tnef.body or b"", tnef.codepage).strip():
        return bodies.from_text(text)
    rich = tnef.rtfbody if len(tnef._rtfbody or b"") <= MAX_RTF else b""
    return bodies.from_text(rtf_to_text(rich.decode("latin-1"), errors="replace").strip()) if rich else ""


def _text(value: str | bytes, code_page: str) -> str:
    text = decode(value, code_page) if isinstance(value, bytes) else without_controls(value)
    return text.replace("\x00", "")


def _class(tnef: TNEF) -> str:
    return next((str(prop.data) for prop in tnef.msgprops if prop.name == TNEF.ATTMESSAGECLASS), "").upper()


def _meeting(tnef: TNEF) -> str:
    """Return when and where a meeting is, if the message invites to one or cancels it."""
    if "SCHEDULE.MEETING" not in _class(tnef):
        return ""
    lines = [(_("Begins"), _property(tnef, _START)), (_("Ends"), _property(tnef, _END))]
    texts = [
        f"{label}: {date_format(localtime(value.replace(tzinfo=dt.UTC)), 'SHORT_DATETIME_FORMAT')}"
        for label, value in lines
        if isinstance(value, dt.datetime)
    ]
    place = _property(tnef, _PLACE)
    texts += [_("Place") + f": {place}"] if isinstance(place, str) and place else []
    return bodies.from_text("\n".join(texts)) if texts else ""


def _property(tnef: TNEF, names: tuple[int, ...]) -> Any:
    for name in names:
        for prop in tnef.mapiprops:
            if name in (prop.guid_prop, prop.name):
                return prop.data
    return None
