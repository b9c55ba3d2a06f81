"""The demo organisation itself: its users, groups and teams, and the data without which nothing can be invoiced."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth.hashers import make_password

from accounts.enums import TeamKind
from accounts.models import Role, Team, TeamMembership, TeamNote, User
from core import clock
from core.exceptions import BusinessRuleError
from demo.generate.users import ACCOUNT_TEAM, Person, team_plans
from offers.offers.models import SellerDetails

#: The units of the institute, and the care team of its key customers with its knowledge notes.
UNITS = ("Espoon yksikkö", "Kirkkonummen yksikkö")
CARE_TEAM = "Avainasiakkaiden hoitotiimi"
NOTES = (
    (
        "Tapaamisten rytmi",
        "Avainasiakas tavataan vähintään neljästi vuodessa: johto kahdesti, koulutuksesta vastaavat kahdesti.\n"
        "Vuosisuunnitelma sovitaan tammikuussa ja käydään läpi kesäkuussa.",
    ),
    (
        "Kuka varmistaa ketä",
        "Jokaisella avainasiakkaalla on varahenkilö tästä tiimistä. Lomien ajaksi vastuu kirjataan sijaisuutena.",
    ),
    ("Puitesopimukset", "Hinnantarkistus neuvotellaan syyskuun loppuun mennessä, ennen asiakkaan budjettia."),
)

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
    units = _make_units(staff["management"][0])
    for number, plan in enumerate(team_plans(staff)):
        kind = TeamKind.ACCOUNT if plan.name.startswith(ACCOUNT_TEAM) else TeamKind.OTHER
        about = {"leader_id": plan.members[0], "kind": kind, "parent": units[number % len(units)]}
        team, _is_new = Team.objects.get_or_create(name=plan.name, defaults=about)
        TeamMembership.objects.bulk_create(TeamMembership(team=team, user_id=user) for user in plan.members)
    _make_care_team(staff, units[0])


def _make_units(leader: int) -> list[Team]:
    """Return the units below the institute."""
    top = _unit(OURS["name"], leader, None)
    return [_unit(name, leader, top) for name in UNITS]


def _unit(name: str, leader: int, parent: Team | None) -> Team:
    about = {"leader_id": leader, "kind": TeamKind.UNIT, "parent": parent}
    team, _is_new = Team.objects.get_or_create(name=name, defaults=about)
    TeamMembership.objects.bulk_create([TeamMembership(team=team, user_id=leader)])
    return team


def _make_care_team(staff: dict[str, list[int]], unit: Team) -> None:
    """Make the care team of the key customers, with what it has agreed on."""
    members = [*staff["key_account_manager"][:2], *staff["account_manager"][:2]]
    about = {"leader_id": members[0], "kind": TeamKind.CARE, "parent": unit}
    team, _is_new = Team.objects.get_or_create(name=CARE_TEAM, defaults=about)
    TeamMembership.objects.bulk_create(TeamMembership(team=team, user_id=user) for user in members)
    at = clock.now()
    TeamNote.objects.bulk_create(
        TeamNote(team=team, title=title, text=text, added_by_id=members[0], added_at=at, changed_at=at)
        for title, text in NOTES
    )


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
