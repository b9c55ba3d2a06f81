"""Which leads, late to be claimed, wait for the reader: see :mod:`customers.acting`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from activities.log.models import Activity
from core.permissions import allowed
from customers.acting import Concern, mark_acting


def mark_leads(user: Any, activities: Iterable[Activity]) -> None:
    """Set ``may_act`` of leads that were read with customer and lead; at most one query.

    A lead waits for the person it is offered to. One that is offered to nobody and has no customer waits for all who
    may claim it.
    """
    may_claim = allowed(user, "activities.log_activity")

    def concern(activity: Activity) -> Concern | None:
        lead, customer = activity.lead, activity.customer
        if not may_claim or not lead.is_late or (customer and customer.is_passive):
            return None
        return Concern(
            people=frozenset(filter(None, [lead.offered_to_id])),
            customer=activity.customer_id,
            anyone=not (lead.offered_to_id or customer),
        )

    mark_acting(user, activities, concern)
