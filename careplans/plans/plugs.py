"""What other apps declare for care plans.

An app declares in its ``registrations``::

    CARE_PLAN_FOLLOWERS = (work_queue,)  # (customer_ids) in the transaction that changes their plans or decisions
"""

from __future__ import annotations

from collections.abc import Collection

from core.registry import declared


def plans_changed(customer_ids: Collection[int]) -> None:
    """Let the other apps know that the plans of these customers, or decisions about them, have changed."""
    for follower in declared("CARE_PLAN_FOLLOWERS"):
        follower(customer_ids)
