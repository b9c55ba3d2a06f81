"""One run from file to fates. It may be stopped at any point and continued: a row that has its fate is left alone."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count

from imports.config import Config, check, suggest
from imports.enums import FATES, Fate
from imports.models import ImportRow, ImportRun
from imports.normalise import Normaliser
from imports.pipeline.base import RowHandler, settle
from imports.pipeline.staging import stage
from imports.pipeline.sums import count_sums
from imports.problems import Problem
from imports.querysets import ImportRowQuerySet
from imports.readers.table import Table, open_table

#: ``progress(done, total)``; may raise to stop the run between two batches.
Progress = Callable[[int, int | None], None]


@contextmanager
def local_file(run: ImportRun) -> Iterator[Path]:
    """Give the run's file as a file of this machine, wherever the storage keeps it."""
    with tempfile.NamedTemporaryFile() as copy:
        with run.file.open("rb") as stored:
            shutil.copyfileobj(stored, copy, 1024 * 1024)
        copy.flush()
        yield Path(copy.name)


def open_run(run: ImportRun, path: Path) -> tuple[Table, Config]:
    """Open the run's file and return it with the mapping to use: the run's own, or what the headings suggest.

    Raises :class:`imports.readers.errors.BadFile`.
    """
    config = Config.read(run.config)
    table = open_table(path, config.reading, run.row_kind.headings.keys())
    if not config.columns:
        return table, suggest(run.row_kind, table.header).with_reading(config.reading)
    return table, config


def execute(run: ImportRun, progress: Progress) -> None:
    """Take the rows of a run in (or find out what would happen, when it is a dry one) and count their fates.

    Raises :class:`BusinessRuleError` (``BadFile``, ``BadMapping``) and whatever ``progress`` raises.
    """
    if not run.is_staged:
        _stage(run, progress)
    handler = Batches(run)
    done = run.total - ImportRow.objects.filter(run=run, fate=Fate.PENDING).count()
    while size := handler.next_batch():
        done += size
        progress(min(done, run.total), run.total)
    while handler.next_links():
        progress(run.total, run.total)
    run.refresh_from_db()
    count_fates(run)


def _stage(run: ImportRun, progress: Progress) -> None:
    with local_file(run) as path:
        table, config = open_run(run, path)
        check(run.row_kind, config, table.header)
        normalise = Normaliser(run.row_kind, config, table.header)
        ImportRun.objects.filter(pk=run.pk).update(config=config.data(), header=table.header)
        total = stage(run, table.rows, normalise, lambda read: progress(0, None))
    ImportRun.objects.filter(pk=run.pk).update(is_staged=True, total=total)
    run.refresh_from_db()


class Batches:
    """Takes batches in, each in a transaction of its own in which no other run of the same kind is at work."""

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
        """The rows that are to be taken in."""
        return ImportRow.objects.filter(run=self.run, fate=Fate.PENDING)

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """Called with rows before they are taken in."""

    def next_batch(self) -> int:
        """Take the next rows in; return how many (0: all have their fate)."""
        pending = self.waiting().filter(number__gt=self._reached)
        found = list(pending.order_by("number").values_list("pk", "number")[: self.run.row_kind.handler.batch_size])
        if found:
            self._take([pk for pk, _number in found])
            self._reached = found[-1][1]
        return len(found)

    def _take(self, ids: Sequence[int]) -> None:
        """Take rows in; when somebody else wrote the same data meanwhile, try again with halves, down to one row."""
        try:
            self._take_together(ids)
        except IntegrityError:
            self._handler = None  # what it remembers may have been rolled back
            if len(ids) == 1:
                self._hold(ids[0])
                return
            middle = len(ids) // 2
            self._take(ids[:middle])
            self._take(ids[middle:])

    def _take_together(self, ids: Sequence[int]) -> None:
        with transaction.atomic():
            self._alone()
            rows = list(self.waiting().filter(pk__in=ids).order_by("number"))
            self.prepare(rows)
            self.handler.process(rows)
            write_fates(rows)
            self._tell_notes()

    @staticmethod
    def _hold(row_id: int) -> None:
        row = ImportRow.objects.get(pk=row_id)
        settle(row, Fate.HELD, Problem("clash"))
        row.save()

    def next_links(self) -> int:
        """Look a second time at rows that wait for others; return how many (0: none is left)."""
        with transaction.atomic():
            self._alone()
            waiting = ImportRow.objects.filter(run=self.run, values__isnull=False).order_by("number")
            rows = list(waiting[: self.run.row_kind.handler.batch_size])
            if rows:
                self.handler.link(rows)
                write_fates(rows)
                self._tell_notes()
        return len(rows)

    def _alone(self) -> None:
        alone(self.run.kind)

    def _tell_notes(self) -> None:
        if self.handler.notes:
            run = ImportRun.objects.select_for_update().get(pk=self.run.pk)
            run.notes = [*run.notes, *self.handler.notes]
            run.save(update_fields=["notes"])
            self.handler.notes.clear()


def alone(kind: str) -> None:
    """Wait until no other import of the kind is in a batch; it lasts as long as the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"imports.{kind}"])


_WRITE_FATES = """
UPDATE imports_importrow r
SET fate = u.fate, problems = u.problems::jsonb, "values" = u.values::jsonb, target_id = u.target_id,
    changed = ARRAY(SELECT jsonb_array_elements_text(u.changed::jsonb)), target_kind = u.target_kind
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[])
     AS u(id, fate, problems, "values", target_id, changed, target_kind)
WHERE r.id = u.id
"""


def write_fates(rows: Sequence[ImportRow]) -> None:
    """Write what became of the rows, in one statement."""
    params: list[Any] = [
        [row.pk for row in rows],
        [str(row.fate) for row in rows],
        [json.dumps(row.problems) for row in rows],
        [None if row.values is None else json.dumps(row.values) for row in rows],
        [row.target_id for row in rows],
        [json.dumps(row.changed) for row in rows],
        [row.target_kind for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_FATES, params)


def count_fates(run: ImportRun) -> None:
    """Count the fates of the rows and their sums into the run."""
    pairs = ImportRow.objects.filter(run=run).values_list("fate").annotate(Count("pk")).order_by()
    counts = dict(pairs)
    for fate in FATES:
        setattr(run, fate.value, counts.get(fate.value, 0))
    run.total = sum(counts.values())
    run.sums = count_sums(run)
    run.save(update_fields=[*(fate.value for fate in FATES), "total", "sums"])
