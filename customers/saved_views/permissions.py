"""Permission rules of saved views: everyone has own ones; sharing with everyone is the grant of selections."""

from __future__ import annotations

import rules

from core.permissions import granted, is_active_user
from customers.selections.permissions import is_owner, is_shared_with_all

rules.add_perm("views.view_view", is_active_user)
rules.add_perm("views.add_view", is_active_user)
rules.add_perm(
    "views.edit_view",
    is_active_user & (is_owner | (is_shared_with_all & granted("selections.share_with_all"))),
)
