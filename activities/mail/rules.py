"""Which messages are no customer work: the program's own, colleagues' among themselves, what is to be ignored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.mail import handlers
from activities.mail.enums import IgnoreKind
from activities.mail.mime.addresses import own_sender
from activities.mail.mime.parse import ParsedMessage
from activities.mail.models import IgnoreRule

#: Why a message has no activity, by the code that stands in its ``error``.
REASONS: dict[str, Any] = {
    "unknown_sender": _("The sender is not known."),
    "unknown_recipient": _("No recipient is a known contact."),
    "no_sender": _("The message does not tell its sender."),
    "no_position": _("The contact works for no customer."),
    "customer_passive": _("The customer is passive."),
    "several_customers": _("The contact works for several customers."),
    "several_contacts": _("Several contacts of different customers have this address."),
    "forwarded_by_whom": _("It cannot be seen whose message was forwarded."),
    "own": _("Portaali sent this itself."),
    "internal": _("A message between colleagues."),
    "rule": _("A rule tells to ignore this sender."),
    "bulk": _("A newsletter or an automatic message."),
    "by_hand": _("Ignored by hand."),
    "bounce": _("A report of a message that was not delivered."),
    "report": _("A report of a mail server."),
    "too_large": _("The message is larger than is read here."),
    "headers_only": _(
        "The message is larger than is read here: only its head was fetched, the rest is in the mailbox."
    ),
    "not_a_message": _("The file is not an e-mail message."),
    "program_error": _("Reading it failed because of an error in the program."),
    "not_fetched": _("The mail server did not give the message."),
}


def reasons(error: str) -> list[str]:
    """Return what ``error`` of a message says, in the language of the page."""
    known = REASONS | handlers.reasons()
    return [str(known.get(line, line)) for line in error.split("\n") if line]


def is_reason(line: str) -> bool:
    """Return whether a line of a message's ``error`` is a code of a reason."""
    return line in REASONS or line in handlers.reasons()


def own_users(addresses: Collection[str]) -> dict[str, User]:
    """Return users by those of ``addresses`` that are theirs; one query."""
    rows = User.objects.annotate(address=Lower("email")).filter(address__in=addresses, is_active=True)
    return {row.email.lower(): row for row in rows}


def loop(parsed: ParsedMessage) -> bool:
    """Return whether the program sent this itself: it is never logged again, whoever sends it back."""
    return parsed.is_own or (parsed.sender is not None and parsed.sender.address == own_sender())


def told_to_ignore(parsed: ParsedMessage) -> bool:
    """Return whether a rule names the sender's address or domain (or one above it)."""
    if parsed.sender is None:
        return False
    address = parsed.sender.address
    parts = address.rpartition("@")[2].split(".")[-6:]
    domains = [".".join(parts[at:]) for at in range(len(parts))]
    named = Q(kind=IgnoreKind.ADDRESS, lowered=address) | Q(kind=IgnoreKind.DOMAIN, lowered__in=domains)
    return IgnoreRule.objects.annotate(lowered=Lower("pattern")).filter(named).exists()


def bulk_is_ignored(parsed: ParsedMessage) -> bool:
    """Return whether this is a newsletter or automatic, and those are not kept."""
    return parsed.is_automatic and IgnoreRule.objects.filter(kind=IgnoreKind.BULK).exists()
