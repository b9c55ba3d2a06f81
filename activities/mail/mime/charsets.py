"""Charsets of messages: what a label means in practice, and text with a wrong label."""

from __future__ import annotations

import codecs
import re

import webencodings
from charset_normalizer import from_bytes

#: The characters of Finnish, Swedish and other western texts; bytes that decode to these need no guess.
_USUAL = {*map(chr, range(128)), *"äöåÄÖÅéÉèÈüÜßáàâçêëíîïñóôõøØæÆúûšŠžŽ§°´·–—‘’“”„•…€\xa0«»½±×"}
#: The codecs whose label also stands on UTF-8, such as the default of old programs.
_WESTERN = frozenset({"cp1252", "cp1254"})
#: The Windows charset that programs mean where bytes 0x80–0x9F stand in text of an ISO charset.
_WINDOWS = {
    "iso8859-2": "cp1250", "iso8859-4": "cp1257", "iso8859-5": "cp1251", "iso8859-6": "cp1256", "iso8859-7": "cp1253",
    "iso8859-8": "cp1255", "iso8859-13": "cp1257",
}  # fmt: skip
_C1 = re.compile("[\x80-\x9f]")
_BAD = re.compile("[\udc80-\udcff]")


def decode(data: bytes, charset: str | None = None) -> str:
    """Return bytes as text: by the declared charset if it fits, or else as UTF-8, or else by a guess.

    Labels mean what they mean to browsers and mail programs: iso-8859-1 and us-ascii are Windows-1252.
    """
    codec = codec_of(charset or "")
    tried = ("utf-8", codec) if codec in _WESTERN else (codec, "utf-8")
    for name in filter(None, tried):
        try:
            return storable(without_controls(data.decode(name), name))
        except (LookupError, UnicodeError, ValueError, AttributeError):
            continue
    return storable(without_controls(_mostly_utf8(data) or _guessed(data)))


def codec_of(label: str) -> str:
    """Return the codec that is meant by the label of a charset; empty if there is none."""
    name = label.strip("'\" \t\r\n;")[:60]
    for known in (name, _python_name(name)):
        encoding = webencodings.lookup(known) if known.isascii() else None
        if encoding is not None and not encoding.name.startswith(("utf-16", "x-user")):
            return str(encoding.codec_info.name)
    return _python_name(name)


def _python_name(label: str) -> str:
    try:
        return codecs.lookup(label).name if label else ""
    except (LookupError, ValueError):
        return ""


def without_controls(text: str, codec: str = "cp1252") -> str:
    """Replace the invisible control characters U+0080–U+009F by what their bytes are in the Windows charset."""
    windows = _WINDOWS.get(codec, "cp1254" if codec == "cp1254" else "cp1252")
    return _C1.sub(lambda match: bytes([ord(match[0])]).decode(windows, "replace"), text)


def _mostly_utf8(data: bytes) -> str:
    """Return text in UTF-8 with some wrong bytes, which spoil nothing but themselves; empty if it is not UTF-8."""
    text = data.decode("utf-8", "surrogateescape")
    bad = len(_BAD.findall(text))
    good = sum(1 for char in text if char > "\x7f") - bad
    if good < max(bad, 1):
        return ""
    return _BAD.sub(lambda match: bytes([ord(match[0]) - 0xDC00]).decode("cp1252", "replace"), text)


def _guessed(data: bytes) -> str:
    western = data.decode("cp1252", "replace")
    if not set(western) - _USUAL:
        return western
    guess = from_bytes(data[:50_000], cp_exclusion=["utf_7"]).best() if len(data) > 8 else None
    return data.decode(guess.encoding if guess else "cp1252", "replace")


def storable(text: str) -> str:
    """Return text without the characters that the database cannot store: NUL and surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
