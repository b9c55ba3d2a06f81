"""Permission rules of criteria: everyone reads them, key account managers change them, management approves them."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user
from segmentation.criteria.enums import VersionStatus


@rules.predicate
def is_draft(user: Any, criteria: Any) -> bool:
    return criteria is None or criteria.status == VersionStatus.DRAFT


rules.add_perm("criteria.view_criteria", is_active_user)
rules.add_perm("criteria.add_criteria", granted("criteria.edit_criteria"))
rules.add_perm("criteria.edit_version", granted("criteria.edit_criteria") & is_draft)
rules.add_perm("criteria.review_version", granted("criteria.edit_criteria"))
rules.add_perm("criteria.decide_version", granted("criteria.approve_criteria"))
rules.add_perm("criteria.preview_version", granted("criteria.edit_criteria") | granted("criteria.approve_criteria"))
rules.add_perm("criteria.view_suggestions", is_active_user)
