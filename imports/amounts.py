"""Sums of money: what one separator before exactly three digits means in a column (``1.500``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.text import visible

_AFFIX = re.compile(r"^[\s(+−–€-]*|(?:[\s)]|€|eur|euroa|euros?)*$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[\s'’]\d{3})+")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_THREE = re.compile(r"[.,]\d{3}")
_ONE_MARK = re.compile(r"(\d+)([.,])(\d+)")
_MANY_MARKS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")
_BOTH = re.compile(r"\d{1,3}(?:([.,])\d{3})+([.,])(\d+)")
_OTHER = {".": ",", ",": "."}


@dataclass(frozen=True)
class Marks:
    """The decimal mark of a column's cells, and whether it is also used before three decimals."""

    decimal: str = ""
    has_three: bool = False

    def data(self) -> list[object]:
        return [self.decimal, self.has_three]


def bare(text: str) -> str:
    """Return a number without its sign, brackets and euros."""
    return _AFFIX.sub("", visible(text).strip()).strip()


def ambiguous_mark(text: str) -> str:
    """Return the separator of a number that can be read in two ways, else an empty string."""
    if text.isascii() and not _THREE.search(text):
        return ""
    match = _AMBIGUOUS.fullmatch(bare(text))
    return match[1] if match else ""


def find_marks(cells: Iterable[str]) -> Marks:
    """Return the marks of a column by the cells that can be read in one way only; none if they disagree."""
    decimals: set[str] = set()
    has_three = False
    for cell in cells:
        mark, places = _decimal_of(bare(cell))
        if mark:
            decimals.add(mark)
            has_three |= places == 3
    return Marks(decimals.pop(), has_three) if len(decimals) == 1 else Marks()


def _decimal_of(text: str) -> tuple[str, int]:
    """Return the decimal mark that a number shows, and its number of decimals."""
    if _AMBIGUOUS.fullmatch(text):
        return "", 0
    if many := _MANY_MARKS.fullmatch(text):
        return _OTHER[many[1]], 0
    if both := _BOTH.fullmatch(text):
        return (both[2], len(both[3])) if both[1] != both[2] else ("", 0)
    plain = _ONE_MARK.fullmatch(_GROUPED.sub(lambda group: re.sub(r"\D", "", group[0]), text))
    return (plain[2], len(plain[3])) if plain else ("", 0)


def resolve(text: str, marks: Marks, chosen: str = "") -> str | None:
    """Return an ambiguous number as one that can be read in one way only; None if nothing says which."""
    mark = ambiguous_mark(text)
    decimal = chosen or marks.decimal
    if not mark:
        return text
    if not decimal:
        return None
    if mark != decimal:
        return text.replace(mark, "")
    return text if chosen or marks.has_three else None
