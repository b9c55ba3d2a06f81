"""Permissions of activities and activity types."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user

may_log = granted("activities.log_activity")
any_activity = granted("activities.change_any_activity")


@rules.predicate
def takes_part(user: Any, activity: Any) -> bool:
    """Return whether the user takes part in the activity or logged it."""
    if activity is None:
        return False
    return activity.created_by_id == user.pk or activity.participations.filter(user=user).exists()


@rules.predicate
def customer_is_in_use(user: Any, activity: Any) -> bool:
    """Return whether the activity may change: those of an inactive customer may not."""
    return activity is None or activity.customer is None or not activity.customer.is_passive


rules.add_perm("activities.view_activity", is_active_user)
rules.add_perm(
    "activities.edit_activity",
    customer_is_in_use & (granted("activities.change_any_activity") | (may_log & takes_part)),
)
rules.add_perm("activities.attach_to_activity", customer_is_in_use & granted("customers.attach_documents"))
rules.add_perm("activities.pin_activity", customer_is_in_use & may_log)
rules.add_perm("activities.view_type", is_active_user)
rules.add_perm("activities.edit_type", granted("activities.manage_activity_types"))
