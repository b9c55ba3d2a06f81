"""The demo organisation's users, groups and teams."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth.hashers import make_password

from accounts.models import Role, Team, TeamMembership, User
from core.exceptions import BusinessRuleError
from demo.generate.users import TEAMS, Person

PASSWORD = "portaali-demo"  # noqa: S105 (public on purpose, made in demo mode only)


def users_load(people: list[Person]) -> dict[str, list[int]]:
    """Make the users; return their ids by role. Only the demo accounts have a password.

    Raises :class:`BusinessRuleError` (``username_taken``) when somebody else has one of the user names.
    """
    _check_free([person.username for person in people])
    password = make_password(PASSWORD)
    users = User.objects.bulk_create([_user(person, password) for person in people])
    roles = dict(Role.objects.values_list("name", "pk"))
    through = User.groups.through
    through._default_manager.bulk_create(
        through(user_id=user.pk, group_id=roles[person.role]) for user, person in zip(users, people, strict=True)
    )
    staff: dict[str, list[int]] = defaultdict(list)
    for user, person in zip(users, people, strict=True):
        staff[person.role].append(user.pk)
    _make_teams(staff)
    return staff


def _user(person: Person, password: str) -> User:
    return User(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        title=person.title,
        phone=person.phone,
        password=password if person.is_account else make_password(None),
        is_demo=True,
    )


def _check_free(names: list[str]) -> None:
    taken = User.objects.filter(username__in=names).values_list("username", flat=True)
    if taken:
        raise BusinessRuleError("username_taken", f"There are users already called {', '.join(sorted(taken))}.")


def _make_teams(staff: dict[str, list[int]]) -> None:
    for name, roles in TEAMS.items():
        members = [user for role in roles for user in staff[role]]
        team, _is_new = Team.objects.get_or_create(name=name, defaults={"leader_id": members[0]})
        TeamMembership.objects.bulk_create(TeamMembership(team=team, user_id=user) for user in members)
