"""Identifiers that are well formed and belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from demo.generate.dice import Dice

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
