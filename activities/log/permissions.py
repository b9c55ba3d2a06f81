"""Permissions of activities and activity types."""

from __future__ import annotations

from typing import Any

import rules

from accounts.standing_in import people_of
from core.permissions import granted, is_active_user

may_log = granted("activities.log_activity")
any_activity = granted("activities.change_any_activity")


@rules.predicate
def takes_part(user: Any, activity: Any) -> bool:
    """Return whether the user, or somebody that he or she replaces today, takes part, or the user logged it."""
    if activity is None:
        return False
    own = activity.participations.filter(user__any_of=people_of(user))
    return activity.created_by_id == user.pk or bool(own.exists())


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
