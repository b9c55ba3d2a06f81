"""Default data: e-mail templates and the rule that ignores newsletters."""

from __future__ import annotations

from collections.abc import Callable

from activities.mail.enums import IgnoreKind
from activities.mail.models import EmailMessage, EmailTemplate, IgnoreRule
from core.defaults import read


def load_email_templates() -> None:
    """Add the shared e-mail templates."""
    EmailTemplate.objects.bulk_create(EmailTemplate(**content) for content in read("mail", "email_templates"))


def load_ignore_rules() -> None:
    """Add the rule that keeps newsletters and automatic messages of unknown senders out of the inbox.

    An installation that has messages already keeps its present rules.
    """
    if not EmailMessage.objects.exists():
        IgnoreRule.objects.get_or_create(kind=IgnoreKind.BULK, pattern="")


SETS: dict[str, Callable[[], None]] = {
    "email_templates": load_email_templates,
    "ignore_rules": load_ignore_rules,
}
