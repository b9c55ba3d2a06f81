"""Names of persons."""

from __future__ import annotations

from demo.generate.dice import Dice
from demo.generate.words import word_sections

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
