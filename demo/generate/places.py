"""Real municipalities with postal codes that lie in them, weighted to the home region."""

from __future__ import annotations

from dataclasses import dataclass

from demo.generate.dice import Dice, Weighted
from demo.generate.words import table, word_sections


@dataclass(frozen=True)
class Place:
    """A municipality: its name, the same in the genitive, city or rural municipality, and some of its postal codes."""

    name: str
    genitive: str
    form: str
    weight: int
    postal_codes: tuple[str, ...]


PLACES = {
    name: Place(name, genitive, form, int(weight), tuple(codes.split()))
    for name, genitive, form, weight, codes in table("places")
}
BY_WEIGHT = Weighted({place: place.weight for place in PLACES.values()})

_PARTS = word_sections("parts")
STREETS = _PARTS.pop("streets")
#: Parts of the home region's towns, in the genitive, for schools, day-care centres and associations.
DISTRICTS = _PARTS


def street(dice: Dice) -> str:
    """Return a street address: *Kauppakatu 12*, *Sepänkuja 4 B*."""
    number = f"{dice.pick(STREETS)} {dice.number(1, 98)}"
    return f"{number} {dice.pick('ABCD')}" if dice.chance(0.3) else number


def part_of(dice: Dice, place: Place) -> str:
    """Return the genitive of a part of the place, or of the place itself."""
    return dice.pick(DISTRICTS[place.name]) if place.name in DISTRICTS else place.genitive
