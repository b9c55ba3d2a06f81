"""What everything is made of: words read from ``data/*.txt``, names of persons, places, identifiers.

The municipalities are real, with postal codes that lie in them, and weighted to the home region. The identifiers are
well formed and belong to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from demo.generate.dice import Dice, Weighted

DATA = Path(__file__).with_name("data")


def lines(name: str) -> list[str]:
    """Return the lines of a file that say something."""
    return [line for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line]


def table(name: str) -> list[list[str]]:
    """Return the rows of a file with columns separated by ``|``."""
    return [cells(line) for line in lines(name)]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def sections(name: str) -> dict[str, list[str]]:
    """Return the lines below each ``[title]`` of a file."""
    found: dict[str, list[str]] = {}
    for line in lines(name):
        if line.startswith("["):
            found[line.strip("[]")] = current = []
        else:
            current.append(line)
    return found


def word_sections(name: str) -> dict[str, list[str]]:
    """Return the single words below each ``[title]`` of a file."""
    return {title: " ".join(below).split() for title, below in sections(name).items()}


_WORDS = word_sections("people")
WOMEN, MEN, SURNAMES = _WORDS["women"], _WORDS["men"], _WORDS["surnames"]
FIRST_NAMES = [name for pair in zip(WOMEN, MEN, strict=False) for name in pair]
IRREGULAR = {
    "Niemi": "Niemen", "Salmi": "Salmen", "Saari": "Saaren", "Koski": "Kosken", "Kurki": "Kurjen", "Lahti": "Lahden",
    "Lehto": "Lehdon", "Aalto": "Aallon", "Ranta": "Rannan", "Laine": "Laineen", "Rinne": "Rinteen",
    "Sillanpää": "Sillanpään",
}  # fmt: skip


def genitive(name: str) -> str:
    """Return the genitive of a surname: *Virtanen* → *Virtasen*, *Koski* → *Kosken*, *Nyman* → *Nymanin*."""
    if name in IRREGULAR:
        return IRREGULAR[name]
    if name.endswith("nen"):
        return name[:-3] + "sen"
    return name + ("n" if name[-1] in "aeiouyäö" else "in")


def full_name(dice: Dice) -> tuple[str, str]:
    """Return a first name and a surname; some people have two surnames."""
    first, last = dice.pick(FIRST_NAMES), dice.pick(SURNAMES)
    if dice.chance(0.03):
        second = dice.pick(SURNAMES)
        last = last if second == last else f"{last}-{second}"
    return first, last


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


WEIGHTS = (7, 9, 10, 5, 8, 4, 2)
FIRST_BUSINESS_ID, PRIME, STEP = 5_000_000, 4_999_999, 1_618_033
LETTERS = str.maketrans("åäöéüÅÄÖ", "aaoeuAAO")
FORMS = frozenset({"oy", "oyj", "ab", "ry", "rf", "ky", "sr", "tmi", "osk"})


def business_ids(seed: int) -> Iterator[str]:
    """Yield business IDs (Y-tunnus) with a right check digit, none of them twice: four and a half million.

    They begin where the registry has not come yet, so that none is a real organisation's.
    """
    for step in range(PRIME):
        digits = str(FIRST_BUSINESS_ID + (seed * 7_919 + step * STEP) % PRIME)
        remainder = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11
        if remainder != 1:
            yield f"{digits}-{11 - remainder if remainder else 0}"


def mobile(dice: Dice) -> str:
    """Return a mobile number (E.164) with subscriber digits that no operator has given."""
    return f"+3584000{dice.number(0, 999_999):06d}"


def landline(dice: Dice) -> str:
    return f"+3589000{dice.number(0, 99_999):05d}"


@lru_cache(maxsize=4096)
def ascii_word(text: str) -> str:
    """Return a word as it is written in addresses: *Mäkelä* → *makela*."""
    return "".join(letter for letter in text.translate(LETTERS).lower() if letter.isascii() and letter.isalnum())


def domain(name: str) -> str:
    """Return a domain under the reserved ``.example`` for an organisation's name."""
    words = [ascii_word(word) for word in name.split() if word.lower() not in FORMS]
    return "".join(words)[:40] + ".example"
