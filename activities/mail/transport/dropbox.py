"""Drop addresses such as ``portaali+secret@example.fi``, to which users copy (BCC) and forward messages."""

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

#: The header that programs write above a forwarded message, in English, Finnish and Swedish.
_FROM = r"(?:From|Lähettäjä|Från)"
_BLOCK = re.compile(
    rf"(?im)^[>\s*]*{_FROM}\s*:\s*\**\s*(?P<name>[^<\n\[]{{0,200}}?)\s*[<\[]?(?:mailto:)?"
    r"(?P<address>[^\s<>\[\]()\"',;:]+@[^\s<>\[\]()\"',;:]+)"
)
_FORWARD = re.compile(r"(?i)^\s*(?:fwd?|vs|vl|vb|ed|wg)\s*:")


@dataclass(frozen=True)
class Forwarded:
    """The sender of a forwarded message, and the message itself if it was attached."""

    sender: Address
    message: ParsedMessage | None = None


def drop_address(secret: str) -> str:
    """Return a user's drop address; empty if the installation has no drop addresses."""
    local, _at, domain = settings.DROP_ADDRESS.partition("@")
    return f"{local}+{secret}@{domain}" if local and domain and secret else ""


def new_secret() -> str:
    """Return a new secret of lower-case letters and digits."""
    return secrets.token_hex(10)


def drop_user(parsed: ParsedMessage) -> User | None:
    """Return the user that owns the drop address that the message was sent to."""
    local, _at, domain = settings.DROP_ADDRESS.partition("@")
    if not domain:
        return None
    pattern = re.compile(rf"{re.escape(local)}\+([0-9a-z]{{10,32}})@{re.escape(domain)}")
    everywhere = [*parsed.delivered_to, *parsed.to, *parsed.cc, *parsed.bcc]
    found_secrets = [match[1] for recipient in everywhere if (match := pattern.fullmatch(recipient.address))]
    owners = MailSettings.objects.filter(drop_secret__in=found_secrets, user__is_active=True)
    owner = owners.select_related("user").first()
    return owner.user if owner else None


def is_drop(address: str) -> bool:
    """Return whether an address is a drop address, which is no real recipient."""
    local, _at, domain = settings.DROP_ADDRESS.partition("@")
    name, _at, host = address.partition("@")
    return bool(domain) and host == domain and (name == local or name.startswith(f"{local}+"))


def forwarded(parsed: ParsedMessage) -> Forwarded | None:
    """Return the message that a user has forwarded: an attached one, or one with its header in the text."""
    for raw in parsed.messages[:1]:
        inner = parse(raw)
        if inner.sender:
            return Forwarded(inner.sender, inner)
    match = _BLOCK.search(unescape(to_text(parsed.body))[:20_000])
    if match is None or not _is_forward(parsed):
        return None
    return Forwarded(Address(match["address"].lower().rstrip("."), " ".join(match["name"].split())[:200]))


def _is_forward(parsed: ParsedMessage) -> bool:
    """Return whether the message is a forward: it has such a subject, or the drop address is its only recipient."""
    others = [recipient for recipient in (*parsed.to, *parsed.cc) if not is_drop(recipient.address)]
    return bool(_FORWARD.match(parsed.subject)) or not others
