"""Which late feedback waits for the reader: see :mod:`customers.acting`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from activities.log.models import Activity
from core.permissions import allowed
from customers.acting import Concern, mark_acting


def mark_feedback(user: Any, activities: Iterable[Activity]) -> None:
    """Set ``may_act`` of feedback that was read with customer and feedback; at most one query.

    It waits for the person who is responsible for the answer; without one, for all who may answer.
    """
    may_answer = allowed(user, "activities.log_activity")

    def concern(activity: Activity) -> Concern | None:
        feedback, customer = activity.feedback, activity.customer
        if not may_answer or not feedback.is_late or (customer and customer.is_passive):
            return None
        people = frozenset(filter(None, [feedback.responsible_id]))
        return Concern(people, activity.customer_id, anyone=not people)

    mark_acting(user, activities, concern)
