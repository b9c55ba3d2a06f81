"""Permission rules of care models: all see them, key account managers change them, management approves them."""

from __future__ import annotations

from typing import Any

import rules

from careplans.caremodels.enums import VersionStatus
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


rules.add_perm("caremodels.view_models", is_active_user)
rules.add_perm("caremodels.edit_model", manages)
rules.add_perm("caremodels.edit_version", manages & is_draft)
rules.add_perm("caremodels.edit_action", manages & is_of_draft)
rules.add_perm("caremodels.send_version", manages)
rules.add_perm("caremodels.return_version", manages | approves)
rules.add_perm("caremodels.decide_version", approves)
rules.add_perm("caremodels.preview_version", manages | approves)
rules.add_perm("caremodels.edit_statutory", keeps_statutory)
rules.add_perm("caremodels.edit_settings", manages)
