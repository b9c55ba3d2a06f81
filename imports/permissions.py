"""Who may import: a grant; importing users asks for the administration of users as well."""

from __future__ import annotations

from typing import Any

import rules

from crm.permissions import granted
from imports.enums import ImportKind


@rules.predicate
def manages_its_kind(user: Any, run: Any) -> bool:
    """Users are imported only by those who may invite and change them."""
    return run is None or run.kind != ImportKind.USERS or user.has_perm("accounts.manage_users")


def may_import_kind(user: Any, kind: str) -> bool:
    may = bool(user.is_active and user.has_perm("imports.run_imports"))
    return may and (kind != ImportKind.USERS or user.has_perm("accounts.manage_users"))


rules.add_perm("imports.view_import", granted("imports.run_imports"))
rules.add_perm("imports.edit_import", granted("imports.run_imports") & manages_its_kind)
