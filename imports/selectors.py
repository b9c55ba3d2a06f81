"""Queries of the pages: file samples, problem counts, sums and exported rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports.models import ImportRun, left_out, result_label
from imports.pipeline.engine import HELD, REFUSED, TAKEN_IN, local_file, open_run
from imports.problems import Problem, general_sentence, label_of
from imports.readers.formats import Format
from imports.readers.table import Reading
from offers.orders.enums import ImportedStage

SAMPLES = 3
_PROBLEMS = """
SELECT p ->> 'code', p ->> 'field', count(*), min(r.number),
       (array_agg(DISTINCT p -> 'params' ->> 'value') FILTER (WHERE p -> 'params' ? 'value'))[1:3]
FROM imports_importrow r, jsonb_array_elements(r.problems) p
WHERE r.run_id = %s AND NOT (r.problems = '[]'::jsonb)
GROUP BY 1, 2 ORDER BY 3 DESC, 4 LIMIT 20
"""


#: What people call the formats of files.
FORMATS = {
    Format.TEXT: gettext_lazy("text file"),
    Format.XLSX: "Excel (.xlsx)",
    Format.XLS: "Excel (.xls)",
    Format.ODS: "OpenDocument (.ods)",
    Format.VCARD: "vCard",
}


@dataclass(frozen=True)
class Sample:
    """The reading options of a file and the first distinct values of each column."""

    reading: Reading
    format: str
    header: list[str]
    columns: list[list[str]]
    sheets: list[str]

    @property
    def parts(self) -> list[str]:
        """How the file is read, in words: format, character set, sheet."""
        found = (FORMATS[Format(self.format)], (self.reading.encoding or "").upper(), self.reading.sheet)
        return [str(part) for part in found if part]


@dataclass(frozen=True)
class ProblemCount:
    code: str
    sentence: str
    count: int
    first_row: int
    examples: list[str]


@dataclass(frozen=True)
class Sums:
    """Rows and their value in euros."""

    rows: int = 0
    value: Decimal = Decimal("0.00")

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.rows + other.rows, self.value + other.value)


@dataclass(frozen=True)
class StageSums:
    """The results of the rows of one stage."""

    stage: Any
    taken_in: Sums
    held: Sums
    refused: Sums
    is_total: bool = False

    def shares(self) -> list[tuple[str, Sums]]:
        """Return the figures with their labels; skipped rows only if there are any."""
        refused = [(_("skipped"), self.refused)] if self.refused.rows else []
        return [(_("imported"), self.taken_in), (_("needs review"), self.held), *refused, (_("total"), self.together)]

    @property
    def together(self) -> Sums:
        return self.taken_in + self.held + self.refused


def sample_of(run: ImportRun) -> Sample:
    """Return a sample of the run's file. Raises :class:`imports.readers.formats.BadFile`."""
    with local_file(run) as path:
        table, _config = open_run(run, path)
        rows = [row for _number, row in islice(table.rows, 200)]
    columns = [_different(row[index] for row in rows if index < len(row)) for index in range(len(table.header))]
    return Sample(table.reading, table.format.value, table.header, columns, table.sheets)


def _different(cells: Iterator[str]) -> list[str]:
    found: dict[str, None] = {}
    for cell in cells:
        if cell and len(found) < SAMPLES:
            found[cell[:60]] = None
    return list(found)


def problem_counts(run: ImportRun) -> list[ProblemCount]:
    """Return the commonest problems of a run with the number of rows that have them, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PROBLEMS, [run.pk])
        return [
            ProblemCount(code, _general(code, field), count, first, examples or [])
            for code, field, count, first, examples in cursor
        ]


def _general(code: str, field: str) -> str:
    sentence = general_sentence(code)
    return f"{label_of(field)}: {sentence}" if field else sentence


def sums_of(run: ImportRun) -> list[StageSums]:
    """Return rows and euros by stage, and their total."""
    rows = [
        StageSums(_stage(item["stage"]), _sums(item[TAKEN_IN]), _sums(item[HELD]), _sums(item[REFUSED]))
        for item in run.sums
    ]
    if not rows:
        return []
    taken_in, held, refused = (
        sum(figures, Sums()) for figures in zip(*((row.taken_in, row.held, row.refused) for row in rows), strict=True)
    )
    return [*rows, StageSums(_("All"), taken_in, held, refused, is_total=True)]


def _stage(value: str) -> Any:
    return ImportedStage(value).label if value else _("unknown stage")


def _sums(data: dict[str, Any]) -> Sums:
    return Sums(data["rows"], Decimal(data["value"]))


def exported_rows(run: ImportRun, rows: Any) -> Iterator[list[Any]]:
    """Yield the cells of each row of ``run`` with its result, reasons, number and the cells that fill no field."""
    values = rows.order_by("number").values_list("raw", "fate", "problems", "number")
    for raw, fate, problems, number in values.iterator(chunk_size=2_000):
        reasons = " ".join(str(Problem.read(problem)) for problem in problems)
        yield [*raw, str(result_label(fate, run.dry_run)), reasons, number, left_out(raw, run.header, run.config)]
