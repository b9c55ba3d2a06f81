"""Default data: activity types, their keywords and the other lists that administrators keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from activities.log.models import ActivityTemplate, ActivityType, ContactReason, Keyword
from core.defaults import load_list, read


def load_keywords() -> None:
    Keyword.objects.bulk_create(Keyword(**row) for row in read("activities", "keywords"))


def load_types() -> None:
    """Add the types in the order of the file, which is the order of the buttons: frequent ones first."""
    keywords = {keyword.code: keyword for keyword in Keyword.objects.all()}
    for order, row in enumerate(read("activities", "activity_types"), 1):
        codes = row.pop("keywords", [])
        new = ActivityType.objects.create(**row, order=order * 10)
        new.keywords.set(keywords[code] for code in codes)


def load_templates() -> None:
    types = {type.code: type for type in ActivityType.objects.all()}
    for order, row in enumerate(read("activities", "activity_templates"), 1):
        ActivityTemplate.objects.create(**{**row, "type": types[row["type"]]}, order=order * 10)


SETS: dict[str, Callable[[], None]] = {
    "keywords": load_keywords,
    "types": load_types,
    "contact_reasons": partial(load_list, "contact_reasons", ContactReason),
    "templates": load_templates,
}
