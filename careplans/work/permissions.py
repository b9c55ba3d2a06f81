"""Who enters absences: the person, the leader, and who keeps those of all."""

from __future__ import annotations

from typing import Any

import rules

from careplans.work.models import CareWork
from careplans.work.services.works import may_claim
from core.permissions import allowed, granted, is_active_user

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


@rules.predicate
def is_from_plan(user: Any, activity: Any) -> bool:
    return activity is None or CareWork.objects.filter(activity=activity.pk).exists()


@rules.predicate
def activity_may_be_changed(user: Any, work: Any) -> bool:
    return work is None or (work.activity is not None and allowed(user, "activities.edit_activity", work.activity))


@rules.predicate
def is_on_own_list(user: Any, work: Any) -> bool:
    return work is None or may_claim(user, work)


@rules.predicate
def has_claimed(user: Any, work: Any) -> bool:
    return work is None or (bool(work.list_key) and work.person_id == user.pk)


rules.add_perm("carework.view_work", is_active_user)
rules.add_perm("carework.show_work", is_active_user & is_from_plan)
rules.add_perm("carework.edit_work", may_enter & activity_may_be_changed)
rules.add_perm("carework.claim_work", may_enter & is_on_own_list)
rules.add_perm("carework.release_work", may_enter & has_claimed)
rules.add_perm("carework.plan_work", may_enter)
