"""The check and the undo of an import's rows, in batches; each can be repeated after a worker died."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from core import clock
from core.undo.parts import Undoing
from core.undo.plan import Plan, make_plan
from core.undo.reasons import CLASH, Reason
from core.undo.writing import check_constraints
from imports.enums import RowStatus, UndoStatus
from imports.models import ImportRow, ImportRun
from imports.pipeline.engine import Progress, advisory_lock
from imports.querysets import ImportRowQuerySet
from imports.undo.kinds import undoing_of
from imports.undo.writing import write

BATCH = 500


class Pass:
    """One walk through the rows that wait for a decision, and what became of them.

    Rows with records that something refers to still wait after it: another pass decides about them once the
    referring rows have been undone. :meth:`finish` decides that they stay.
    """

    waiting_status: UndoStatus
    positive: UndoStatus

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self._reached = 0
        self.decided = 0  # rows of this walk that were undone, or can be

    def waiting(self) -> ImportRowQuerySet:
        """Return the rows still to be decided about."""
        return ImportRow.objects.filter(run=self.run, undo=self.waiting_status).written()

    def next_batch(self) -> int:
        """Decide about the next batch; return its size (0: the walk has ended)."""
        rows = self.waiting().filter(number__gt=self._reached).order_by("number")
        found = list(rows.values_list("pk", "number")[:BATCH])
        if found:
            self._decide([pk for pk, _number in found])
            self._reached = found[-1][1]
        return len(found)

    def _decide(self, ids: Sequence[int]) -> None:
        """Decide about rows; after a contradiction with the present data retry with halves, down to a single row."""
        try:
            self.decided += self._decide_batch(ids)
        except IntegrityError:
            if len(ids) == 1:
                _save([(ids[0], UndoStatus.KEPT, [Reason(CLASH)])])
                return
            middle = len(ids) // 2
            self._decide(ids[:middle])
            self._decide(ids[middle:])

    @transaction.atomic
    def _decide_batch(self, ids: Sequence[int]) -> int:
        advisory_lock(self.run.kind)  # no import of this kind writes meanwhile
        rows = list(self.waiting().filter(pk__in=ids).select_for_update().order_by("number"))
        rows += self._siblings(rows)
        positive = 0
        for undoing, of_kind in _by_undoing(self.run.kind, rows):
            plan = self.plan(undoing, of_kind)
            self.act(plan)
            positive += self._save_results(of_kind, plan)
        self.count(positive)
        return positive

    def _siblings(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Return the other waiting rows about the same targets, where several may be: they go back together."""
        targets = {row.target_id for row in rows if undoing_of(self.run.kind, row.target_kind).root_stays}
        if not targets:
            return []
        others = self.waiting().filter(target_id__in=targets).exclude(pk__in=[row.pk for row in rows])
        return list(others.select_for_update().order_by("number"))

    def plan(self, undoing: Undoing, rows: Sequence[ImportRow], **options: Any) -> Plan:
        made = [] if undoing.root_stays else [row for row in rows if row.fate == RowStatus.CREATED]
        created = {row.target_id for row in made if row.target_id}
        updated = {row.target_id for row in rows if row.target_id} - created
        return make_plan(undoing, created, updated, self.run.contexts, **{"lock": True, **options})

    def act(self, plan: Plan) -> None:
        """Do what is planned."""

    def count(self, positive: int) -> None:
        """Count rows that were undone."""

    def _save_results(self, rows: Sequence[ImportRow], plan: Plan) -> int:
        results: list[tuple[int, UndoStatus, list[Reason]]] = []
        for row in rows:
            target = row.target_id or 0
            if target in plan.items:
                results.append((row.pk, self.positive, []))
            elif target in plan.refused:
                results.append((row.pk, UndoStatus.KEPT, plan.refused[target]))
            else:
                results.append((row.pk, self.waiting_status, plan.hung[target]))
        _save(results)
        return sum(status == self.positive for _pk, status, _problems in results)

    def finish(self) -> None:
        """Keep the rows with records that something still refers to."""
        self.waiting().update(undo=UndoStatus.KEPT)


class CheckPass(Pass):
    """Finds out which rows can be undone; nothing is changed or locked."""

    waiting_status, positive = UndoStatus.NONE, UndoStatus.CAN

    def _siblings(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Return the other waiting rows about the same targets, where several may be: they go back together."""
        targets = {row.target_id for row in rows if undoing_of(self.run.kind, row.target_kind).root_stays}
        if not targets:
            return []
        others = self.waiting().filter(target_id__in=targets).exclude(pk__in=[row.pk for row in rows])
        return list(others.select_for_update().order_by("number"))

    def plan(self, undoing: Undoing, rows: Sequence[ImportRow], **options: Any) -> Plan:
        plan = super().plan(undoing, rows, lock=False)
        if not plan.hung:
            return plan
        can = ImportRow.objects.filter(run=self.run, undo=UndoStatus.CAN, target_kind=rows[0].target_kind)
        return super().plan(undoing, rows, lock=False, freed=set(can.values_list("target_id", flat=True)) - {None})


class UndoPass(Pass):
    """Undoes the chosen rows."""

    waiting_status, positive = UndoStatus.WAITING, UndoStatus.UNDONE

    def act(self, plan: Plan) -> None:
        write(plan)
        check_constraints()

    def count(self, positive: int) -> None:
        runs = ImportRun.objects.filter(pk=self.run.pk)
        runs.update(undone=F("undone") + positive, undone_at=clock.now())


def walk(run: ImportRun, kind: type[Pass], progress: Progress) -> None:
    """Walk through the waiting rows until a walk decides about none of them. Raises whatever ``progress`` raises."""
    total, done = kind(run).waiting().count(), 0
    while True:
        current = kind(run)
        while size := current.next_batch():
            done = min(done + size, total)
            progress(done, total)
        if not current.decided or not current.waiting().exists():
            break
    current.finish()


def _by_undoing(kind: str, rows: Sequence[ImportRow]) -> Iterator[tuple[Undoing, list[ImportRow]]]:
    """Group rows by what their targets are: an offer or a lead."""
    groups: dict[str, list[ImportRow]] = defaultdict(list)
    for row in rows:
        groups[row.target_kind].append(row)
    for target_kind, of_kind in groups.items():
        yield undoing_of(kind, target_kind), of_kind


_SAVE = """
UPDATE imports_importrow r SET undo = u.undo, undo_problems = u.problems::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS u(id, undo, problems) WHERE r.id = u.id
"""


def _save(results: Sequence[tuple[int, UndoStatus, list[Reason]]]) -> None:
    """Write the results of rows in one statement."""
    params: list[list[Any]] = [
        [pk for pk, _status, _problems in results],
        [status.value for _pk, status, _problems in results],
        [json.dumps([problem.data() for problem in problems]) for _pk, _status, problems in results],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, params)
