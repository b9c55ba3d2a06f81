"""Permission rules of selections: everyone has own ones; sharing with everyone is a grant."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user


@rules.predicate
def is_owner(user: Any, selection: Any) -> bool:
    return selection is not None and selection.owner_id == user.pk


@rules.predicate
def is_shared_with_all(user: Any, selection: Any) -> bool:
    return selection is not None and selection.sharing == "all"


rules.add_perm("selections.view_selection", is_active_user)
rules.add_perm("selections.add_selection", is_active_user)
rules.add_perm(
    "selections.edit_selection",
    is_active_user & (is_owner | (is_shared_with_all & granted("selections.share_with_all"))),
)
