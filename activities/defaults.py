"""Default data: the kinds of activity, their keywords and the other lists that administrators keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from activities.enums import IgnoreKind
from activities.models import (
    ActivityType,
    ContactReason,
    EmailMessage,
    EmailTemplate,
    IgnoreRule,
    Keyword,
    LeadCloseReason,
    LeadSource,
)
from activities.models.types import Choice
from crm.defaults import read


def load_keywords() -> None:
    Keyword.objects.bulk_create(Keyword(**row) for row in read("activities", "keywords"))


def load_types() -> None:
    """Add the types in the order of the file, which is the order of the buttons: frequent ones first."""
    keywords = {keyword.code: keyword for keyword in Keyword.objects.all()}
    for order, row in enumerate(read("activities", "activity_types"), 1):
        codes = row.pop("keywords", [])
        new = ActivityType.objects.create(**row, order=order * 10)
        new.keywords.set(keywords[code] for code in codes)


def load_list(name: str, model: type[Choice]) -> None:
    rows = enumerate(read("activities", name), 1)
    model._default_manager.bulk_create(model(**row, order=order * 10) for order, row in rows)


def load_email_templates() -> None:
    """Add texts to start a message from, shared by all."""
    EmailTemplate.objects.bulk_create(EmailTemplate(**row) for row in read("activities", "email_templates"))


def load_ignore_rules() -> None:
    """Newsletters and automatic messages of strangers are not put in the inbox, until somebody removes the rule.

    An installation that has kept messages before goes on as it has been.
    """
    if not EmailMessage.objects.exists():
        IgnoreRule.objects.get_or_create(kind=IgnoreKind.BULK, pattern="")


SETS: dict[str, Callable[[], None]] = {
    "keywords": load_keywords,
    "types": load_types,
    "email_templates": load_email_templates,
    "ignore_rules": load_ignore_rules,
    "contact_reasons": partial(load_list, "contact_reasons", ContactReason),
    "lead_sources": partial(load_list, "lead_sources", LeadSource),
    "lead_close_reasons": partial(load_list, "lead_close_reasons", LeadCloseReason),
}
