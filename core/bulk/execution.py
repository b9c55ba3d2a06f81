"""A bulk operation's work in batches: preview, run, undo. Each can be repeated after a worker has died."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet

from core.bulk.enums import BulkStatus, BulkUndo
from core.bulk.models import BulkRow, BulkRun
from core.bulk.operations import NOT_THERE, Applied, Finding, Operation
from core.undo.plan import MOST_REASONS, Plan, make_plan
from core.undo.reasons import CLASH, Reason
from core.undo.writing import check_constraints, snapshot

Progress = Callable[[int, int], None]

_CHOOSE = """
    INSERT INTO core_bulkrow (run_id, target_id, label, status, reason, people, undo)
    SELECT DISTINCT ON (chosen.id) %s::bigint, chosen.id, left(chosen.label, 300), 'waiting', '', '{{}}'::bigint[], ''
    FROM ({rows}) AS chosen(id, label)
"""
_SAVE = """
    UPDATE core_bulkrow r SET status = u.status, reason = u.reason, made_id = u.made, people = u.people::bigint[]
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[])
        AS u(target, status, reason, made, people)
    WHERE r.run_id = %s AND r.target_id = u.target
"""
_SAVE_UNDO = """
    UPDATE core_bulkrow r SET undo = u.undo, undo_reasons = u.reasons::jsonb
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS u(id, undo, reasons) WHERE r.id = u.id
"""


def rows_choose(run: BulkRun, operation: Operation, rows: QuerySet[Any]) -> int:
    """Keep the ids and names of ``rows`` for the run, with one statement; return how many they are."""
    chosen = rows.order_by().values_list("pk", operation.name_sql())[: operation.max_rows + 1]
    try:
        sql, params = chosen.query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_CHOOSE.format(rows=sql), [run.pk, *params])
        return int(cursor.rowcount)


def preview(run: BulkRun, operation: Operation, content: Mapping[str, Any]) -> None:
    """Store for each row whether it would be changed, and the reasons of the others; nothing is changed."""
    run.rows.exclude(status=BulkStatus.WAITING).update(status=BulkStatus.WAITING, reason="")
    targets = operation.may_choose(run.user).filter(pk__in=run.rows.values("target_id"))
    gone = run.rows.exclude(Exists(operation.may_choose(run.user).filter(pk=OuterRef("target_id"))))
    gone.update(status=BulkStatus.REFUSED, reason=NOT_THERE)
    for finding in operation.findings(content, run.user, targets):
        found = run.rows.waiting().filter(target_id__in=finding.rows.order_by().values("pk"))
        found.update(status=_status(finding), reason=finding.code)


def _status(finding: Finding) -> BulkStatus:
    return BulkStatus.UNCHANGED if finding.is_unchanged else BulkStatus.REFUSED


def execute(run: BulkRun, operation: Operation, progress: Progress) -> None:
    """Work on the rows that wait, a batch in each transaction. Raises whatever ``progress`` raises.

    A batch is written together with the outcome of its rows: a job that was killed continues where it was.
    """
    total = run.rows.count()
    while ids := list(run.rows.waiting().order_by("target_id").values_list("target_id", flat=True)[: operation.batch]):
        progress(total - run.rows.waiting().count(), total)
        run_batch(run, operation, ids)
    progress(total, total)


@transaction.atomic
def run_batch(run: BulkRun, operation: Operation, ids: Sequence[int]) -> None:
    """Write one batch: lock its rows, ask the rules again, write, and store the outcome of each row."""
    waiting = run.rows.waiting().filter(target_id__in=ids).order_by("target_id").select_for_update()
    ids = list(waiting.values_list("target_id", flat=True))  # another worker may have done some
    operation.lock(ids)
    content = operation.content(run.params, run.user, is_started=True)
    rest, outcome = _checked(run, operation, content, ids)
    applied = Applied()
    if rest:
        for model, column in operation.changes:
            snapshot(model, column, rest)
        applied = operation.apply(content, run, rest)
    _save(run, rest, applied, outcome)


def _checked(
    run: BulkRun, operation: Operation, content: Mapping[str, Any], ids: Sequence[int]
) -> tuple[list[int], dict[int, tuple[BulkStatus, str]]]:
    """Return the ids to work on, and status and reason of the others."""
    rows = operation.may_choose(run.user).filter(pk__in=ids)
    present = set(rows.values_list("pk", flat=True))
    outcome = {pk: (BulkStatus.REFUSED, NOT_THERE) for pk in ids if pk not in present}
    for finding in operation.findings(content, run.user, rows):
        for pk in finding.rows.order_by().values_list("pk", flat=True):
            outcome.setdefault(pk, (_status(finding), finding.code))
    return [pk for pk in ids if pk not in outcome], outcome


def _save(run: BulkRun, ids: Iterable[int], applied: Applied, outcome: Mapping[int, tuple[BulkStatus, str]]) -> None:
    changed, found = set(applied.changed), dict(outcome)
    for pk in ids:
        if pk in applied.refused:
            found[pk] = (BulkStatus.REFUSED, applied.refused[pk])
        else:
            found[pk] = (BulkStatus.CHANGED if pk in changed else BulkStatus.UNCHANGED, "")
    targets = list(found)
    people = ["{" + ",".join(map(str, sorted(set(applied.people.get(pk, ()))))) + "}" for pk in targets]
    params: list[Any] = [
        targets,
        [found[pk][0].value for pk in targets],
        [found[pk][1] for pk in targets],
        [applied.made.get(pk) for pk in targets],
        people,
        run.pk,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, params)


def undo(run: BulkRun, operation: Operation, progress: Progress) -> None:
    """Take back the changed rows as far as nobody has changed them since, a batch in each transaction."""
    total = run.rows.filter(status=BulkStatus.CHANGED).count()
    while ids := list(run.rows.to_undo().order_by("target_id").values_list("pk", flat=True)[: operation.batch]):
        progress(total - run.rows.to_undo().count(), total)
        _undo(run, operation, ids)
    progress(total, total)


def _undo(run: BulkRun, operation: Operation, ids: Sequence[int]) -> None:
    """Undo rows; after a contradiction with the present data retry with halves, down to a single row."""
    try:
        undo_batch(run, operation, ids)
    except IntegrityError:
        if len(ids) == 1:
            _save_undo({ids[0]: [Reason(CLASH)]})
            return
        middle = len(ids) // 2
        _undo(run, operation, ids[:middle])
        _undo(run, operation, ids[middle:])


@transaction.atomic
def undo_batch(run: BulkRun, operation: Operation, ids: Sequence[int]) -> None:
    rows = list(run.rows.to_undo().filter(pk__in=ids).order_by("target_id").select_for_update())
    operation.lock([row.target_id for row in rows])
    kept = _kept_by_rules(run, operation, rows)
    going = [row for row in rows if row.pk not in kept]
    if operation.has_history:
        results = _take_back(run, operation, {operation.undo_key(row): row.pk for row in going})
    else:
        operation.take_back_rows(run, {row.target_id: row.made_id for row in going if row.made_id})
        results = {row.pk: [] for row in going}
    _save_undo({**results, **{pk: [reason] for pk, reason in kept.items()}})


def _take_back(run: BulkRun, operation: Operation, keys: Mapping[int, int]) -> dict[int, list[Reason]]:
    """Write the former values by the history; return the reasons of what stays, by row."""
    plan = _plan(run, operation, keys)
    operation.take_back(plan)
    check_constraints()
    results: dict[int, list[Reason]] = {keys[key]: [] for key in plan.items}
    return results | {keys[key]: found for key, found in {**plan.refused, **plan.hung}.items()}


def _plan(run: BulkRun, operation: Operation, keys: Mapping[int, int]) -> Plan:
    if operation.undoing is None:
        raise ValueError(f"{operation.name} has no undo")
    run.refresh_from_db(fields=["contexts"])
    created, updated = (keys, ()) if operation.makes_records else ((), keys)
    plan = make_plan(operation.undoing, list(created), list(updated), run.contexts, lock=True)
    plan.user_id = run.user_id
    return plan


def _kept_by_rules(run: BulkRun, operation: Operation, rows: Sequence[BulkRow]) -> dict[int, Reason]:
    by_target = {row.target_id: row.pk for row in rows}
    targets = operation.model._default_manager.filter(pk__in=by_target)
    kept: dict[int, Reason] = {}
    for finding in operation.undo_findings(run, targets):
        for pk in finding.rows.order_by().values_list("pk", flat=True):
            kept.setdefault(by_target[pk], Reason(finding.code))
    return kept


def _save_undo(results: Mapping[int, Sequence[Reason]]) -> None:
    """Store which rows were undone, and the reasons of those that were not."""
    params: list[Any] = [
        list(results),
        [(BulkUndo.KEPT if reasons else BulkUndo.UNDONE).value for reasons in results.values()],
        [json.dumps([reason.data() for reason in reasons[:MOST_REASONS]]) for reasons in results.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_UNDO, params)


def count(run: BulkRun) -> None:
    """Store in the run how many rows have each outcome."""
    found = run.rows.aggregate(
        total=Count("pk"),
        changed=Count("pk", filter=Q(status=BulkStatus.CHANGED)),
        unchanged=Count("pk", filter=Q(status=BulkStatus.UNCHANGED)),
        refused=Count("pk", filter=Q(status=BulkStatus.REFUSED)),
        undone=Count("pk", filter=Q(undo=BulkUndo.UNDONE)),
        kept=Count("pk", filter=Q(undo=BulkUndo.KEPT)),
    )
    for name, value in found.items():
        setattr(run, name, value)
    run.save(update_fields=list(found))


def people_of(run: BulkRun, **of: Any) -> dict[int, int]:
    """Return how many of the run's rows concern each user."""
    rows = run.rows.filter(**of).annotate(person=Func(F("people"), function="unnest"))
    return dict(rows.order_by().values_list("person").annotate(rows=Count("pk")).values_list("person", "rows"))
