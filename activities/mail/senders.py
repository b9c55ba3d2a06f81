"""Senders of received messages: drop addresses, colleagues, the program itself and ignored senders."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.mail.enums import IgnoreKind
from activities.mail.mime.addresses import own_sender
from activities.mail.mime.parse import ParsedMessage
from activities.mail.models import IgnoreRule, MailSettings
from activities.mail.plugs import handler_reasons

#: The reasons why a message has no activity, by the code in its ``error``.
REASONS: dict[str, Any] = {
    "unknown_sender": _("The sender is unknown."),
    "unknown_recipient": _("No recipient is a known contact."),
    "no_sender": _("The message has no sender."),
    "no_position": _("The contact does not work for any customer."),
    "customer_passive": _("The customer is inactive."),
    "several_customers": _("The contact works for several customers."),
    "several_contacts": _("Several contacts of different customers have this address."),
    "forwarded_by_whom": _("The sender of the forwarded message is unknown."),
    "own": _("Portaali sent this itself."),
    "internal": _("A message between colleagues."),
    "rule": _("A rule ignores this sender."),
    "bulk": _("A newsletter or an automatic message."),
    "by_hand": _("Ignored by a user."),
    "bounce": _("A report that a message was not delivered."),
    "report": _("A report from a mail server."),
    "receipt": _("A receipt: the message was read or deleted."),
    "abuse_report": _("A report that a message was marked as spam."),
    "too_large": _("The message exceeds the size limit."),
    "headers_only": _("The message exceeds the size limit: only its headers were fetched, the rest is in the mailbox."),
    "not_a_message": _("The file is not an e-mail message."),
    "program_error": _("The message could not be read because of an error in the program."),
    "not_fetched": _("The mail server did not deliver the message."),
}


def reason_texts(error: str) -> list[str]:
    """Return the texts of the reasons in a message's ``error``, in the language of the page."""
    known = REASONS | handler_reasons()
    return [str(known.get(line, line)) for line in error.split("\n") if line]


def is_reason(line: str) -> bool:
    """Return whether a line of a message's ``error`` is the code of a reason."""
    return line in REASONS or line in handler_reasons()


def own_users(addresses: Collection[str]) -> dict[str, User]:
    """Return the active users that have one of ``addresses``, by address; one query."""
    users = User.objects.annotate(address=Lower("email")).filter(address__in=addresses, is_active=True)
    return {user.email.lower(): user for user in users}


def is_own(parsed: ParsedMessage) -> bool:
    """Return whether the program sent the message itself: it is not logged again if somebody sends it back."""
    return parsed.is_own or (parsed.sender is not None and parsed.sender.address == own_sender())


def is_sender_ignored(parsed: ParsedMessage) -> bool:
    """Return whether a rule ignores the sender's address, its domain or a parent domain."""
    if parsed.sender is None:
        return False
    address = parsed.sender.address
    parts = address.rpartition("@")[2].split(".")[-6:]
    domains = [".".join(parts[at:]) for at in range(len(parts))]
    named = Q(kind=IgnoreKind.ADDRESS, lowered=address) | Q(kind=IgnoreKind.DOMAIN, lowered__in=domains)
    return IgnoreRule.objects.annotate(lowered=Lower("pattern")).filter(named).exists()


def is_bulk_ignored(parsed: ParsedMessage) -> bool:
    """Return whether the message is a newsletter or automatic and a rule ignores those."""
    return (parsed.is_automatic or parsed.is_bulk) and IgnoreRule.objects.filter(kind=IgnoreKind.BULK).exists()


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
