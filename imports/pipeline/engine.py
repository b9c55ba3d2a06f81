"""The import engine: from a file to the results of its rows. A stopped run continues with the unprocessed rows.

At the end it counts rows and euros by stage: imported, to review and skipped, which add up to the file.
"""

from __future__ import annotations

import gc
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Count, Sum, Value, When
from django.db.models.base import ModelState

from imports.config import Config, check, suggest
from imports.enums import ROW_STATUSES, RowStatus
from imports.models import ImportRow, ImportRun
from imports.normalise import LeftOut, Normaliser, marks_of
from imports.pipeline.base import RowHandler, set_result
from imports.pipeline.staging import stage
from imports.problems import Problem
from imports.querysets import ImportRowQuerySet
from imports.readers.table import Table, open_table

#: Where the findings of a run keep the decimal marks of its columns.
MARKS = "decimals"
#: ``progress(done, total)``; may raise to stop the run between two batches.
Progress = Callable[[int, int | None], None]


@contextmanager
def local_file(run: ImportRun) -> Iterator[Path]:
    """Yield the path of a local copy of the run's file."""
    with tempfile.NamedTemporaryFile() as copy:
        with run.file.open("rb") as stored:
            shutil.copyfileobj(stored, copy, 1024 * 1024)
        copy.flush()
        yield Path(copy.name)


def open_run(run: ImportRun, path: Path) -> tuple[Table, Config]:
    """Open the run's file and return it with the run's mapping, or the one suggested by the headings.

    Raises :class:`imports.readers.formats.BadFile`.
    """
    config = Config.read(run.config)
    table = open_table(path, config.reading, run.row_kind.headings)
    if not config.columns:
        return table, suggest(run.row_kind, table.header).with_reading(config.reading)
    return table, config


def execute(run: ImportRun, progress: Progress) -> None:
    """Import the rows of a run, or only check them in a dry run, and count their results.

    Raises :class:`BusinessRuleError` (``BadFile``, ``BadMapping``) and whatever ``progress`` raises.
    """
    with _frozen_heap():
        if not run.is_staged:
            _stage(run, progress)
        handler = Batches(run)
        done = run.total - ImportRow.objects.filter(run=run, fate=RowStatus.PENDING).count()
        while size := handler.next_batch():
            done += size
            progress(min(done, run.total), run.total)
        while handler.link_next_batch():
            progress(run.total, run.total)
    run.refresh_from_db()
    count_results(run)


@contextmanager
def _frozen_heap() -> Iterator[None]:
    """Keep the garbage collector off the program's own objects: it would visit them at every few batches of rows."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _stage(run: ImportRun, progress: Progress) -> None:
    with local_file(run) as path:
        table, config = open_run(run, path)
        check(run.row_kind, config, table.header)
        again, _config = open_run(run, path)
        marks = marks_of(run.row_kind, config, table.header, (row for _number, row in again.rows))
        normalise = Normaliser(run.row_kind, config, table.header, marks)
        ImportRun.objects.filter(pk=run.pk).update(config=config.data(), header=table.header)
        total = stage(run, table.rows, normalise, lambda read: progress(0, None))
    findings = {
        MARKS: marks,
        "columns": [_left_out(item) for item in normalise.left_out if item.cells],
        "sheets": table.other_sheets,
    }
    ImportRun.objects.filter(pk=run.pk).update(is_staged=True, total=total, findings=findings)
    run.refresh_from_db()


def _left_out(column: LeftOut) -> dict[str, Any]:
    return {"column": column.column, "cells": column.cells, "examples": column.examples}


_TARGET = ("target_id", "target_kind", "same_as")


def read_rows(rows: ImportRowQuerySet, columns: Sequence[str]) -> list[ImportRow]:
    """Return the rows with these columns only, in a third of the time that model instances take to make themselves."""
    found: list[ImportRow] = []
    for cells in rows.values_list(*columns):
        row = ImportRow.__new__(ImportRow)
        row._state = ModelState()
        row._state.adding, row._state.db = False, rows.db
        row.__dict__.update(zip(columns, cells, strict=True))
        found.append(row)
    return found


class Batches:
    """Imports rows in batches, each in a transaction that locks out other runs of the same kind."""

    #: The columns of the rows that are read.
    columns: tuple[str, ...] = ("id", "number", "fate", "values", "problems", "changed", *_TARGET)

    def __init__(self, run: ImportRun) -> None:
        self.run, self.config = run, Config.read(run.config)
        self._handler: RowHandler | None = None
        self._reached = 0

    @property
    def handler(self) -> RowHandler:
        if self._handler is None:
            self._handler = self.make_handler()
        return self._handler

    def make_handler(self) -> RowHandler:
        handler: RowHandler = self.run.row_kind.handler(self.run, self.config)
        return handler

    def waiting(self) -> ImportRowQuerySet:
        """Return the rows still to be imported."""
        return ImportRow.objects.filter(run=self.run, fate=RowStatus.PENDING)

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """Prepare rows before they are imported."""

    def next_batch(self) -> int:
        """Import the next batch and return its size (0: all rows have a result)."""
        pending = self.waiting().filter(number__gt=self._reached)
        found = list(pending.order_by("number").values_list("pk", "number")[: self.run.row_kind.handler.batch_size])
        if found:
            self._import([pk for pk, _number in found])
            self._reached = found[-1][1]
        return len(found)

    def _import(self, ids: Sequence[int]) -> None:
        """Import rows; after a conflict with another writer, retry with halves, down to a single row."""
        try:
            self._import_batch(ids)
        except IntegrityError:
            self._handler = None  # what it remembers may have been rolled back
            if len(ids) == 1:
                self._mark_clash(ids[0])
                return
            middle = len(ids) // 2
            self._import(ids[:middle])
            self._import(ids[middle:])

    def _import_batch(self, ids: Sequence[int]) -> None:
        with transaction.atomic():
            advisory_lock(self.run.kind)
            rows = read_rows(self.waiting().filter(pk__in=ids).order_by("number"), self.columns)
            self.prepare(rows)
            self.handler.process([row for row in rows if row.fate == RowStatus.PENDING])
            write_results(rows)
            self._save_notes()

    @staticmethod
    def _mark_clash(row_id: int) -> None:
        row = ImportRow.objects.get(pk=row_id)
        set_result(row, RowStatus.HELD, Problem("clash"))
        row.save()

    def link_next_batch(self) -> int:
        """Process the next rows that refer to other rows and return how many (0: none is left)."""
        with transaction.atomic():
            advisory_lock(self.run.kind)
            waiting = ImportRow.objects.filter(run=self.run, values__isnull=False).order_by("number")
            rows = read_rows(waiting[: self.run.row_kind.handler.batch_size], self.columns)
            if rows:
                self.handler.link(rows)
                write_results(rows)
                self._save_notes()
        return len(rows)

    def _save_notes(self) -> None:
        if self.handler.notes:
            run = ImportRun.objects.select_for_update().get(pk=self.run.pk)
            run.notes = [*run.notes, *self.handler.notes]
            run.save(update_fields=["notes"])
            self.handler.notes.clear()


def advisory_lock(kind: str) -> None:
    """Hold the lock of the kind until the transaction ends, so that imports of a kind take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"imports.{kind}"])


_WRITE_RESULTS = """
UPDATE imports_importrow r
SET fate = u.fate, problems = u.problems::jsonb, "values" = u.values::jsonb, target_id = u.target_id,
    changed = ARRAY(SELECT jsonb_array_elements_text(u.changed::jsonb)), target_kind = u.target_kind
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[])
     AS u(id, fate, problems, "values", target_id, changed, target_kind)
WHERE r.id = u.id
"""


def write_results(rows: Sequence[ImportRow]) -> None:
    """Write the results of the rows in one statement."""
    params: list[Any] = [
        [row.pk for row in rows],
        [str(row.fate) for row in rows],
        [json.dumps(row.problems) if row.problems else "[]" for row in rows],
        [None if row.values is None else json.dumps(row.values) for row in rows],
        [row.target_id for row in rows],
        [json.dumps(row.changed) if row.changed else "[]" for row in rows],
        [row.target_kind for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_RESULTS, params)


def count_results(run: ImportRun) -> None:
    """Store the counts and sums of the rows in the run."""
    pairs = ImportRow.objects.filter(run=run).values_list("fate").annotate(Count("pk")).order_by()
    counts = dict(pairs)
    for status in ROW_STATUSES:
        setattr(run, status.value, counts.get(status.value, 0))
    run.total = sum(counts.values())
    run.sums = count_sums(run)
    run.save(update_fields=[*(status.value for status in ROW_STATUSES), "total", "sums"])


TAKEN_IN, HELD, REFUSED = "taken_in", "held", "refused"
SHARES = (TAKEN_IN, HELD, REFUSED)
_SHARE = Case(
    When(fate__in=(RowStatus.CREATED, RowStatus.UPDATED, RowStatus.UNCHANGED), then=Value(TAKEN_IN)),
    When(fate=RowStatus.HELD, then=Value(HELD)),
    default=Value(REFUSED),
)


def count_sums(run: ImportRun) -> list[dict[str, Any]]:
    """Return the rows and value by stage and share as JSON; empty for kinds without stages."""
    stages = run.row_kind.stages
    if not stages:
        return []
    rows = ImportRow.objects.filter(run=run).annotate(share=_SHARE).values_list("stage", "share")
    counted: dict[str, dict[str, Any]] = {}
    for name, share, count, value in rows.annotate(Count("pk"), Sum("amount")).order_by():
        counted.setdefault(name, {})[share] = {"rows": count, "value": str(value or Decimal("0.00"))}
    nothing = {"rows": 0, "value": "0.00"}
    return [
        {"stage": name, **{share: counted[name].get(share, nothing) for share in SHARES}}
        for name in stages
        if name in counted
    ]
