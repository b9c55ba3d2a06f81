"""Names of organisations, each of a sort that says its form, customer group, industry and who works there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from demo.generate.dice import Dice, Weighted
from demo.generate.words import BY_WEIGHT, PLACES, SURNAMES, Place, full_name, genitive, part_of, table, word_sections

#: Own industry → words before a name (*Ravintola Karhu*) and after one (*Nokian Konepaja*).
TRADES = {trade: (before.split(), after.split()) for trade, before, after in table("trades")}
COMMON_TRADES = Weighted(
    dict.fromkeys(TRADES, 1.0)
    | dict.fromkeys(("restaurants", "retail", "residential_care", "house_building", "building_services"), 4.0)
    | dict.fromkeys(("metal", "vehicle_trade", "cleaning", "medical", "early_education", "land_transport"), 2.5)
)
COMPOUNDS = word_sections("compounds")
ASSOCIATIONS = (
    "{part} Yrittäjät ry", "{part} Omakotiyhdistys ry", "{part} Voimistelijat ry", "{place} Omaishoitajat ry",
    "{place} Eläkkeensaajat ry", "Lähihoiva {fantasy} ry", "{place} Martat ry", "{part} Palloseura ry",
    "{place} Mielenterveysyhdistys ry", "{place} Työttömät ry", "{place} Nuorisotoiminta ry", "{fantasy}-yhdistys ry",
    "{part} Vanhempainyhdistys ry", "{place} Rakennusmestarit ry", "{place} Monikulttuuriyhdistys ry",
)  # fmt: skip
UNITS = {
    "Päiväkoti {fantasy}": "early_education",
    "{part} päiväkoti": "early_education",
    "{part} koulu": "general_education",
    "{part} lukio": "general_education",
    "{part} terveysasema": "medical",
    "{part} palvelukeskus": "residential_care",
    "Palvelutalo {fantasy}": "residential_care",
    "{part} kirjasto": "municipal",
    "{part} nuorisotila": "municipal",
    "{place} tekninen toimi": "municipal",
    "{place} ruokapalvelut": "restaurants",
}
AUTHORITIES = (
    "{place} työllisyyspalvelut", "{place} ympäristökeskus", "{place} pelastuslaitos", "{place} seurakuntayhtymä",
    "{place} maistraattipalvelut", "{place} seudun kuntayhtymä", "{place} poliisiasema", "{place} verotoimisto",
)  # fmt: skip
INSTITUTIONS = (
    "{place} ammattiopisto", "{place} aikuisopisto", "{place} kansalaisopisto", "{place} kansanopisto",
    "{place} ammattikorkeakoulu", "{place} seudun koulutuskuntayhtymä", "{fantasy}-opisto", "{place} työväenopisto",
)  # fmt: skip
FOUNDATIONS = (
    "{surname} säätiö sr",
    "{place} asumisoikeussäätiö sr",
    "{fantasy}-säätiö sr",
    "{place} kulttuurisäätiö sr",
)
SUFFIXES = Weighted({"Oy": 86, "Ky": 5, "Oyj": 1, "Osk": 2, "Ab": 2, "Tmi": 4})


@dataclass(frozen=True)
class Organisation:
    """The facts that follow from a name: place, legal form, trade, municipality above it."""

    name: str
    sort: str
    form: str
    place: Place
    industry: str
    segment: str = ""
    manager: int | None = None  # the account manager of the customer
    parent: str = ""
    size: str = ""
    group: str = ""

    @property
    def is_business(self) -> bool:
        return self.sort in {"company", "foundation", "association"}


def _known(row: list[str]) -> Organisation:
    name, sort, form, place, industry, segment, manager, size, group = row
    return Organisation(name, sort, form, PLACES[place], industry, segment, int(manager), size=size, group=group)


#: The five key customers everywhere, then others that documentation and tutorials may name.
KNOWN = tuple(map(_known, table("known")))


def municipality_name(place: Place) -> str:
    return f"{place.genitive} {place.form}"


MUNICIPALITIES = tuple(
    Organisation(municipality_name(place), "municipality", "municipality", place, "municipal")
    for place in PLACES.values()
    if place.name != "Espoo"
)


def fantasy(dice: Dice) -> str:
    return dice.pick(COMPOUNDS["first"]) + dice.pick(COMPOUNDS["last"])


def filled(dice: Dice, template: str, place: Place) -> str:
    """Fill ``{place}``, ``{part}``, ``{surname}`` (genitives) and ``{fantasy}``."""
    return template.format(
        place=place.genitive, part=part_of(dice, place), surname=genitive(dice.pick(SURNAMES)), fantasy=fantasy(dice)
    )


def company_name(dice: Dice, place: Place, trade: str) -> str:
    """Return a company's name in one of the ways that Finns name companies."""
    before, after = TRADES[trade]
    suffix = dice.weighted(SUFFIXES)
    if suffix == "Tmi":
        return f"Tmi {dice.pick(before)} {' '.join(full_name(dice))}"
    way = dice.random()
    if way < 0.16:
        stem = f"{place.genitive if dice.chance(0.4) else part_of(dice, place)} {dice.pick(after)}"
    elif way < 0.34:
        stem = f"{dice.pick(before)} {dice.pick(SURNAMES)}"
    elif way < 0.42:
        stem = f"{dice.pick(before)} {dice.pick(SURNAMES)} & {dice.pick(('Pojat', 'Kumppanit', 'Tyttäret', 'Co'))}"
    elif way < 0.54:
        stem = f"{genitive(dice.pick(SURNAMES))} {dice.pick(after)}"
    elif way < 0.64:
        stem = f"{dice.pick(SURNAMES)} & {dice.pick(SURNAMES)}"
    elif way < 0.86:
        stem = f"{fantasy(dice)} {dice.pick(after)}"
    else:
        stem = f"{dice.pick(before)} {fantasy(dice)}"
    return f"{stem} {suffix}"


def company(dice: Dice) -> Organisation:
    place, trade = dice.weighted(BY_WEIGHT), dice.weighted(COMMON_TRADES)
    return Organisation(company_name(dice, place, trade), "company", "company", place, trade)


def group_head(dice: Dice) -> Organisation:
    """Return the parent of a group of companies; :func:`subsidiaries` names the others."""
    stem = fantasy(dice) if dice.chance(0.5) else dice.pick(SURNAMES)
    name = f"{stem}-Yhtiöt Oy" if dice.chance(0.6) else f"{stem} Group Oyj"
    return Organisation(name, "company", "company", dice.weighted(BY_WEIGHT), dice.weighted(COMMON_TRADES))


def subsidiaries(dice: Dice, head: Organisation) -> list[Organisation]:
    """Return one to three companies below a head, named after it."""
    stem = head.name.split("-Yhtiöt")[0].split(" Group")[0]
    trades = [dice.weighted(COMMON_TRADES) for _number in range(dice.number(1, 3))]
    return [
        Organisation(
            f"{stem} {dice.pick(TRADES[trade][1])} Oy",
            "company",
            "group_company",
            dice.weighted(BY_WEIGHT),
            trade,
            parent=head.name,
        )
        for trade in trades
    ]


def association(dice: Dice) -> Organisation:
    place = dice.weighted(BY_WEIGHT)
    name = filled(dice, dice.pick(ASSOCIATIONS), place)
    return Organisation(name, "association", "association", place, "organisations")


def unit(dice: Dice) -> Organisation:
    place, template = dice.weighted(BY_WEIGHT), dice.pick(tuple(UNITS))
    name = filled(dice, template, place)
    return Organisation(name, "unit", "municipal_unit", place, UNITS[template], parent=municipality_name(place))


def authority(dice: Dice) -> Organisation:
    place = dice.weighted(BY_WEIGHT)
    return Organisation(filled(dice, dice.pick(AUTHORITIES), place), "authority", "authority", place, "state")


def institution(dice: Dice) -> Organisation:
    place = dice.weighted(BY_WEIGHT)
    name = filled(dice, dice.pick(INSTITUTIONS), place)
    return Organisation(name, "institution", "partner_institution", place, "vocational_education")


def foundation(dice: Dice) -> Organisation:
    place = dice.weighted(BY_WEIGHT)
    return Organisation(filled(dice, dice.pick(FOUNDATIONS), place), "foundation", "foundation", place, "organisations")


def household(dice: Dice) -> Organisation:
    first, last = full_name(dice)
    return Organisation(f"Kotitalous {last} {first}", "household", "household", dice.weighted(BY_WEIGHT), "households")


SORTS: Weighted[Callable[[Dice], Organisation]] = Weighted(
    {
        company: 68,
        group_head: 2,
        association: 9,
        unit: 12,
        authority: 1.5,
        institution: 2.5,
        foundation: 2,
        household: 3,
    }
)


class Organisations:
    """An endless stream: the known ones, the municipalities, then made-up ones.

    Names are not repeated until there are many; a hundred thousand real companies share their names with others too.
    """

    REMEMBERED = 200_000

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.queue: deque[Organisation] = deque((*KNOWN, *MUNICIPALITIES))
        self.names = {organisation.name for organisation in self.queue}

    def continue_after(self, others: Organisations) -> None:
        """Make up only, and none of the names that ``others`` know."""
        self.queue.clear()
        self.names = set(others.names)

    def next(self) -> Organisation:
        return self.queue.popleft() if self.queue else self._made_up()

    def _made_up(self) -> Organisation:
        for _attempt in range(20):
            sort = self.dice.weighted(SORTS)
            made = sort(self.dice)
            if self._is_new(made):
                break
        if sort is group_head:
            self.queue.extend(filter(self._is_new, subsidiaries(self.dice, made)))
        return made

    def _is_new(self, made: Organisation) -> bool:
        """Return whether the name is not taken; takes it, as long as there is room to remember."""
        is_new = made.name not in self.names
        if len(self.names) < self.REMEMBERED:
            self.names.add(made.name)
        return is_new
