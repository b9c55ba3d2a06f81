"""Rules for seeing and changing hours of work."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user


@rules.predicate
def may_follow_hours(user: Any, person: Any) -> bool:
    """Return whether the user may see the hours of the person: the person, their manager or a leader of their team.

    Without a person the question is about the page itself, which is open to everyone.
    """
    if person is None or person.pk == user.pk or person.manager_id == user.pk:
        return True
    return bool(person.teams.filter(leader=user).exists())


@rules.predicate
def may_set_target(user: Any, person: Any) -> bool:
    return person is not None and user.pk in (person.pk, person.manager_id)


users_manager = granted("accounts.manage_users")


rules.add_perm(
    "calendar.view_hours",
    is_active_user & (may_follow_hours | granted("accounts.view_reports") | users_manager),
)
rules.add_perm("calendar.set_work_target", is_active_user & (may_set_target | users_manager))
