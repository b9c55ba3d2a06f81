"""Permission rules of care models: all see them, key account managers change them, management approves them."""

from __future__ import annotations

from typing import Any

import rules

from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.selectors import asked_about
from core.permissions import granted, is_active_user

manages = granted("caremodels.manage_models")
approves = granted("caremodels.approve_models")
keeps_statutory = granted("caremodels.manage_statutory")


@rules.predicate
def is_draft(user: Any, version: Any) -> bool:
    return version is None or version.status == VersionStatus.DRAFT


@rules.predicate
def is_of_draft(user: Any, action: Any) -> bool:
    return action is None or action.version.status == VersionStatus.DRAFT


@rules.predicate
def is_in_team(user: Any, version: Any) -> bool:
    """Whether the user is in the care team of the model."""
    team = version.model.team if version is not None else None
    return team is not None and team.members.filter(pk=user.pk).exists()


@rules.predicate
def is_with_team(user: Any, version: Any) -> bool:
    return version is not None and version.status == VersionStatus.TEAM


@rules.predicate
def is_asked(user: Any, version: Any) -> bool:
    """Whether the user is in the account team that is asked about the version."""
    return version is not None and asked_about(version.model).filter(pk=user.pk).exists()


@rules.predicate
def is_of_others(user: Any, version: Any) -> bool:
    """Whether somebody else has prepared the version: nobody approves an own one."""
    return version is None or user.pk not in version.prepared_by


rules.add_perm("caremodels.view_models", is_active_user)
rules.add_perm("caremodels.edit_model", manages)
rules.add_perm("caremodels.edit_version", manages & is_draft)
rules.add_perm("caremodels.edit_action", manages & is_of_draft)
rules.add_perm("caremodels.send_version", manages)
rules.add_perm("caremodels.give_opinion", is_active_user & is_with_team & is_asked)
rules.add_perm("caremodels.review_version", manages | (is_active_user & is_in_team))
rules.add_perm("caremodels.return_version", manages | approves | (is_active_user & is_in_team))
rules.add_perm("caremodels.decide_version", approves & is_of_others)
rules.add_perm("caremodels.preview_version", manages | approves)
rules.add_perm("caremodels.edit_statutory", keeps_statutory)
rules.add_perm("caremodels.edit_settings", manages)
