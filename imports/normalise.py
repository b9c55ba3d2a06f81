"""A row of text → normalised values and problems, by a mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from core.exports import FORMULA_STARTS
from core.import_kinds import Field, Kind, Parser
from imports.config import ColumnMap, Config, parse_fixed
from imports.lookups import folded
from imports.problems import Problem

#: Values of a column that are remembered, so that a repeated one is parsed once.
MEMORY = 5_000
MISSING = object()


@dataclass
class Normalised:
    """``values`` has a key for each field that the row says something about; None empties a field."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_refused: bool = False


class Column:
    """One mapped column: where it is and how its cells become values."""

    def __init__(self, column: ColumnMap, target: Field, index: int) -> None:
        self.map, self.target, self.index = column, target, index
        self._parse: Parser = target.parser(Decimal(column.factor or 1))
        self._translations = {folded(old): new for old, new in column.translations.items()}
        self._memory: dict[str, Any] = {}

    def value(self, cell: str) -> Any:
        """Return the value of a cell: MISSING when it says nothing. Raises ``ValidationError``."""
        if cell not in self._memory:
            if len(self._memory) >= MEMORY:
                self._memory.clear()
            self._memory[cell] = self._value(cell)
        found = self._memory[cell]
        if isinstance(found, ValidationError):
            raise found
        return found

    def _value(self, cell: str) -> Any:
        cell = unquoted(cell)
        text = self._translations.get(folded(cell), cell) if self._translations else cell
        if not text.strip():
            return None if self.map.clear else MISSING
        try:
            return self._parse(text)
        except ValidationError as error:
            return error


def unquoted(cell: str) -> str:
    """Return a cell without the mark that our own files put before what a spreadsheet would run as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


class Normaliser:
    """Made once a run. Raises :class:`imports.config.BadMapping` for constants that are not right."""

    def __init__(self, kind: Kind, config: Config, header: list[str]) -> None:
        self.width = len(header)
        self.columns = [Column(item, kind.fields[item.field], header.index(item.column)) for item in config.columns]
        self.constants = parse_fixed(kind, config.constants)

    def __call__(self, row: list[str]) -> Normalised:
        result = Normalised()
        if any(row[self.width :]):
            result.problems.append(Problem("extra_cells"))
            result.is_refused = True
        for column in self.columns:
            self._import(result, column, row[column.index] if column.index < len(row) else "")
        for name, value in self.constants.items():
            result.values.setdefault(name, value)
        return result

    @staticmethod
    def _import(result: Normalised, column: Column, cell: str) -> None:
        name = column.target.name
        try:
            value = column.value(cell)
        except ValidationError as error:
            result.problems.append(Problem.of(error, name))
            result.is_refused |= not column.target.soft
            return
        if value is MISSING:
            return
        if column.target.per_system:
            if value is not None:
                result.values.setdefault(name, []).append([column.map.system.strip(), value])
        else:
            result.values[name] = value
