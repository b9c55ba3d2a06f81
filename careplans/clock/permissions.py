"""Permission rules of the annual clock: all see it and internal events; those who keep them change them."""

from __future__ import annotations

from typing import Any

import rules

from careplans.clock.services.works import may_claim
from core.permissions import granted, is_active_user

manages = granted("careclock.manage_internal")
may_enter = granted("activities.log_activity")


@rules.predicate
def is_on_own_list(user: Any, work: Any) -> bool:
    return work is None or may_claim(user, work)


@rules.predicate
def has_claimed(user: Any, work: Any) -> bool:
    return work is None or (bool(work.list_key) and work.person_id == user.pk)


@rules.predicate
def entered(user: Any, work: Any) -> bool:
    """Whether the user has entered that the event was held."""
    return work is None or (work.activity is not None and work.activity.created_by_id == user.pk)


rules.add_perm("careclock.view_clock", is_active_user)
rules.add_perm("careclock.edit_internal", manages)
rules.add_perm("careclock.enter_done", may_enter)
rules.add_perm("careclock.remove_done", may_enter & entered)
rules.add_perm("careclock.claim_work", may_enter & is_on_own_list)
rules.add_perm("careclock.release_work", may_enter & has_claimed)
