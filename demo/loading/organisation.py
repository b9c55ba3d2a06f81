"""The demo organisation itself: its users, groups and teams, and the data without which nothing can be invoiced."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth.hashers import make_password

from accounts.models import Role, Team, TeamMembership, User
from core.exceptions import BusinessRuleError
from demo.generate.users import Person, team_plans
from offers.offers.models import SellerDetails

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
    for plan in team_plans(staff):
        team, _is_new = Team.objects.get_or_create(name=plan.name, defaults={"leader_id": plan.members[0]})
        TeamMembership.objects.bulk_create(TeamMembership(team=team, user_id=user) for user in plan.members)


OURS = {
    "name": "Esimerkkiopisto",
    "business_id": "9876543-0",
    "vat_number": "FI98765430",
    "street": "Kirkkokatu 16",
    "postal_code": "02770",
    "city": "Espoo",
    "email": "laskutus@esimerkkiopisto.example",
    "iban": "FI2112345600000785",
    "bic": "NDEAFIHH",
}


def seller_load() -> None:
    """Fill our data in where there are none."""
    row, _is_new = SellerDetails.objects.get_or_create(pk=1)
    if not row.name:
        SellerDetails.objects.filter(pk=1).update(**OURS)


def seller_remove() -> None:
    """Take the demo's data away, unless somebody has made them their own."""
    SellerDetails.objects.filter(pk=1, **OURS).delete()
