"""What a field of an import is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from imports.readers.table import fold
from imports.values import Parser


@dataclass(frozen=True)
class Field:
    """A field that a column can fill.

    ``parser(factor)`` makes the parser of its values. The value of a ``soft`` field is left out when it is not right
    and the rest of the row is taken in; otherwise the row is refused. ``synonyms`` are headings (with commas between)
    by which it is suggested. A field of ``per_system`` is the number of one named system.
    """

    name: str
    label: Any
    parser: Callable[[Decimal], Parser]
    synonyms: str = ""
    section: Any = ""
    soft: bool = False
    per_system: bool = False
    has_factor: bool = False
    choices: Any = None

    @property
    def headings(self) -> list[str]:
        """The headings by which the field is suggested, folded."""
        return [fold(name) for name in self.synonyms.split(",") if name.strip()]


def plain(parser: Parser) -> Callable[[Decimal], Parser]:
    """A parser that knows no factor."""
    return lambda _factor: parser
