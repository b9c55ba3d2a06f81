"""Reads of what is kept that pages, panels and the API share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from activities.log.models import Activity
from careplans.following.labels import holder_names
from careplans.following.models import CareOccurrence

RELATED = (
    "customer", "user", "team", "unit", "segment", "node", "care_model", "action", "own_action", "task",
)  # fmt: skip


def occurrences_seen(user: Any) -> Any:
    """Return the occurrences of the customers that the user sees."""
    return CareOccurrence.objects.visible_to(user)


def with_activities(rows: Iterable[Any], user: Any) -> list[Any]:
    """Return occurrences with who has them together, and whether the user sees what completed them."""
    rows = list(rows)
    names = holder_names({row.holder for row in rows if row.user_id is None})
    ids = {row.done_id for row in rows if row.done_source == "activity"}
    seen = set(Activity.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    for row in rows:
        row.sees_activity, row.holder_name = row.done_id in seen, names.get(row.holder, "")
    return rows
