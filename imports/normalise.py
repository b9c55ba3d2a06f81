"""A row of text → normalised values and problems, by a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from core.exports import FORMULA_STARTS
from core.import_kinds import Field, Kind, Parser, Part
from core.text import visible
from imports.amounts import Marks, find_marks, resolve
from imports.config import ColumnMap, Config, parse_fixed
from imports.lookups import folded
from imports.problems import Problem
from imports.readers.sheets import NumberCell

#: Values of a column that are remembered, so that a repeated one is parsed once.
MEMORY = 5_000
MISSING = object()
EXAMPLES = 3
#: The longest note of a value (the label of a phone number).
LONGEST_NOTE = 60


@dataclass
class Normalised:
    """``values`` has a key for each field that the row says something about; None empties a field."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_refused: bool = False
    is_held: bool = False


@dataclass(slots=True)
class Read:
    """What a cell says: its value (MISSING: nothing) and the problems with it."""

    value: Any = MISSING
    problems: tuple[Problem, ...] = ()
    is_wrong: bool = False
    is_held: bool = False
    is_plain: bool = False  # a value without problems


#: What an empty cell says.
EMPTY = Read()


class Column:
    """One mapped column: where it is and how its cells become values."""

    def __init__(self, column: ColumnMap, target: Field, index: int, marks: Marks) -> None:
        self.map, self.target, self.index, self.marks = column, target, index, marks
        self._parse: Parser = target.parser(Decimal(column.factor or 1))
        self._translations = {folded(old): new for old, new in column.translations.items()}
        self.is_single = not (target.per_system or target.many)
        self._texts: dict[str, Read] = {}
        self._numbers: dict[str, Read] = {}

    def read(self, cell: str) -> Read:
        """Return what a cell says."""
        is_number = isinstance(cell, NumberCell)
        memory = self._numbers if is_number else self._texts
        read = memory.get(cell)
        if read is None:
            if len(memory) >= MEMORY:
                memory.clear()
            read = memory[cell] = self._read(cell, is_number=is_number)
        return read

    def _read(self, cell: str, *, is_number: bool) -> Read:
        cell = visible(unquoted(cell))
        text = self._translations.get(folded(cell), cell) if self._translations else cell
        if not text.strip():
            return Read(None) if self.map.clear else EMPTY
        if self.target.is_amount and not is_number:
            plain = resolve(text, self.marks, self.map.decimal)
            if plain is None:
                return Read(problems=(self._problem("ambiguous_number", text),), is_held=True)
            text = plain
        if self.target.parts:
            return self._read_parts(text)
        try:
            return Read(self._parse(text), is_plain=True)
        except ValidationError as error:
            return Read(problems=(Problem.of(error, self.target.name),), is_wrong=True)

    def _read_parts(self, text: str) -> Read:
        found: dict[str, str] = {}
        problems: list[Problem] = []
        for part in (self.target.parts or one_part)(text):
            try:
                value = self._parse(part.text)
            except ValidationError as error:
                problems.append(Problem.of(error, self.target.name))
                continue
            note = part.note if self.target.many and len(part.note) <= LONGEST_NOTE else ""
            if part.note and not note:
                problems.append(self._problem("note_left_out", part.note))
            found.setdefault(value, note)
        if not found:
            return Read(problems=tuple(problems), is_wrong=True)
        if self.target.many:
            return Read([list(item) for item in found.items()], tuple(problems))
        first, *others = found
        problems += [self._problem("more_values", value) for value in others]
        return Read(first, tuple(problems), is_plain=not problems)

    def _problem(self, code: str, value: str) -> Problem:
        return Problem(code, {"value": value[:80]}, self.target.name)


def one_part(text: str) -> list[Part]:
    return [Part(text)]


def unquoted(cell: str) -> str:
    """Return a cell without the mark that our own files put before what a spreadsheet would run as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


@dataclass
class LeftOut:
    """A column that fills no field: how many of its cells say something, and the first of them."""

    column: str
    index: int
    cells: int = 0
    examples: list[str] = field(default_factory=list)

    def see(self, row: list[str]) -> None:
        cell = row[self.index].strip() if self.index < len(row) else ""
        if cell:
            self.cells += 1
            if len(self.examples) < EXAMPLES and cell[:60] not in self.examples:
                self.examples.append(cell[:60])


class Normaliser:
    """Made once a run. Raises :class:`imports.config.BadMapping` for constants that are not right."""

    def __init__(self, kind: Kind, config: Config, header: list[str], marks: Mapping[str, Any] | None = None) -> None:
        self.width = len(header)
        found = {column: Marks(*item) for column, item in (marks or {}).items()}
        self.columns = [
            Column(item, kind.fields[item.field], header.index(item.column), found.get(item.column, Marks()))
            for item in config.columns
        ]
        self.constants = parse_fixed(kind, config.constants)
        mapped = {column.index for column in self.columns}
        self.left_out = [LeftOut(name, index) for index, name in enumerate(header) if index not in mapped]
        self._shared = {name for name in kind.fields if sum(item.field == name for item in config.columns) > 1}

    def __call__(self, row: list[str]) -> Normalised:
        result, width = Normalised(), len(row)
        for left in self.left_out:
            left.see(row)
        if width > self.width and any(row[self.width :]):
            result.problems.append(Problem("extra_cells"))
            result.is_refused = True
        for column in self.columns:
            read = column.read(row[column.index] if column.index < width else "")
            if read is EMPTY:
                continue
            if read.is_plain and column.is_single:
                result.values[column.target.name] = read.value
            else:
                self._import(result, column, read)
        for name, value in self.constants.items():
            result.values.setdefault(name, value)
        return result

    def _import(self, result: Normalised, column: Column, read: Read) -> None:
        name = column.target.name
        result.problems += read.problems
        result.is_refused |= read.is_wrong and not column.target.soft
        result.is_held |= read.is_held
        value = read.value
        if value is MISSING:
            return
        if column.target.per_system:
            if value is not None:
                result.values.setdefault(name, []).append([column.map.system.strip(), value])
        elif column.target.many:
            self._add(result, column, value or [])
        else:
            result.values[name] = value

    def _add(self, result: Normalised, column: Column, values: list[list[str]]) -> None:
        """Add the values of one of several columns; the heading says which they are."""
        known = result.values.get(column.target.name) or []
        label = column.map.column[:LONGEST_NOTE] if column.target.name in self._shared else ""
        new = [[text, note or label] for text, note in values if text not in {item[0] for item in known}]
        result.values[column.target.name] = [*known, *new] or None


def marks_of(kind: Kind, config: Config, header: list[str], rows: Iterable[list[str]]) -> dict[str, Any]:
    """Return the marks of the columns of money by all their cells, as JSON."""
    amounts = [item.column for item in config.columns if kind.fields[item.field].is_amount and not item.decimal]
    if not amounts:
        return {}
    indexes = {column: header.index(column) for column in amounts}
    found = {column: _MarksFinder() for column in amounts}
    for row in rows:
        for column, index in indexes.items():
            if index < len(row) and not isinstance(row[index], NumberCell):
                found[column].see(row[index])
    return {column: finder.marks().data() for column, finder in found.items()}


class _MarksFinder:
    """Finds the marks of a column cell by cell; equal forms of cells are kept once."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def see(self, cell: str) -> None:
        if cell and len(self._forms) < MEMORY:
            self._forms.add("".join("1" if character in "23456789" else character for character in cell))

    def marks(self) -> Marks:
        return find_marks(self._forms)
