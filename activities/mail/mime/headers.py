"""Headers of received messages, also broken ones: no function raises, and all results have a limit."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import quopri
import re
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from activities.mail.mime.charsets import decode, storable
from core import clock

#: The most characters of a header that are read.
MAX_CHARACTERS = 100_000
MAX_ADDRESSES = 500
MAX_REFERENCES = 50
MAX_ID = 500

_WORD = re.compile(r"=\?([A-Za-z0-9_\-.*:]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[^\s<>()\[\],;:\"\\@]{1,190}")
_MESSAGE_ID = re.compile(r"<([^<>]{1,700})>")
_CHARSET = re.compile(r"(?i)charset\s*=\s*\"?([\w.:-]{1,40})")
_COMMENT = re.compile(r"\([^()]*\)")
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Address:
    """An e-mail address in lower case, and the name beside it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def header(message: Message, name: str) -> str:
    """Return a header decoded on one line, without control and bidirectional characters; empty if it is missing."""
    return clean_line(decode_words(raw_header(message, name)))


def raw_header(message: Message, name: str, charset: str = "") -> str:
    """Return the first header of a name undecoded, except for bytes beyond ASCII."""
    values = raw_headers(message, name, charset)
    return values[0] if values else ""


def raw_headers(message: Message, name: str, charset: str = "") -> list[str]:
    """Return all headers of a name; ``Message.get`` would raise on some of them.

    Bytes beyond ASCII, which no header should have, are in UTF-8 or in ``charset``, such as that of the text.
    """
    values = [value for key, value in message.raw_items() if str(key).lower() == name.lower()]
    return [text_of(value, charset or charset_of(message))[:MAX_CHARACTERS] for value in values[:20]]


def charset_of(message: Message) -> str:
    """Return the charset that a message or part declares; empty if it declares none."""
    kinds = [str(value) for key, value in message.raw_items() if str(key).lower() == "content-type"]
    match = _CHARSET.search(kinds[0]) if kinds else None
    return match[1] if match else ""


def clean_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def addresses(message: Message, *names: str) -> list[Address]:
    """Return the addresses of headers, each once, at most :data:`MAX_ADDRESSES`."""
    values = [value.replace("\r", " ").replace("\n", " ") for name in names for value in raw_headers(message, name)]
    by_address: dict[str, Address] = {}
    for name, address in _names_and_addresses(values):
        match = _ADDRESS.search(clean_line(address)) or _ADDRESS.search(clean_line(name))
        if match and len(match[0]) <= 254 and len(by_address) < MAX_ADDRESSES:
            shown = clean_line(decode_words(name)).strip(" '\"")[:200]
            by_address.setdefault(match[0].lower(), Address(match[0].lower(), "" if "@" in shown else shown))
    return list(by_address.values())


def message_ids(message: Message, name: str) -> list[str]:
    """Return the message ids of a header, newest last, each once; also those without angle brackets."""
    text = clean_line(" ".join(raw_headers(message, name)))
    bracketed = _MESSAGE_ID.findall(text)
    rest = _COMMENT.sub(" ", _MESSAGE_ID.sub(" ", text))
    is_list = name.lower() == "references"
    bare = [token for token in re.split(r"[\s,;<>]+", rest) if token and ("@" in token or name.lower() == "message-id")]
    ids = _in_order(text, [*bracketed, *bare]) if is_list else bracketed or bare[:1]
    named = ["".join(one.split())[:MAX_ID] for one in ids]
    return list(dict.fromkeys(one for one in named if one))[-MAX_REFERENCES:]


def _in_order(text: str, ids: list[str]) -> list[str]:
    return sorted(ids, key=text.find)


def date(message: Message) -> dt.datetime | None:
    """Return when a message was sent: its Date, or else when the last server received it.

    None if both are missing or impossible, such as in the future.
    """
    received = [line.rpartition(";")[2] for line in raw_headers(message, "Received")]
    others = [*received, *raw_headers(message, "Delivery-Date"), *raw_headers(message, "Resent-Date")]
    times = (own_date(message), *map(_time, others))
    return next((time for time in times if time), None)


def own_date(message: Message) -> dt.datetime | None:
    """Return the time of the Date header; None if it is missing or impossible."""
    return _time(raw_header(message, "Date"))


def _time(text: str) -> dt.datetime | None:
    try:
        time = parsedate_to_datetime(clean_line(text)[:200]) if text.strip() else None
        if time is not None and time.tzinfo is None:
            time = time.replace(tzinfo=dt.UTC)
        is_possible = time is not None and EARLIEST <= time <= clock.now() + dt.timedelta(days=1)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return min(time, clock.now()) if time is not None and is_possible else None


def _names_and_addresses(values: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(values)
    except Exception:  # the library's reader of addresses raises whatever it likes
        return [("", address) for address in _ADDRESS.findall(" ".join(values))]


def text_of(value: Any, charset: str = "") -> str:
    """Return a header's value as text; the parser keeps bytes beyond ASCII as surrogates."""
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-8", "surrogateescape")
        try:
            return storable(data.decode())
        except UnicodeDecodeError:
            return decode(data, charset or None)
    return text


def decode_words(text: str) -> str:
    """Decode ``=?charset?b?…?=``; adjacent words are joined, and broken ones stay unchanged."""
    joined = _BETWEEN_WORDS.sub(r"\1", text)
    parts: list[str] = []
    waiting, charset, end = b"", "", 0
    for match in _WORD.finditer(joined):
        data, between = _word_bytes(match[2], match[3]), joined[end : match.start()]
        if between or match[1].lower() != charset:
            parts += [decode(waiting, charset) if waiting else "", between]
            waiting, charset = b"", match[1].partition("*")[0].lower()
        waiting += data if data is not None else match[0].encode()
        end = match.end()
    return "".join([*parts, decode(waiting, charset) if waiting else "", joined[end:]])


def _word_bytes(encoding: str, text: str) -> bytes | None:
    try:
        if encoding in "bB":
            data = text.encode("ascii", "ignore")
            return base64.b64decode(data + b"=" * (-len(data) % 4))
        return quopri.decodestring(text.replace("_", " ").encode("utf-8", "replace"), header=False)
    except (binascii.Error, ValueError):
        return None
