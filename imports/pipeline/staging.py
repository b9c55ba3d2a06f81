"""Staging: copying the rows of a file into the database before they are processed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.db import connection, transaction

from core.import_kinds import Handler
from imports.enums import RowStatus
from imports.models import ImportRow, ImportRun
from imports.normalise import Normalised, Normaliser

CHUNK = 5_000
#: Lines that are sent to the server at once.
PIECE = 100
_COLUMNS = (
    '"run_id", "number", "fate", "raw", "values", "problems", "changed", "key_number", "key_id", "key_name", '
    '"stage", "amount", "target_kind"'
)
_COPY = (
    f"COPY imports_importrow ({_COLUMNS}) FROM STDIN "
    "WITH (FORMAT csv, NULL '\\N', FORCE_NOT_NULL (key_number, key_id, key_name, stage, target_kind))"
)

_ANALYZE = "ANALYZE imports_importrow (id, run_id, number, fate, key_number, key_id)"
_MARK_SAME = """
WITH keyed AS (
    SELECT id, number, key_number, key_id, nullif(portaali_name_key(key_name), '') AS name
    FROM imports_importrow WHERE run_id = %(run)s AND fate = ''
), firsts AS (
    SELECT id, number, least(
        CASE WHEN key_number <> '' THEN min(number) OVER (PARTITION BY key_number) END,
        CASE WHEN key_id <> '' THEN min(number) OVER (PARTITION BY key_id) END,
        CASE WHEN name IS NULL THEN NULL
             WHEN key_id = '' THEN min(number) OVER (PARTITION BY name)
             ELSE min(number) FILTER (WHERE key_id = '') OVER (PARTITION BY name) END
    ) AS first
    FROM keyed
)
UPDATE imports_importrow r SET same_as = f.first FROM firsts f WHERE r.id = f.id AND f.first < f.number
"""


def stage(
    run: ImportRun,
    rows: Iterable[tuple[int, list[str]]],
    normalise: Normaliser,
    progress: Callable[[int], None],
) -> int:
    """Store the rows of the file in chunks, mark duplicates of earlier rows, and return the number of rows.

    Rows of an interrupted staging are deleted first.
    """
    ImportRow.objects.filter(run=run).delete()
    lines = (_copy_line(run.pk, number, row, normalise(row), run.row_kind.handler) for number, row in rows)
    total = 0
    while copied := _copy_to_table(islice(lines, CHUNK)):
        total += copied
        progress(total)
    with connection.cursor() as cursor:
        cursor.execute(_ANALYZE)  # a plan made for the empty table would take minutes
        cursor.execute(_MARK_SAME, {"run": run.pk})
    return total


def _copy_line(run_id: int, number: int, row: list[str], result: Normalised, handler: type[Handler]) -> list[object]:
    status = RowStatus.HELD if result.is_held else RowStatus.PENDING
    status = RowStatus.REFUSED if result.is_refused else status
    values = _json(result.values) if status == RowStatus.PENDING else None
    problems = _json([problem.data() for problem in result.problems]) if result.problems else "[]"
    keys = [*handler.keys(result.values), *handler.figures(result.values), ""]
    return [run_id, number, status.value, _json(row), values, problems, "{}", *keys]


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _copy_to_table(lines: Iterator[list[object]]) -> int:
    """Copy the lines while they are made: the server stores some as the next are read. Return how many.

    Raises what the lines raise; then none of them is stored.
    """
    source = _Source(lines)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.copy_expert(_COPY, source)
    except Exception:
        if source.error:
            raise source.error from None
        raise
    return source.count


class _Source:
    """A file of lines that are made when they are read; the driver hides what they raise, so it is kept."""

    def __init__(self, lines: Iterator[list[object]]) -> None:
        self._lines = lines
        self.count = 0
        self.error: Exception | None = None

    def read(self, _size: int) -> str:
        try:
            return self._read()
        except Exception as error:
            self.error = error
            raise

    def _read(self) -> str:
        buffer = io.StringIO()
        writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        for line in islice(self._lines, PIECE):
            writer.writerow(["\\N" if cell is None else cell for cell in line])
            self.count += 1
        return buffer.getvalue()
