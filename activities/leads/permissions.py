"""Who may see, claim and handle leads."""

from __future__ import annotations

from typing import Any

import rules

from activities.log.permissions import any_activity, customer_is_in_use, may_log, takes_part


@rules.predicate
def has_lead(user: Any, activity: Any) -> bool:
    return hasattr(activity, "lead")


rules.add_perm("leads.take_lead", customer_is_in_use & has_lead & may_log)
rules.add_perm("leads.handle_lead", customer_is_in_use & has_lead & (any_activity | (may_log & takes_part)))
rules.add_perm("leads.show_lead", has_lead)
