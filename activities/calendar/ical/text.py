"""The text of a calendar file: lines unfolded before the bytes are decoded, so that no letter is torn apart."""

from __future__ import annotations

import codecs
import quopri
import re

from django.utils.translation import gettext as _

MAX_BYTES = 2 * 1024 * 1024
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]")
_FOLD_BYTES = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_QUOTED = re.compile(r"(?i)^[A-Z-]+(?:;[^:\n]*)?;ENCODING=QUOTED-PRINTABLE[^:\n]*:")
_CHARSET = re.compile(r"(?i);CHARSET=\"?([\w.-]{1,40})")


class CalendarError(ValueError):
    """The file cannot be read as a calendar; the message gives the reason."""


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as Windows-1252; the letters around them stay as they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("portaali_windows", _as_windows)


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with a byte order mark, or Windows-1252, with its lines unfolded.

    Raises :class:`CalendarError` if the file is too large.
    """
    if len(content) > MAX_BYTES:
        raise CalendarError(_("The file is larger than 2 MB."))
    if content[:2] in _BOMS:
        return unfold(content.decode("utf-16", errors="replace"))
    content = _FOLD_BYTES.sub(b"", content.removeprefix(codecs.BOM_UTF8))
    return content.decode("utf-8", errors="portaali_windows")


def unfold(text: str) -> str:
    """Return the text with lines joined that continue another, and with plain line ends."""
    return _FOLD.sub("", text.replace("\x00", "")).replace("\r\n", "\n").replace("\r", "\n")


def content_lines(text: str) -> list[str]:
    """Return the lines of the file; those that vCalendar 1.0 writes in quoted-printable are decoded."""
    lines: list[str] = []
    rest = iter(unfold(text).split("\n"))
    for line in rest:
        if _QUOTED.match(line):
            while line.endswith("="):  # a soft line break of quoted-printable
                line = line[:-1] + next(rest, "")
            line = _plain(line)
        lines.append(line)
    return lines


def _plain(line: str) -> str:
    head, _colon, value = line.partition(":")
    charset = match[1] if (match := _CHARSET.search(head)) else "utf-8"
    octets = quopri.decodestring(value.encode())
    try:
        text = octets.decode(charset)
    except (LookupError, ValueError):
        text = octets.decode("utf-8", errors="portaali_windows")
    name = head.partition(";")[0]
    return f"{name}:" + text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")
