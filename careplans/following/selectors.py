"""Reads of what is kept that pages, panels and the API share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from activities.log.models import Activity
from careplans.following.models import CareOccurrence

RELATED = ("customer", "user", "team", "unit", "action", "own_action", "task")


def occurrences_seen(user: Any) -> Any:
    """Return the occurrences of the customers that the user sees."""
    return CareOccurrence.objects.visible_to(user)


def with_activities(rows: Iterable[Any], user: Any) -> list[Any]:
    """Return occurrences with whether the user sees the activities that completed them."""
    rows = list(rows)
    ids = {row.done_id for row in rows if row.done_source == "activity"}
    seen = set(Activity.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    for row in rows:
        row.sees_activity = row.done_id in seen
    return rows
