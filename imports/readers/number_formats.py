"""Number formats of Excel that put zeros before a number: 42 with the format ``000000`` is shown as 000042."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

_STYLES = "xl/styles.xml"
_FORMAT = re.compile(rb'formatCode="([^"]*)"')
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_PLACES = "0#?"


def padded_cells(path: Path, sheet: str) -> Callable[[int], dict[int, str]]:
    """Return a function that gives the formats with zeros of the cells of a row (asked for in order), by column."""
    if not _has_padded(path):
        return lambda _number: {}
    rows = _formats(path, sheet)
    ahead: list[tuple[int, dict[int, str]]] = []

    def formats_of(number: int) -> dict[int, str]:
        while not ahead or ahead[0][0] < number:
            found = next(rows, None)
            if found is None:
                return {}
            ahead[:] = [found]
        return ahead[0][1] if ahead[0][0] == number else {}

    return formats_of


def _has_padded(path: Path) -> bool:
    """Return whether the workbook has a format with zeros at all: most have none, and need not be read twice."""
    try:
        with zipfile.ZipFile(path) as archive:
            styles = archive.read(_STYLES)
    except (KeyError, zipfile.BadZipFile, OSError, RuntimeError):
        return False
    codes = (code.decode("utf-8", "ignore").replace("&quot;", '"') for code in _FORMAT.findall(styles))
    return any(is_padded(code) for code in codes)


def _formats(path: Path, sheet: str) -> Iterator[tuple[int, dict[int, str]]]:
    with path.open("rb") as file:
        try:
            book: Any = load_workbook(file, read_only=True, data_only=True)
        except Exception:  # the formats of a workbook that only the other library reads stay unknown
            return
        for row in book[sheet].iter_rows():
            cells = [cell for cell in row if cell.value is not None]
            found = {cell.column - 1: cell.number_format for cell in cells if is_padded(cell.number_format)}
            if found:
                yield cells[0].row, found


@lru_cache(maxsize=1_000)
def is_padded(code: str) -> bool:
    """Return whether a format writes whole numbers with at least two digits."""
    bare = _QUOTED.sub("", code.split(";")[0])
    return bare.count("0") > 1 and not re.search(r"[^0#?\s()/+-]", bare)


def shown(value: float, code: str) -> str:
    """Return a whole number as a padded format shows it: 7375462 as ``0000000-0`` is 0737546-2."""
    digits = str(abs(int(value)))
    marks = _marks(code.split(";")[0])
    result: list[str] = []
    for index, (mark, is_literal) in reversed(list(enumerate(marks))):
        if is_literal:
            result.append(mark)
            continue
        is_first = not any(not literal for _mark, literal in marks[:index])
        taken, digits = (digits, "") if is_first else (digits[-1:], digits[:-1])
        if taken or mark == "0":
            result.append(taken or "0")
    text = "".join(reversed(result)).strip()
    return f"-{text}" if value < 0 else text


def _marks(code: str) -> list[tuple[str, bool]]:
    """Return the characters of a format, and whether each is shown as it is."""
    marks: list[tuple[str, bool]] = []
    position = 0
    while position < len(code):
        match = _QUOTED.match(code, position)
        if match:
            marks += [(character, True) for character in match[1] or match[2] or ""]
            position = match.end()
        else:
            marks.append((code[position], code[position] not in _PLACES))
            position += 1
    return marks
