"""Registry of texts that belong to activities and are kept in rows of subjects above, such as e-mail messages.

The search of activities looks in them too, and lists show where the words were found. A subject declares its
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
    """``activity_ids`` returns those whose text has a word, by an index; ``texts`` the HTML of some by their ids."""

    activity_ids: Callable[[SearchQuery], QuerySet[Any, Any]]
    texts: Callable[[Collection[Activity]], dict[int, str]]


def registered() -> Iterator[TextSource]:
    """Return all sources."""
    return declared("TEXT_SOURCES")
