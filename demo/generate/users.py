"""The people of the organisation: 46 in the groups that the source organisation has, and three roles it lacks."""

from __future__ import annotations

from collections.abc import Iterator
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
#: Team → the roles in it; the first role's first person leads it.
TEAMS = {
    "Asiakkuustiimi": ("key_account_manager", "account_manager", "product_manager", "sales_and_marketing"),
    "Projektitiimi": ("projects",),
    "Kansainvälinen tiimi": ("international",),
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


def people(dice: Dice) -> Iterator[Person]:
    """Yield the organisation's people, role by role, no name twice."""
    taken: set[tuple[str, str]] = set()
    for role, count in {**ORGANISATION, **OTHERS}.items():
        account, *_none = (ACCOUNTS.get(role), None)
        known = [account[1:]] if account else []
        known += COLLEAGUES.get(role, ())
        for number in range(count):
            name = known[number] if number < len(known) else _free_name(dice, taken)
            taken.add(name)
            is_account = bool(account) and number == 0
            username = account[0] if account and is_account else ".".join(map(ascii_word, name))
            yield Person(role, username, *name, TITLES[role], mobile(dice), is_account)


def _free_name(dice: Dice, taken: set[tuple[str, str]]) -> tuple[str, str]:
    while (name := full_name(dice)) in taken:
        pass
    return name
