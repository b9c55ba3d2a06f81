"""Default data: the kinds of activity and their keywords."""

from __future__ import annotations

from collections.abc import Callable

from activities.models import ActivityType, EmailTemplate, Keyword
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


def load_email_templates() -> None:
    """Add texts to start a message from, shared by all."""
    EmailTemplate.objects.bulk_create(EmailTemplate(**row) for row in read("activities", "email_templates"))


SETS: dict[str, Callable[[], None]] = {
    "keywords": load_keywords,
    "types": load_types,
    "email_templates": load_email_templates,
}
