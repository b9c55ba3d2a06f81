"""Numbers as people write them, in Finnish and in English form."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_SPACES = re.compile(r"[\s'’]+")
_UNITS = re.compile(r"(€|eur|euroa|euros?)$", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
#: Ordinary numbers, which can be read in one way only.
_ORDINARY = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,2})?")
_LONGEST = 40


def parse_id(value: Any) -> int | None:
    """Return the id that an address or a form names; anything else is none."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def parse_decimal(value: str, *, whole: bool = False) -> Decimal:
    """Return the number that ``value`` says: ``1 234,50``, ``1,234.50``, ``-7``, ``12 €``.

    The last of two kinds of separators is the decimal one; a single one before three digits is a separator of
    thousands in a ``whole`` number and the decimal one otherwise. Raises ``ValueError``.
    """
    if _ORDINARY.fullmatch(value):
        return Decimal(value.replace(",", "."))
    text = _UNITS.sub("", _SPACES.sub("", value)).replace("−", "-").replace("–", "-")
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        text = text.replace("." if comma > point else ",", "")
    mark = "," if "," in text else "."
    groups = text.lstrip("+-").split(mark)
    if len(groups) > 2 or (whole and len(groups) == 2 and len(groups[1]) == 3):
        if not all(len(group) == 3 for group in groups[1:]) or len(groups[0]) > 3:
            raise ValueError(value)
        text = text.replace(mark, "")
    text = text.replace(",", ".")
    if not _PLAIN.fullmatch(text) or len(text) > _LONGEST:
        raise ValueError(value)
    return Decimal(text)
