"""Permission rules of schemes: everyone sees them; administrators and key account managers change them."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user
from segmentation.schemes.enums import GoalKind, RuleChangeStatus, ValueMode
from segmentation.schemes.models import Scheme, SegmentGoal


@rules.predicate
def decides(user: Any, change: Any) -> bool:
    """Return whether the user approves for the segment and did not ask for the change."""
    if change is None or change.status != RuleChangeStatus.OPEN or user.pk == change.asked_by_id:
        return False
    return bool(user.is_superuser or change.segment.approvers.filter(user=user.pk).exists())


@rules.predicate
def asked(user: Any, change: Any) -> bool:
    return change is not None and change.status == RuleChangeStatus.OPEN and user.pk == change.asked_by_id


rules.add_perm("schemes.approve_rules", is_active_user & decides)
rules.add_perm("schemes.reject_rules", is_active_user & (decides | asked))
rules.add_perm("schemes.view_scheme", is_active_user)
rules.add_perm("schemes.edit_scheme", granted("schemes.manage_schemes"))


def visible_goals(user: Any) -> Any:
    """Return the goals that the user sees: those about profitability follow the value mode of the primary scheme."""
    uses_value = Scheme.objects.primary().exclude(value_mode=ValueMode.OFF)
    if user.has_perm("metrics.view_value") and uses_value.exists():
        return SegmentGoal.objects.all()
    return SegmentGoal.objects.exclude(kind=GoalKind.PROFITABILITY)
