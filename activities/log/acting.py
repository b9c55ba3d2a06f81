"""Which overdue activities wait for the reader: see :mod:`customers.acting`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from activities.log.models import Activity
from core.permissions import allowed
from customers.acting import Concern, mark_acting


def mark_activities(user: Any, activities: Iterable[Activity]) -> None:
    """Set ``may_act`` of activities that were read with customer and participants; at most one query."""
    is_logger = allowed(user, "activities.log_activity")

    def concern(activity: Activity) -> Concern | None:
        if not is_logger or not activity.is_overdue or (activity.customer and activity.customer.is_passive):
            return None
        people = frozenset(person.pk for person in activity.users.all())
        return Concern(people or frozenset({activity.created_by_id or 0}), activity.customer_id)

    mark_acting(user, activities, concern)
