"""Default data: templates of messages and the rule about newsletters."""

from __future__ import annotations

from collections.abc import Callable

from activities.mail.enums import IgnoreKind
from activities.mail.models import EmailMessage, EmailTemplate, IgnoreRule
from core.defaults import read


def load_email_templates() -> None:
    """Add texts to start a message from, shared by all."""
    EmailTemplate.objects.bulk_create(EmailTemplate(**row) for row in read("mail", "email_templates"))


def load_ignore_rules() -> None:
    """Newsletters and automatic messages of strangers are not put in the inbox, until somebody removes the rule.

    An installation that has kept messages before goes on as it has been.
    """
    if not EmailMessage.objects.exists():
        IgnoreRule.objects.get_or_create(kind=IgnoreKind.BULK, pattern="")


SETS: dict[str, Callable[[], None]] = {
    "email_templates": load_email_templates,
    "ignore_rules": load_ignore_rules,
}
