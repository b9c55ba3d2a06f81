"""Permission rules of criteria: everyone reads them, key account managers change them, management approves them."""

from __future__ import annotations

from typing import Any

import rules

from accounts.models import User
from core.permissions import granted, is_active_user
from segmentation.criteria.enums import VersionStatus


@rules.predicate
def is_draft(user: Any, criteria: Any) -> bool:
    return criteria is None or criteria.status == VersionStatus.DRAFT


@rules.predicate
def is_with_team(user: Any, criteria: Any) -> bool:
    return criteria is not None and criteria.status == VersionStatus.TEAM


@rules.predicate
def is_in_team(user: Any, criteria: Any) -> bool:
    return User.objects.of_account_team().filter(pk=user.pk).exists()


@rules.predicate
def is_of_others(user: Any, criteria: Any) -> bool:
    """Whether somebody else has prepared the version: nobody approves an own one."""
    return criteria is None or user.pk not in criteria.prepared_by


rules.add_perm("criteria.view_criteria", is_active_user)
rules.add_perm("criteria.add_criteria", granted("criteria.edit_criteria"))
rules.add_perm("criteria.edit_version", granted("criteria.edit_criteria") & is_draft)
rules.add_perm("criteria.review_version", granted("criteria.edit_criteria"))
rules.add_perm("criteria.give_opinion", is_active_user & is_with_team & is_in_team)
rules.add_perm("criteria.decide_version", granted("criteria.approve_criteria"))
rules.add_perm("criteria.approve_version", granted("criteria.approve_criteria") & is_of_others)
rules.add_perm("criteria.preview_version", granted("criteria.edit_criteria") | granted("criteria.approve_criteria"))
rules.add_perm("criteria.view_suggestions", is_active_user)
