"""Services of bulk operations: choose rows, preview, start, run, undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pghistory
from django.db import OperationalError, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.bulk import execution
from core.bulk.enums import BulkState, BulkStatus, BulkUndo
from core.bulk.models import UNDO_HOURS, BulkRun
from core.bulk.operations import Operation, operation_of
from core.exceptions import BusinessRuleError, JobTakenOver
from core.jobs import JobResult, job_start
from core.models import Job
from core.timeouts import limited
from core.undo.recording import recorded
from core.wordings import worded

RUN_JOB, UNDO_JOB = "bulk", "bulk_undo"
#: Choosing and previewing 250,000 rows may take so many seconds a statement, more than other web requests.
LONGEST = 60
#: A batch that got in the way of somebody else's work is tried again so many times.
TRIES = 4
DRAFTS_KEPT, ROWS_KEPT = dt.timedelta(days=1), dt.timedelta(days=90)


@limited(LONGEST)
def run_choose(
    *, operation: Operation, user: Any, rows: QuerySet[Any], path: str = "", query: str = "", params: Any = None
) -> BulkRun:
    """Keep the chosen rows as a new run that has not started; ``rows`` are those of a list that the user sees.

    Raises :class:`BusinessRuleError`: ``forbidden``, ``nothing_chosen``, ``too_many``.
    """
    if not operation.allowed(user):
        raise BusinessRuleError("forbidden", _("You may not do this."))
    run = BulkRun.objects.create(
        operation=operation.name, title=str(operation.label), titles=worded(lambda: str(operation.label)), user=user,
        path=path, query=query, params=params or {},
    )  # fmt: skip
    run.total = execution.rows_choose(run, operation, rows)
    if not run.total:
        raise BusinessRuleError("nothing_chosen", _("Select at least one row."), field="ids")
    if run.total > operation.max_rows:
        raise BusinessRuleError("too_many", operation.too_many_text(run.total), field="ids")
    run.save(update_fields=["total"])
    return run


def ids_in(operation: Operation, user: Any, ids: Collection[int]) -> QuerySet[Any]:
    """Return the rows with these ids that the user may choose."""
    return operation.may_choose(user).filter(pk__in=ids)


@transaction.atomic
def run_say(*, run: BulkRun, params: Mapping[str, Any]) -> BulkRun:
    """Store what a run is to do. Raises :class:`BusinessRuleError`: ``already_started``, ``invalid``."""
    run = _lock_draft(run)
    operation = operation_of(run.operation)
    content = operation.content(params, run.user)
    run.params = {name: _stored(value) for name, value in content.items() if value not in (None, "", [])}
    run.title = operation.describe(content)[:200]
    run.titles = worded(lambda: operation.describe(content)[:200])
    run.save(update_fields=["params", "title", "titles"])
    return run


def _stored(value: Any) -> Any:
    """Return what a form has read, as it can be stored and read again: "tomorrow" is a day from now on."""
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, dt.date) else value


@limited(LONGEST)
def run_preview(*, run: BulkRun, params: Mapping[str, Any]) -> BulkRun:
    """Store what the run is to do (:func:`run_say`) and what would become of each row. Nothing else is changed."""
    run = run_say(run=run, params=params)
    operation = operation_of(run.operation)
    execution.preview(run, operation, operation.content(params, run.user))
    execution.count(run)
    return run


def _lock_draft(run: BulkRun) -> BulkRun:
    run = BulkRun.objects.select_for_update(of=("self",)).select_related("user").get(pk=run.pk)
    if run.state != BulkState.DRAFT:
        raise BusinessRuleError("already_started", _("This has already been started."))
    return run


@transaction.atomic
def run_start(*, run: BulkRun) -> BulkRun:
    """Start the job of a previewed run, unless the operation continues at a page (``next_url``).

    A second start of the same run changes nothing.

    Raises :class:`BusinessRuleError`: ``nothing_to_do`` if every row would be left out, ``forbidden``, ``invalid``,
    ``too_many_jobs``.
    """
    run = BulkRun.objects.select_for_update(of=("self",)).select_related("user").get(pk=run.pk)
    if run.state != BulkState.DRAFT:
        return run
    operation = operation_of(run.operation)
    if not operation.allowed(run.user):
        raise BusinessRuleError("forbidden", _("You may not do this."))
    operation.content(run.params, run.user)
    if not run.rows.waiting().exists():
        raise BusinessRuleError("nothing_to_do", _("None of the chosen rows would change."))
    if operation.next_url(run):
        return run
    run.state, run.created_at = BulkState.RUNNING, clock.now()
    run.job = job_start(RUN_JOB, owner=run.user, params={"run": run.pk, "titles": run.titles}, title=run.title)
    run.save(update_fields=["state", "job", "created_at"])
    return run


def run_execute(run: BulkRun, progress: execution.Progress) -> JobResult:
    """Do the work of a started run and store its end; errors are raised again. Safe to repeat after a crash."""
    operation = operation_of(run.operation)
    if run.state != BulkState.RUNNING:
        return JobResult(outcome_text(run))
    try:
        with recorded(run, bulk_run=run.pk):
            _execute(run, operation, progress)
        made = operation.finish(run)
    except JobTakenOver:
        raise  # another worker goes on
    except Exception:
        _end(run, operation, BulkState.STOPPED)
        raise
    _end(run, operation, BulkState.DONE)
    return JobResult(outcome_text(run), *(made or ()))


def _execute(run: BulkRun, operation: Operation, progress: execution.Progress) -> None:
    _patiently(lambda: execution.execute(run, operation, progress))


def _patiently(work: Callable[[], None]) -> None:
    """Do the work, and go on with it when the database has ended a batch that stood in the way of another."""
    for attempt in range(1, TRIES + 1):
        try:
            work()
        except OperationalError as error:
            if attempt == TRIES or "deadlock" not in str(error):
                raise
        else:
            return


@transaction.atomic
def _end(run: BulkRun, operation: Operation, state: BulkState) -> None:
    locked = BulkRun.objects.select_for_update().get(pk=run.pk)
    if locked.state != BulkState.RUNNING:
        return
    execution.count(run)
    run.state, run.finished_at, run.notified_at = state, clock.now(), clock.now()
    run.save(update_fields=["state", "finished_at", "notified_at"])
    _notify(run, operation, undone=False, status=BulkStatus.CHANGED)


def _notify(run: BulkRun, operation: Operation, *, undone: bool, **of: Any) -> None:
    counts = {pk: rows for pk, rows in execution.people_of(run, **of).items() if pk != run.user_id}
    if counts:
        operation.notify(run, counts, undone=undone)


def run_recount(run: BulkRun) -> BulkRun:
    """Count the rows of a run after its job was given up, which could not do so itself."""
    if run.state != run.real_state:
        execution.count(run)
    return run


def undo_refusal(run: BulkRun) -> BusinessRuleError | None:
    """Return why the run cannot be undone now.

    ``no_undo``, ``forbidden``, ``transition``, ``undo_too_late`` or ``nothing_to_undo``.
    """
    operation = operation_of(run.operation)
    if operation.undoing is None:
        return BusinessRuleError("no_undo", _("This operation cannot be undone."))
    if not operation.allowed(run.user):
        return BusinessRuleError("forbidden", _("You may not do this."))
    if run.real_state in (BulkState.UNDOING, BulkState.UNDONE):
        return BusinessRuleError("transition", _("This is being undone or has been undone already."))
    if run.real_state not in (BulkState.DONE, BulkState.STOPPED):
        return BusinessRuleError("transition", _("This can't be undone now."))
    if not run.may_be_undone:
        text = _("A bulk operation can be undone for %d hours.") % UNDO_HOURS
        return BusinessRuleError("undo_too_late", text)
    if not run.rows.to_undo().exists():
        return BusinessRuleError("nothing_to_undo", _("There is nothing to undo."))
    return None


@transaction.atomic
def undo_start(*, run: BulkRun) -> BulkRun:
    """Start the undo of a run as a job of its user. Raises what :func:`undo_refusal` returns, ``too_many_jobs``."""
    run = BulkRun.objects.select_for_update(of=("self",)).select_related("user", "job").get(pk=run.pk)
    if refusal := undo_refusal(run):
        raise refusal
    if run.finished_at is None:  # its job was given up: the time counts from then
        run.finished_at = run.job.finished_at if run.job else clock.now()
    run.state = BulkState.UNDOING
    titles = worded(lambda: _("Undo: %s") % run)
    run.job = job_start(UNDO_JOB, owner=run.user, params={"run": run.pk, "titles": titles}, title=_("Undo: %s") % run)
    run.save(update_fields=["state", "job", "finished_at"])
    return run


def undo_execute(run: BulkRun, progress: execution.Progress) -> JobResult:
    """Undo what can be undone and store the end; errors are raised again. Safe to repeat after a crash."""
    operation = operation_of(run.operation)
    if run.state == BulkState.UNDOING:
        try:
            with pghistory.context(undo_of_bulk_run=run.pk):
                _patiently(lambda: execution.undo(run, operation, progress))
        except JobTakenOver:
            raise
        except Exception:
            _end_undo(run, operation, BulkState.STOPPED)
            raise
        _end_undo(run, operation, BulkState.UNDONE)
    return JobResult(undo_text(run))


@transaction.atomic
def _end_undo(run: BulkRun, operation: Operation, state: BulkState) -> None:
    locked = BulkRun.objects.select_for_update().get(pk=run.pk)
    if locked.state != BulkState.UNDOING:
        return
    execution.count(run)
    if not run.rows.to_undo().exists():  # it was stopped after its last row
        state = BulkState.UNDONE
    run.state, run.undone_at = state, clock.now()
    run.save(update_fields=["state", "undone_at"])
    if state == BulkState.UNDONE:
        _notify(run, operation, undone=True, undo=BulkUndo.UNDONE)


def outcome_text(run: BulkRun) -> str:
    """Return what became of the rows, in a sentence or two."""
    parts = [
        ngettext("%(count)d row was changed.", "%(count)d rows were changed.", run.changed) % {"count": run.changed}
    ]
    if run.unchanged:
        text = ngettext("%(count)d stayed as it was.", "%(count)d stayed as they were.", run.unchanged)
        parts.append(text % {"count": run.unchanged})
    if run.refused:
        text = ngettext("%(count)d was left out.", "%(count)d were left out.", run.refused)
        parts.append(text % {"count": run.refused})
    return " ".join(parts)


def undo_text(run: BulkRun) -> str:
    """Return what an undo did, in a sentence or two."""
    parts = [
        ngettext("%(count)d row was put back.", "%(count)d rows were put back.", run.undone) % {"count": run.undone}
    ]
    if run.kept:
        text = ngettext("%(count)d could not be: see why.", "%(count)d could not be: see why.", run.kept)
        parts.append(text % {"count": run.kept})
    return " ".join(parts)


def old_runs_purge() -> None:
    """Forget rows that were chosen and never started after a day, and the rows of finished runs after ninety days."""
    now = clock.now()
    BulkRun.objects.filter(state=BulkState.DRAFT, created_at__lt=now - DRAFTS_KEPT).delete()
    old = BulkRun.objects.filter(finished_at__lt=now - ROWS_KEPT, rows__isnull=False).distinct()
    for run in old:
        run.rows.all()._raw_delete(run.rows.db)


def run_of(job: Job) -> BulkRun:
    return BulkRun.objects.select_related("user", "job").get(pk=job.params["run"])
