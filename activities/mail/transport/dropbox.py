"""Drop addresses, to which users copy (BCC) and forward messages: ``portaali+secret@example.fi``."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from html import unescape

from django.conf import settings

from accounts.models import User
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import ParsedMessage, parse
from activities.mail.models import MailSettings
from core.richtext import to_text

#: What programs write above a forwarded message, in English, Finnish and Swedish.
_FROM = r"(?:From|Lähettäjä|Från)"
_BLOCK = re.compile(
    rf"(?im)^[>\s*]*{_FROM}\s*:\s*\**\s*(?P<name>[^<\n\[]{{0,200}}?)\s*[<\[]?(?:mailto:)?"
    r"(?P<address>[^\s<>\[\]()\"',;:]+@[^\s<>\[\]()\"',;:]+)"
)
_FORWARD = re.compile(r"(?i)^\s*(?:fwd?|vs|vl|vb|ed|wg)\s*:")


@dataclass(frozen=True)
class Forwarded:
    """Who wrote a message that a user has forwarded; ``message`` when it came whole, as an attachment."""

    sender: Address
    message: ParsedMessage | None = None


def drop_address(secret: str) -> str:
    """Return a user's drop address; nothing where the installation has none."""
    local, _at, domain = settings.DROP_ADDRESS.partition("@")
    return f"{local}+{secret}@{domain}" if local and domain and secret else ""


def new_secret() -> str:
    """Return a secret that survives being written in lower case."""
    return secrets.token_hex(10)


def drop_user(parsed: ParsedMessage) -> User | None:
    """Return the user to whose drop address the message came."""
    local, _at, domain = settings.DROP_ADDRESS.partition("@")
    if not domain:
        return None
    found = re.compile(rf"{re.escape(local)}\+([0-9a-z]{{10,32}})@{re.escape(domain)}")
    everywhere = [*parsed.delivered_to, *parsed.to, *parsed.cc, *parsed.bcc]
    keys = [match[1] for one in everywhere if (match := found.fullmatch(one.address))]
    held = MailSettings.objects.filter(drop_secret__in=keys, user__is_active=True).select_related("user").first()
    return held.user if held else None


def is_drop(address: str) -> bool:
    """Return whether an address is a drop address: it is nobody to whom one writes."""
    local, _at, domain = settings.DROP_ADDRESS.partition("@")
    name, _at, host = address.partition("@")
    return bool(domain) and host == domain and (name == local or name.startswith(f"{local}+"))


def forwarded(parsed: ParsedMessage) -> Forwarded | None:
    """Return whose message a user has forwarded: an attached one, or the one whose head stands in the text."""
    for raw in parsed.messages[:1]:
        inner = parse(raw)
        if inner.sender:
            return Forwarded(inner.sender, inner)
    match = _BLOCK.search(unescape(to_text(parsed.body))[:20_000])
    if match is None or not _is_forward(parsed):
        return None
    return Forwarded(Address(match["address"].lower().rstrip("."), " ".join(match["name"].split())[:200]))


def _is_forward(parsed: ParsedMessage) -> bool:
    """A forwarded message goes to the drop address alone; one that others get too is a copy."""
    others = [one for one in (*parsed.to, *parsed.cc) if not is_drop(one.address)]
    return bool(_FORWARD.match(parsed.subject)) or not others
