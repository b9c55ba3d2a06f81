"""Registry of texts of activities that other subjects store, such as e-mail messages.

The search of activities includes them, and lists show the matching excerpt. A subject declares its
``TEXT_SOURCES`` among its registrations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from core.registry import declared

if TYPE_CHECKING:
    from activities.log.models import Activity


@dataclass(frozen=True, kw_only=True)
class TextSource:
    """``activity_ids`` returns the activities with a word, by an index; ``texts`` returns HTML by activity id."""

    activity_ids: Callable[[SearchQuery], QuerySet[Any, Any]]
    texts: Callable[[Collection[Activity]], dict[int, str]]


def registered() -> Iterator[TextSource]:
    """Return all sources."""
    return declared("TEXT_SOURCES")
