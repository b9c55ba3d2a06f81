"""The permissions of targets and sales figures."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user


@rules.predicate
def may_follow(user: Any, person: Any) -> bool:
    """Return whether the user is the person, their manager or a leader of their team."""
    if person is None or person.pk == user.pk or person.manager_id == user.pk:
        return True
    return bool(person.teams.filter(leader=user).exists())


@rules.predicate
def is_manager_of(user: Any, person: Any) -> bool:
    return person is not None and person.manager_id == user.pk


@rules.predicate
def is_of_team(user: Any, team: Any) -> bool:
    """Return whether the user is a member or the leader of the team."""
    return team is not None and (team.leader_id == user.pk or team.memberships.filter(user=user).exists())


rules.add_perm("sales.view_targets", is_active_user & (may_follow | granted("accounts.view_reports")))
rules.add_perm("sales.view_team_targets", is_active_user & (is_of_team | granted("accounts.view_reports")))
rules.add_perm("sales.edit_target", granted("sales.set_targets") | is_manager_of)
