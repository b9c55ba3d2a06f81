"""Who may do what with products, offers, orders, invoices and targets."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user


@rules.predicate
def may_follow(user: Any, person: Any) -> bool:
    """Targets and figures of a person are one's own, the manager's and the team leader's to see."""
    if person is None or person.pk == user.pk or person.manager_id == user.pk:
        return True
    return bool(person.teams.filter(leader=user).exists())


@rules.predicate
def is_manager_of(user: Any, person: Any) -> bool:
    return person is not None and person.manager_id == user.pk


@rules.predicate
def is_of_team(user: Any, team: Any) -> bool:
    """Figures of a team are its members' and its leader's to see."""
    return team is not None and (team.leader_id == user.pk or team.memberships.filter(user=user).exists())


rules.add_perm("sales.view_targets", is_active_user & (may_follow | granted("accounts.view_reports")))
rules.add_perm("sales.view_team_targets", is_active_user & (is_of_team | granted("accounts.view_reports")))
rules.add_perm("sales.edit_target", granted("sales.set_targets") | is_manager_of)
