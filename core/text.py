"""Text as people see it: names, keys and addresses without characters that nobody sees; what is no text at all."""

from __future__ import annotations

import codecs
import re
import unicodedata

#: Soft hyphen, marks of direction, zero-width spaces, word joiners, byte order marks, fillers, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
#: What a joiner joins: scripts and emoji that are written differently with and without it.
_JOINED = "[\u0530-\u1dff\u2190-\u2bff\u2e80-\U0010ffff]"
_JOINER = re.compile(f"(?<!{_JOINED})[\u200c\u200d]|[\u200c\u200d](?!{_JOINED})")
_BLANK = re.compile("[\u2800\x01-\x08\x0e-\x1f\x7f-\x9f]")
_CONTROLS = bytes({*range(9), *range(14, 27), *range(28, 32)})
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def visible(text: str) -> str:
    """Return a text without the characters that nobody sees; a joiner stays where it shapes letters or emoji."""
    if text.isascii():
        return text
    return _JOINER.sub("", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """Return a name, key or address as it is stored: visible, composed (NFC), with single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(_BLANK.sub(" ", unicodedata.normalize("NFC", visible(text))).split())


def is_binary(start: bytes) -> bool:
    """Return whether a file that begins with ``start`` (some kilobytes) is text in no encoding.

    One zero byte is enough, or a control character among fifty. Text in UTF-16 is known by its byte order mark.
    """
    if wide := _WIDE.get(start[:2]):
        text = codecs.getincrementaldecoder(wide)("replace").decode(start)
        return "\ufffd" in text or "\x00" in text
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return b"\x00" in start or controls * 50 > len(start)
