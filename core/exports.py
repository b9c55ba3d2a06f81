"""Lists as CSV and Excel files: the columns of the list, the rows of the filter, formulas made harmless."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any, Protocol

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from core import clock
from core.tables import Column, Table

#: Lists up to this many rows are written while the user waits; longer ones by a job.
DIRECT_ROWS = 2_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: The signs that begin a formula, with their full-width and small forms, which Excel reads as the same.
FORMULA_SIGNS = tuple("=+-@＝＋－＠﹦﹢﹣﹫")
FORMULA_STARTS = (*FORMULA_SIGNS, "\t", "\r", "\n")
#: Characters that XML, and so an Excel file, cannot hold.
_UNPRINTABLE = {code: None for code in range(32) if code not in (9, 10, 13)}


class Exported(Protocol):
    """What an export needs to know of a list's view."""

    table: Table
    title: Any

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
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_SIGNS)


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
    return str(value).translate(_UNPRINTABLE)


def write_rows(kind: str, target: IO[bytes], header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    """Write a header and rows to ``target`` as ``xlsx`` or as ``csv`` that Finnish Excel reads (BOM, semicolons)."""
    {"csv": _write_csv, "xlsx": _write_xlsx}[kind](target, [str(item) for item in header], rows)


def _write_csv(target: IO[bytes], header: list[str], rows: Iterable[Sequence[Any]]) -> None:
    target.write(b"\xef\xbb\xbf")

    class Encoder:
        def write(self, text: str) -> int:
            return target.write(text.encode())

    writer = csv.writer(Encoder(), delimiter=";")
    writer.writerow(map(neutralise, header))
    for row in rows:
        writer.writerow(
            [item.isoformat(" ", "minutes") if isinstance(item, dt.datetime) else item for item in map(cell, row)]
        )


def _write_xlsx(target: IO[bytes], header: list[str], rows: Iterable[Sequence[Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("List"))
    sheet.append([_text_cell(sheet, label) for label in header])
    for row in rows:
        sheet.append([_text_cell(sheet, item) if isinstance(item, str) else item for item in map(typed, row)])
    book.save(target)


def _text_cell(sheet: Any, text: str) -> Any:
    excel_cell = WriteOnlyCell(sheet, text[:32_767])
    excel_cell.data_type = "s"
    return excel_cell


def table_rows(
    columns: Sequence[Column], objects: Iterable[Any], progress: Callable[[int], None] | None = None
) -> Iterator[list[Any]]:
    for number, row in enumerate(objects, 1):
        if progress and number % 500 == 0:
            progress(number)
        yield [column.get_export(row) for column in columns]


def write_list(view: Exported, queryset: Any, kind: str, progress: Callable[[int], None] | None = None) -> IO[bytes]:
    """Write the rows of a list view's ``queryset`` in the view's order and columns to a temporary file."""
    order = view.table.order(view.sort)
    sign, path = ("-" if order.startswith("-") else ""), order.lstrip("-")
    ordered = queryset.order_by(sign + path, sign + "pk")
    columns = view.columns
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=5_000_000)  # noqa: SIM115
    rows = table_rows(columns, ordered.iterator(chunk_size=1_000), progress)
    write_rows(kind, file, [column.label for column in columns], rows)
    file.seek(0)
    return file


def file_name(view: Exported, kind: str) -> str:
    return f"{slugify(str(view.title)) or 'export'}-{clock.user_today():%Y-%m-%d}.{kind}"
