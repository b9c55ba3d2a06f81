"""Permission rules of following: all see figures of customers; figures of a person's work are seen by that person, the
leader, and those who keep care plans."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import Q

from accounts.models import Team, User
from accounts.selectors import people_ids
from core.permissions import granted, is_active_user

MANAGE = "careplans.manage_plans"
rules.add_perm("carefollow.view_adherence", is_active_user)
rules.add_perm("carefollow.view_key_accounts", granted("careplans.approve_plans") | granted(MANAGE))


def people_seen(user: Any) -> Any:
    """Return the people of which the user sees the figures: all, or the user and those that the user leads."""
    if not user.is_authenticated or not user.is_active:
        return User.objects.none()
    people = User.objects.order_by("sort_key", "pk")
    if user.has_perm(MANAGE):
        return people
    teams = list(Team.objects.filter(leader=user))
    led = set(people_ids(*teams)) if teams else set()
    led.update(User.objects.filter(manager=user).values_list("pk", flat=True))
    return people.filter(pk__in={user.pk, *led})


def sees_everyone(user: Any) -> bool:
    return bool(user.has_perm(MANAGE))


def keepers() -> list[int]:
    """Return the ids of the active users who keep care plans."""
    return sorted(holders_of("careplans", "manage_plans"))


def holders_of(app: str, grant: str) -> set[int]:
    """Return the ids of the active users with a grant, in one query."""
    right = {"codename": grant, "content_type__app_label": app}
    of_group = Q(**{f"groups__permissions__{name}": value for name, value in right.items()})
    of_user = Q(**{f"user_permissions__{name}": value for name, value in right.items()})
    return set(User.objects.active().filter(of_group | of_user).order_by().values_list("pk", flat=True))
