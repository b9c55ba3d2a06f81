"""Reads for the pages: samples of a file, counts of problems, rows as they go into a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

from imports.fields import label_of
from imports.models import ImportRun
from imports.pipeline.engine import local_file, open_run
from imports.problems import SENTENCES
from imports.readers import Reading

SAMPLES = 3
_PROBLEMS = """
SELECT p ->> 'code', p ->> 'field', count(*), min(r.number)
FROM imports_importrow r, jsonb_array_elements(r.problems) p
WHERE r.run_id = %s AND NOT (r.problems = '[]'::jsonb)
GROUP BY 1, 2 ORDER BY 3 DESC, 4 LIMIT 20
"""


@dataclass(frozen=True)
class Sample:
    """How a file was read, and the first different values of each column."""

    reading: Reading
    format: str
    header: list[str]
    columns: list[list[str]]
    sheets: list[str]


@dataclass(frozen=True)
class ProblemCount:
    sentence: str
    count: int
    first_row: int


def sample_of(run: ImportRun) -> Sample:
    """Read the beginning of the run's file. Raises :class:`imports.readers.BadFile`."""
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
        return [ProblemCount(_general(code, field), count, first) for code, field, count, first in cursor]


def _general(code: str, field: str) -> str:
    """Return a problem's sentence without what differs from row to row."""
    sentence = str(SENTENCES.get(code, code))
    for name in ("value", "name", "names", "number", "limit", "low", "high"):
        sentence = sentence.replace(f"%({name})s", "…")
    return f"{label_of(field)}: {sentence}" if field else sentence


def exported_rows(rows: Any) -> Iterator[list[Any]]:
    """Yield rows with their original cells, then fate, reasons and row number."""
    for row in rows.order_by("number").iterator(chunk_size=2_000):
        yield [*row.raw, row.get_fate_display(), " ".join(row.reasons), row.number]
