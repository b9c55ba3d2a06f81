"""Who may import: a grant; importing users asks for the administration of users as well.

An import is undone by its owner or by an administrator."""

from __future__ import annotations

from typing import Any

import rules

from core.import_kinds import static_kind
from core.permissions import granted


@rules.predicate
def manages_its_kind(user: Any, run: Any) -> bool:
    """A kind may ask for more: users are imported only by those who may invite and change them."""
    return run is None or _may_have_kind(user, run.kind)


@rules.predicate
def owns_run(user: Any, run: Any) -> bool:
    return run is not None and run.owner_id == user.pk


def may_import_kind(user: Any, kind: str) -> bool:
    """Return whether the user may import, and import this kind."""
    may = bool(user.is_active and user.has_perm("imports.run_imports"))
    return may and _may_have_kind(user, kind)


def _may_have_kind(user: Any, kind: str) -> bool:
    permission = static_kind(kind).permission
    return not permission or user.has_perm(permission)


rules.add_perm("imports.view_import", granted("imports.run_imports"))
rules.add_perm("imports.edit_import", granted("imports.run_imports") & manages_its_kind)
#: An administrator is who may administer users.
rules.add_perm(
    "imports.undo_import",
    granted("imports.run_imports") & manages_its_kind & (owns_run | granted("accounts.manage_users")),
)
