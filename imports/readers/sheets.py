"""Excel and OpenDocument spreadsheets, read by calamine; every cell becomes text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from imports.readers.formats import BadFile, Format, damaged, protected
from imports.readers.number_formats import padded_cells, shown
from imports.readers.text import check_cells


@contextmanager
def _workbook(path: Path) -> Iterator[CalamineWorkbook]:
    """Open a workbook. Raises :class:`BadFile` if the library cannot read it."""
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            yield book
    except PasswordError as error:
        raise protected() from error
    except CalamineError as error:
        raise damaged() from error
    except BaseException as error:
        # The library's panics are no ``Exception``.
        if type(error).__name__ == "PanicException":
            raise damaged() from error
        raise


def sheet_names(path: Path, form: Format) -> list[str]:
    with _workbook(path) as book:
        names = list(book.sheet_names)
    if not names:
        raise BadFile("empty", _("The file is empty."))
    return names


def filled_sheets(path: Path, names: list[str]) -> list[str]:
    """Return the sheets that are not empty; charts and the like are none."""
    with _workbook(path) as book:
        return [name for name in names if _is_filled(book, name)]


def _is_filled(book: CalamineWorkbook, name: str) -> bool:
    try:
        return bool(book.get_sheet_by_name(name).height)
    except CalamineError:
        return False


def read_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a sheet with their row numbers. Raises :class:`BadFile`."""
    with _workbook(path) as book:
        page = book.get_sheet_by_name(sheet)
        formats_of = padded_cells(path, sheet)
        first = page.start[0] if page.start else 0
        for number, row in enumerate(page.iter_rows(), 1):
            if number <= first and not any(cell != "" for cell in row):
                continue
            formats = formats_of(number)
            cells = [shown_text(cell, formats.get(index, "")) for index, cell in enumerate(row)]
            yield number, check_cells(number, cells)


class NumberCell(str):
    """A number that a spreadsheet holds as one: its point is the decimal mark."""

    __slots__ = ()


def shown_text(value: Any, number_format: str = "") -> str:
    """Return a cell as text, a number with zeros before it as its format shows it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = float(value).is_integer() and abs(value) < 1e15
        return shown(value, number_format) if number_format and whole else NumberCell(cell_text(value))
    return cell_text(value)


def cell_text(value: Any) -> str:
    """Return a cell as text: whole numbers without decimals, dates in ISO form."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return str(value).strip()
