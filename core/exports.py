"""Lists as CSV and Excel files: the columns of the list, the rows of the filter, formulas made harmless."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any, Protocol

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from core import clock
from core.export_sql import FORMULA_SIGNS, UNPRINTABLE, copy_lines, copy_statement, decimal_sign, values_of
from core.export_watch import Watch, watched
from core.tables import Column, Table

#: Lists up to this many rows are written while the user waits; longer ones by a job.
DIRECT_ROWS = 2_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SIGNS = tuple(FORMULA_SIGNS)
FORMULA_STARTS = (*_SIGNS, "\t", "\r", "\n")
_LEFT_OUT = dict.fromkeys(map(ord, "\0" + UNPRINTABLE))


class Exported(Protocol):
    """What an export needs to know of a list's view."""

    table: Table
    title: Any

    @property
    def user(self) -> Any: ...

    @property
    def sort(self) -> str: ...

    @property
    def columns(self) -> list[Column]: ...


def neutralise(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it instead of running it (OWASP: CSV injection).

    Only for CSV: a cell of an Excel file has its type, and a text is never run.
    """
    return "'" + text if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may run ``text``: it begins with a sign of a formula, also after spaces."""
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(_SIGNS)


def meant(text: str) -> str:
    """Return what a cell says that :func:`neutralise` wrote: an exported file can be brought in again."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def cell(value: Any) -> Any:
    """Return a value as a CSV file holds it: as :func:`typed`, text neutralised."""
    value = typed(value)
    return neutralise(value) if isinstance(value, str) else value


def typed(value: Any) -> Any:
    """Return a value as a cell with a type holds it: dates in local time, lists joined."""
    if value is None or isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return value
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return str(value).translate(_LEFT_OUT)


def csv_text(value: Any) -> Any:
    """Return a value as a CSV file shows it: numbers as a spreadsheet in the user's language reads them."""
    value = cell(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    return str(value).replace(".", decimal_sign()) if isinstance(value, float | Decimal) else value


def write_rows(kind: str, target: IO[bytes], header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    """Write a header and rows to ``target`` as ``xlsx`` or as ``csv`` that Finnish Excel reads (BOM, semicolons).

    The decimal sign of a CSV file is that of the user's language: to Excel in Finnish 1.5 is the first of May.
    """
    {"csv": _write_csv, "xlsx": _write_xlsx}[kind](target, [str(item) for item in header], rows)


def _write_csv(target: IO[bytes], header: list[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = _csv_writer(target, header)
    for row in rows:
        writer.writerow(map(csv_text, row))


def _csv_writer(target: IO[bytes], header: Iterable[str]) -> Any:
    """Begin a CSV file and return the writer of its lines."""

    class Encoder:
        def write(self, text: str) -> int:
            return target.write(text.encode())

    target.write(b"\xef\xbb\xbf")
    writer = csv.writer(Encoder(), delimiter=";")
    writer.writerow(map(neutralise, header))
    return writer


def _write_xlsx(target: IO[bytes], header: list[str], rows: Iterable[Sequence[Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("List"))
    sheet.append([_text_cell(sheet, label) for label in header])
    try:
        for row in rows:
            sheet.append([_text_cell(sheet, item) if isinstance(item, str) else item for item in map(typed, row)])
    except BaseException:
        sheet.close()
        sheet._writer.cleanup()  # its temporary file, which would stay until the process ends
        raise
    book.save(target)


def _text_cell(sheet: Any, text: str) -> Any:
    excel_cell = WriteOnlyCell(sheet, text[:32_767])
    excel_cell.data_type = "s"
    return excel_cell


def write_list(view: Exported, queryset: Any, kind: str, progress: Callable[[int], None] | None = None) -> IO[bytes]:
    """Write the rows of a list view's ``queryset`` in the view's order and columns to a temporary file.

    As much as possible is done by the database: the whole CSV (``COPY``), or the values of the rows; objects are
    built only for lists with a column that says no SQL.
    """
    order = view.table.order(view.sort)
    sign, path = ("-" if order.startswith("-") else ""), order.lstrip("-")
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=5_000_000)  # noqa: SIM115
    with _closed_on_error(file), watched(progress) as watch:
        _write(view, queryset.order_by(sign + path, sign + "pk"), kind, file, watch)
    file.seek(0)
    return file


@contextmanager
def _closed_on_error(file: IO[bytes]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.close()
        raise


def _write(view: Exported, ordered: Any, kind: str, file: IO[bytes], watch: Watch) -> None:
    columns = view.columns
    header = [str(column.label) for column in columns]
    values = values_of(columns, ordered, view.user)
    if values is None:
        rows = ([column.get_export(row) for column in columns] for row in ordered.iterator(chunk_size=1_000))
        return write_rows(kind, file, header, watch.counted(rows))
    selected = ordered.values_list(*values)
    is_plain = kind == "csv" and not any(column.finish for column in columns)
    if is_plain and (statement := copy_statement(selected)):
        _csv_writer(file, header)
        return copy_lines(statement, file, watch, is_single=len(columns) == 1)
    return write_rows(kind, file, header, watch.counted(_finished(columns, selected.iterator(chunk_size=2_000))))


def _finished(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Return the rows with what Python makes of the values of columns that say so (``finish``)."""
    finishes = [(number, column.finish) for number, column in enumerate(columns) if column.finish]
    for row in rows:
        cells = list(row)
        for number, finish in finishes:
            cells[number] = finish(cells[number])
        yield cells


def file_name(view: Exported, kind: str) -> str:
    return f"{slugify(str(view.title)) or 'export'}-{clock.user_today():%Y-%m-%d}.{kind}"
