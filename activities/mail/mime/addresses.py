"""E-mail addresses as they are typed, stored and sent, and the program's own address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TypeVar
from urllib.parse import urlparse

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

from customers.validators import clean_email

LONGEST, NAME_LENGTH = 254, 200
_PARTS = re.compile(r'(?:"[^"]*"|[^",;\r\n])+')
_NAMED = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]+)>")
T = TypeVar("T")


@dataclass(frozen=True)
class TypedAddress:
    """An address and, if known, the name of its owner."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def parse(text: str) -> list[TypedAddress]:
    """Return the addresses of a typed text: ``maija@yritys.fi, Matti Meikäläinen <matti@yritys.fi>``.

    Commas, semicolons and line breaks separate them. Raises ``ValidationError`` for the first invalid one, such as a
    part that looks like a header (``Bcc: …``).
    """
    return [_parse_one(part.strip()) for part in _PARTS.findall(text) if part.strip()]


def _parse_one(part: str) -> TypedAddress:
    named = _NAMED.fullmatch(part)
    name, address = (named["name"], named["address"]) if named else ("", part)
    return TypedAddress(checked(address), clean_name(name.strip().strip('"')))


def checked(text: str) -> str:
    """Return an address in its stored form. Raises ``ValidationError`` if no mail can be sent to it."""
    shown = text[:100]
    address = clean_email(text) if len(text) <= LONGEST else ""
    try:
        wired = wire(address)
    except (UnicodeError, ValueError):
        wired = ""
    if not wired.isascii() or not 3 <= len(wired) <= LONGEST:
        raise ValidationError(_("“%(value)s” is not an e-mail address."), code="email", params={"value": shown})
    return address


def wire(address: str) -> str:
    """Return an address as servers know it: letters such as ä in the domain in their ASCII form."""
    local, _at, domain = address.rpartition("@")
    return f"{local}@{punycode(domain)}" if local else address


def clean_name(text: str) -> str:
    """Return a person's name without line breaks, control and direction characters, at most 200 long."""
    printable = (
        char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in "\t\n"
    )
    return " ".join("".join(printable).replace("<", " ").replace(">", " ").split())[:NAME_LENGTH]


def one_line(text: str) -> str:
    """Return a subject without line breaks and control characters."""
    printable = (char if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") else " " for char in text)
    return " ".join("".join(printable).split())


def unique(rows: Iterable[tuple[str, T]]) -> list[T]:
    """Return the rows of ``(address, row)`` without those of a repeated address, ignoring case."""
    seen: dict[str, T] = {}
    for address, row in rows:
        seen.setdefault(wire(address.lower()), row)
    return list(seen.values())


def own_mark() -> str:
    """Return the value of the header ``X-Portaali`` that marks messages of this installation."""
    return urlparse(settings.BASE_URL).hostname or "portaali"


def own_sender() -> str:
    """Return the address that messages are sent from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
