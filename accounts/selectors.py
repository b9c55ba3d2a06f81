"""Reads about users that span models."""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from accounts.models import Grant, GroupMembership, Role, Team, TeamMembership, TeamNote, User
from core.history import HistoryEntry, history_of


def grants() -> QuerySet[Permission]:
    """Return the permissions that groups may hold: those that the models declare."""
    declared = Q(pk__in=[])
    for model in apps.get_models():
        codenames = [codename for codename, _name in model._meta.permissions]
        declared |= Q(content_type__app_label=model._meta.app_label, codename__in=codenames)
    return Permission.objects.filter(declared).select_related("content_type").order_by("content_type__app_label", "pk")


#: Beside another subject so many notes are shown; the team's page has all.
NOTES = 5


def notes_about(user: User, **of: Any) -> list[TeamNote]:
    """Return the newest knowledge notes of the care teams that a subject has, which ``of`` filters."""
    teams = TeamNote.objects.visible_to(user).alive().filter(**of).distinct()
    return list(teams.select_related("team", "added_by")[:NOTES])


def user_history(user: User) -> list[HistoryEntry]:
    return history_of(user, [GroupMembership, TeamMembership])


def role_history(role: Role) -> list[HistoryEntry]:
    """Return what has happened to a group, its rights and its members, newest first."""
    entries = history_of(role, []) + history_of(Group(pk=role.pk), [Grant, GroupMembership])
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def team_history(team: Team) -> list[HistoryEntry]:
    return history_of(team, [TeamMembership, TeamNote])


def team_paths() -> dict[int, str]:
    """Return each team with the names of those that it is part of, the highest first: *Institute › Espoo*."""
    teams = {pk: (name, parent) for pk, name, parent in Team.objects.values_list("pk", "name", "parent")}

    def path(pk: int) -> list[str]:
        name, parent = teams[pk]
        return [*(path(parent) if parent else []), name]

    return {pk: " › ".join(path(pk)) for pk in teams}


def path_of(team: Team) -> list[Team]:
    """Return the teams that a team is part of, the highest first."""
    found: list[Team] = []
    above = team.parent
    while above is not None and above not in found:
        found.insert(0, above)
        above = above.parent
    return found


def teams_below(team: Team) -> list[Team]:
    """Return the teams that are part of a team, each after the one that it is part of, with their ``depth`` from 1."""
    children: dict[int | None, list[Team]] = defaultdict(list)
    for other in Team.objects.exclude(parent=None).with_member_counts().order_by("name"):
        children[other.parent_id].append(other)

    def walk(parent: int, depth: int) -> Iterator[Team]:
        for child in children[parent]:
            child.depth = depth  # type: ignore[attr-defined]
            yield child
            yield from walk(child.pk, depth + 1)

    return list(walk(team.pk, 1))


def ids_below(team: Team) -> set[int]:
    """Return the ids of the teams that are part of a team, however deep."""
    return {other.pk for other in teams_below(team)}


def people_ids(*teams: Team) -> QuerySet[TeamMembership, int]:
    """Return the ids of the people of teams: their members and those of the teams that are part of them."""
    parents = dict(Team.objects.order_by().values_list("pk", "parent"))
    found = {team.pk for team in teams}
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return TeamMembership.objects.filter(team__in=found).order_by().values_list("user", flat=True)


@cache
def time_zones() -> list[str]:
    """Return the names of the time zones of places, in order."""
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))


def team_mate_ids(user: Any) -> set[int]:
    """Return the ids of the members of the user's teams, the user's own among them."""
    teams = TeamMembership.objects.filter(team__memberships__user=user)
    return set(teams.values_list("user", flat=True))
