"""E-mail addresses as people type them, as they are stored and as they travel."""

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


@dataclass(frozen=True)
class Mailbox:
    """An address and, when it is known, whose it is."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def parse(text: str) -> list[Mailbox]:
    """Return the addresses of a typed text: ``maija@yritys.fi, Matti Meikäläinen <matti@yritys.fi>``.

    Commas, semicolons and line breaks stand between them. Raises ``ValidationError`` that names the first bad one:
    a part that looks like a header (``Bcc: …``) is no address.
    """
    return [_one(part.strip()) for part in _PARTS.findall(text) if part.strip()]


def _one(part: str) -> Mailbox:
    named = _NAMED.fullmatch(part)
    name, address = (named["name"], named["address"]) if named else ("", part)
    return Mailbox(checked(address), clean_name(name.strip().strip('"')))


def checked(text: str) -> str:
    """Return an address in its stored form. Raises ``ValidationError`` when no mail can be sent to it."""
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
    """Return an address as servers know it: a domain with letters such as ä in their ASCII form."""
    local, _at, domain = address.rpartition("@")
    return f"{local}@{punycode(domain)}" if local else address


def clean_name(text: str) -> str:
    """Return a person's name without line breaks, control and direction characters, at most 200 long."""
    kept = (char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in "\t\n")
    return " ".join("".join(kept).replace("<", " ").replace(">", " ").split())[:NAME_LENGTH]


def one_line(text: str) -> str:
    """Return a subject without line breaks and control characters."""
    kept = (char if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") else " " for char in text)
    return " ".join("".join(kept).split())


T = TypeVar("T")


def unique(rows: Iterable[tuple[str, T]]) -> list[T]:
    """Return the rows of ``(address, row)`` whose address has not come before, whatever its case."""
    seen: dict[str, T] = {}
    for address, row in rows:
        seen.setdefault(wire(address.lower()), row)
    return list(seen.values())


def own_mark() -> str:
    """Return what marks messages of this installation, in the header ``X-Portaali``: another's are not our own."""
    return urlparse(settings.BASE_URL).hostname or "portaali"


def own_sender() -> str:
    """Return the address that messages are sent from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
