"""Tables: the reading options, header and row stream of a file of any format."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from django.utils.translation import gettext as _

from core.import_kinds import fold
from core.text import one_line
from imports.readers import sheets, text, vcards
from imports.readers.formats import BadFile, Format, find_format

MAX_COLUMNS = 200
MAX_CELL = text.MAX_CELL
#: The header is looked for among this many first rows.
HEAD = 25
_DIGITS = re.compile(r"^[\d\s.,:/€%+-]+$")


@dataclass(frozen=True)
class Reading:
    """Reading options of a file. Empty values are detected; ``header_row`` counts from 1."""

    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    sheet: str = ""
    header_row: int = 0


@dataclass(frozen=True)
class Table:
    """An opened file: its reading options, header, and data rows with their row numbers."""

    format: Format
    reading: Reading
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    sheets: list[str]
    #: Sheets that are not read although they are not empty.
    other_sheets: list[str] = field(default_factory=list)


def open_table(path: Path, reading: Reading | None = None, known: Container[str] = ()) -> Table:
    """Open a file; detect its format, encoding, delimiter and header row unless ``reading`` gives them.

    ``known`` are folded header names: a row with some of them is the header even below title rows.
    Raises :class:`BadFile`, also while the rows are read.
    """
    reading, form = reading or Reading(), find_format(path)
    names: list[str] = []
    others: list[str] = []
    if form == Format.TEXT:
        found = text.find_dialect(path, reading.encoding, reading.delimiter, reading.quote)
        reading = replace(reading, encoding=found.encoding, delimiter=found.delimiter, quote=found.quote)
        lines = text.read_rows(path, found)
    elif form == Format.VCARD:
        reading = Reading(encoding=reading.encoding or text.find_encoding(path), header_row=1)
        lines = vcards.read_cards(path, reading.encoding)
    else:
        names = sheets.sheet_names(path, form)
        filled = sheets.filled_sheets(path, names)
        reading = replace(reading, sheet=reading.sheet if reading.sheet in names else [*filled, *names][0])
        others = [name for name in filled if name != reading.sheet]
        lines = sheets.read_rows(path, reading.sheet)
    head = list(islice(lines, HEAD))
    number = reading.header_row or find_header([row for _number, row in head], known)
    if not any(any(row) for _number, row in head):
        raise BadFile("empty", _("The file is empty."))
    table = _table(form, replace(reading, header_row=number), chain(head, lines), names)
    return replace(table, other_sheets=others)


def _table(form: Format, reading: Reading, lines: Iterator[tuple[int, list[str]]], names: list[str]) -> Table:
    header: list[str] = []
    for _position, (_number, row) in zip(range(reading.header_row), lines, strict=False):
        header = row
    if len(header) > MAX_COLUMNS:
        raise BadFile("too_many_columns", _("The file has more than %d columns.") % MAX_COLUMNS)
    rows = ((number, row) for number, row in lines if any(row))
    first = next(rows, None)
    if first is None:
        raise BadFile("header_only", _("The file has a header but no rows below it."))
    return Table(form, reading, name_columns(header), chain([first], rows), names)


def find_header(rows: list[list[str]], known: Container[str] = ()) -> int:
    """Return the number (from 1) of the header row: the one with most known names, else the first of full width."""
    best = max((sum(fold(cell) in known for cell in row) for row in rows), default=0)
    if best:
        return next(i for i, row in enumerate(rows, 1) if sum(fold(cell) in known for cell in row) == best)
    widest = max((_labels(row) for row in rows), default=0)
    return next((i for i, row in enumerate(rows, 1) if _labels(row) >= max(widest, 1)), 1)


def _labels(row: list[str]) -> int:
    """Return the number of cells that could be headings: texts without figures."""
    return sum(bool(cell) and not _DIGITS.match(cell) for cell in row)


def name_columns(header: list[str]) -> list[str]:
    """Return unique column names: empty ones are numbered, repeated ones get a number appended."""
    names: list[str] = []
    for position, cell in enumerate(header, 1):
        base = one_line(cell)[:100] or f"#{position}"
        name, copy = base, 2
        while name in names:
            name, copy = f"{base} ({copy})", copy + 1
        names.append(name)
    while names and not header[len(names) - 1]:
        names.pop()
    return names
