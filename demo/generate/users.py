"""The people of the organisation: 46 in the groups that the source organisation has, and three roles it lacks.

Those who work with customers are more where there are more customers, in teams of the same size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from demo.generate.dice import Dice
from demo.generate.words import ascii_word, full_name, mobile

#: Role → how many (domain.md §1: 46 in total).
ORGANISATION = {
    "administrator": 1,
    "deputy_administrator": 1,
    "management": 4,
    "communications": 1,
    "sales_and_marketing": 1,
    "key_account_manager": 1,
    "account_manager": 5,
    "product_manager": 1,
    "pedagogical_manager": 1,
    "regional_coordinator": 1,
    "inno": 5,
    "services": 1,
    "projects": 14,
    "international": 9,
}
#: Roles of other sources, one person each, so that every role can be tried.
OTHERS = {"sales_assistant": 1, "customer_adviser": 1, "read_only": 1}
#: Role → customers for each of its people, where that makes more people than the organisation above has.
CUSTOMERS_EACH = {
    "account_manager": 800, "key_account_manager": 4_000, "product_manager": 4_000, "sales_and_marketing": 4_000,
    "regional_coordinator": 4_000, "services": 4_000, "customer_adviser": 4_000, "sales_assistant": 4_000,
    "inno": 4_000, "projects": 10_000, "international": 20_000, "management": 50_000,
}  # fmt: skip
TITLES = {
    "administrator": "Pääkäyttäjä", "deputy_administrator": "Varapääkäyttäjä", "management": "Johtaja",
    "communications": "Viestintäsuunnittelija", "sales_and_marketing": "Markkinointipäällikkö",
    "key_account_manager": "Asiakkuuspäällikkö", "account_manager": "Asiakasvastaava",
    "product_manager": "Tuotepäällikkö", "pedagogical_manager": "Pedagoginen päällikkö",
    "regional_coordinator": "Aluekoordinaattori", "inno": "Kehittäjä", "services": "Palvelupäällikkö",
    "projects": "Projektipäällikkö", "international": "Kv-koordinaattori", "sales_assistant": "Myyntiassistentti",
    "customer_adviser": "Asiakasneuvoja", "read_only": "Katselija",
}  # fmt: skip
#: The accounts that the start of the program names: role → user name and person. First of their role.
ACCOUNTS = {
    "administrator": ("admin", "Anneli", "Korhonen"),
    "management": ("management", "Jorma", "Hietala"),
    "key_account_manager": ("keymanager", "Tarja", "Salo"),
    "account_manager": ("manager", "Mari", "Virtanen"),
    "sales_assistant": ("assistant", "Sanna", "Ojala"),
    "sales_and_marketing": ("marketing", "Petra", "Laaksonen"),
    "customer_adviser": ("adviser", "Aino", "Rantala"),
    "read_only": ("viewer", "Ville", "Katajisto"),
}
#: Account managers that the design's pictures show beside Mari Virtanen.
COLLEAGUES = {"account_manager": (("Lauri", "Mäkelä"), ("Sofia", "Lindqvist"))}
ACCOUNT_TEAM = "Asiakkuustiimi"
#: Team → the roles in it and how many people it has; where there are more of them, there are more teams of the kind.
TEAMS = {
    ACCOUNT_TEAM: (("key_account_manager", "account_manager", "product_manager", "sales_and_marketing"), 8),
    "Projektitiimi": (("projects",), 14),
    "Kansainvälinen tiimi": (("international",), 9),
}


@dataclass(frozen=True)
class Person:
    role: str
    username: str
    first_name: str
    last_name: str
    title: str
    phone: str
    is_account: bool

    @property
    def email(self) -> str:
        return f"{self.username}@portaali.example"


@dataclass(frozen=True)
class TeamPlan:
    """A team that is to be made, with the user ids of its members; the first one leads it."""

    name: str
    members: list[int]


def how_many(customers: int) -> dict[str, int]:
    """Return role → number of people in an organisation with so many customers."""
    least = {**ORGANISATION, **OTHERS}
    return {role: max(count, customers // CUSTOMERS_EACH.get(role, customers + 1)) for role, count in least.items()}


def team_plans(staff: Mapping[str, list[int]]) -> Iterator[TeamPlan]:
    """Yield the teams of a staff (user ids by role), each with its share of every role."""
    for name, (roles, size) in TEAMS.items():
        count = max(1, round(sum(len(staff[role]) for role in roles) / size))
        for number in range(count):
            members = [user for role in roles for user in _share(staff[role], number, count)]
            yield TeamPlan(f"{name} {number + 1}" if number else name, members)


def account_teams(staff: Mapping[str, list[int]]) -> Iterator[TeamPlan]:
    """Yield the teams of those who work with customers."""
    return (team for team in team_plans(staff) if team.name.startswith(ACCOUNT_TEAM))


def _share(users: list[int], number: int, count: int) -> list[int]:
    return users[number * len(users) // count : (number + 1) * len(users) // count]


def people(dice: Dice, customers: int = 0) -> Iterator[Person]:
    """Yield the people of an organisation with so many customers, role by role, no name twice."""
    taken: set[str] = set()
    for role, count in how_many(customers).items():
        account, *_none = (ACCOUNTS.get(role), None)
        known = [account[1:]] if account else []
        known += COLLEAGUES.get(role, ())
        for number in range(count):
            name = known[number] if number < len(known) else _free_name(dice, taken)
            taken.add(_username(name))
            is_account = bool(account) and number == 0
            username = account[0] if account and is_account else _username(name)
            yield Person(role, username, *name, TITLES[role], mobile(dice), is_account)


def _free_name(dice: Dice, taken: set[str]) -> tuple[str, str]:
    while _username(name := full_name(dice)) in taken:
        pass
    return name


def _username(name: tuple[str, str]) -> str:
    return ".".join(map(ascii_word, name))
