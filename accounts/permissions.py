"""Rules about users. Administration of users is a grant (``accounts.manage_users``)."""

from __future__ import annotations

from typing import Any

import rules

from accounts.enums import TeamKind
from core.permissions import granted, is_active_user

rules.add_perm("accounts.view_user", is_active_user)
rules.add_perm("accounts.edit_user", granted("accounts.manage_users"))


@rules.predicate
def is_of_team(user: Any, row: Any) -> bool:
    return row is not None and bool(_team(row).memberships.filter(user=user.pk).exists())


@rules.predicate
def has_notes(user: Any, row: Any) -> bool:
    """A care team has knowledge notes; those of a team that was one are still read."""
    return row is not None and _team(row).kind == TeamKind.CARE


def _team(row: Any) -> Any:
    """Return the team of a note, or the team itself."""
    return getattr(row, "team", row)


rules.add_perm("accounts.edit_team_notes", is_active_user & has_notes & (is_of_team | granted("accounts.manage_users")))
