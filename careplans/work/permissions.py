"""Who enters absences: the person, the leader, and who keeps those of everybody."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user

manages = granted("carework.manage_absences")
#: Read-only users enter nothing, not even for themselves.
may_enter = granted("activities.log_activity")


def leads(user: Any, person: Any) -> bool:
    """Return whether the user is the person's manager or the leader of one of the person's teams."""
    return person.manager_id == user.pk or bool(person.teams.filter(leader=user.pk).exists())


@rules.predicate
def concerns(user: Any, absence: Any) -> bool:
    return absence is not None and (absence.person_id == user.pk or leads(user, absence.person))


rules.add_perm("carework.view_absence", is_active_user)
rules.add_perm("carework.add_absence", manages | may_enter)
rules.add_perm("carework.edit_absence", manages | (may_enter & concerns))
