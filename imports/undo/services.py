"""Services of the undo of an import: check its rows, start the undo, execute it.

A run can be undone for :data:`UNDO_DAYS` days. Rows are undone one by one; those that others have changed or used since
stay, with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError, JobTakenOver
from core.jobs import job_start
from core.models import Job
from core.permissions import allowed
from imports.enums import RUN_TRANSITIONS, RunState, UndoStatus
from imports.models import ImportRow, ImportRun
from imports.pipeline.engine import Progress, advisory_lock, count_results
from imports.querysets import ImportRowQuerySet
from imports.undo.execution import CheckPass, UndoPass, walk
from imports.undo.extras import remove_extras

UNDO_DAYS = 30
PERMISSION = "imports.undo_import"
CHECK_JOB, UNDO_JOB = "import_undo_check", "import_undo"
#: As many rows are checked at once, without a job.
AT_ONCE = 1_000
CHUNK = 5_000


def undo_until(run: ImportRun) -> dt.datetime:
    """Return until when the run can be undone."""
    return (run.finished_at or run.created_at) + dt.timedelta(days=UNDO_DAYS)


def undo_refusal(run: ImportRun) -> BusinessRuleError | None:
    """Return why no row of the run can be undone now: ``transition``, ``undo_too_late``."""
    if RunState.UNDOING not in RUN_TRANSITIONS[run.real_state] or run.dry_run:
        return BusinessRuleError(
            "transition", _("This can't be done now: the import is %s.") % f"“{run.real_state.label}”"
        )
    if clock.now() > undo_until(run):
        text = _("An import can be undone for %d days.") % UNDO_DAYS
        return BusinessRuleError("undo_too_late", text)
    return None


def _lock_undoable(run: ImportRun, user: User) -> ImportRun:
    """Return the run, locked. Raises ``forbidden`` and what :func:`undo_refusal` returns."""
    advisory_lock(run.kind)  # nothing of the run is being imported; taken before the run, as a batch does
    run = ImportRun.objects.select_for_update().get(pk=run.pk)  # its job is read after the wait for the lock
    if not allowed(user, PERMISSION, run):
        raise BusinessRuleError("forbidden", _("Only its owner or an administrator may undo an import."))
    if refusal := undo_refusal(run):
        raise refusal
    if run.real_state == RunState.STOPPED:
        count_results(run)
    return run


@transaction.atomic
def undo_check(*, run: ImportRun, user: User) -> Job | None:
    """Check which rows can be undone: at once, or in a job that is returned if there are many. Nothing is changed.

    Raises :class:`BusinessRuleError`: ``forbidden``, ``transition``, ``undo_too_late``, ``too_many_jobs``.
    """
    run = _lock_undoable(run, user)
    if run.created + run.updated > AT_ONCE:
        title = _("Check of an undo: %s") % run.file_name
        return job_start(CHECK_JOB, owner=user, params={"run": run.pk}, title=title)
    check_execute(run, lambda done, total: None)
    return None


def check_execute(run: ImportRun, progress: Progress) -> ImportRun:
    """Store for each row whether it can be undone, or why not. Safe to repeat after a crash."""
    if undo_refusal(run) is None:
        done = run.rows.filter(undo__in=(UndoStatus.CAN, UndoStatus.KEPT, UndoStatus.WAITING))
        done.update(undo=UndoStatus.NONE, undo_problems=None)
        walk(run, CheckPass, progress)
        run.undo_checked_at = clock.now()
        run.save(update_fields=["undo_checked_at"])
    return run


@transaction.atomic
def undo_start(*, run: ImportRun, user: User, ids: Collection[int] | None = None) -> ImportRun:
    """Start the undo of rows (by id; None: of all rows that changed something) as a job of ``user``.

    Raises :class:`BusinessRuleError`: ``forbidden``, ``transition``, ``undo_too_late``, ``nothing_to_undo``,
    ``too_many_jobs``.
    """
    run = _lock_undoable(run, user)
    _release(run)
    rows = _not_undone(run)
    if not (rows.exists() if ids is None else _choose(run, rows, list(ids))):
        raise BusinessRuleError("nothing_to_undo", _("Select rows that added or changed something."))
    run.state, run.undone_by, run.error = RunState.UNDOING, user, ""
    params = {"run": run.pk, "all": ids is None}
    run.job = job_start(UNDO_JOB, owner=user, params=params, title=_("Undo: %s") % run.file_name)
    run.save(update_fields=["state", "undone_by", "error", "job"])
    return run


def _not_undone(run: ImportRun) -> ImportRowQuerySet:
    return ImportRow.objects.filter(run=run).written().exclude(undo=UndoStatus.UNDONE)


def _release(run: ImportRun) -> None:
    """Let no row wait that an undo has left: it was cancelled before it began, or given up."""
    run.rows.filter(undo=UndoStatus.WAITING).update(undo=UndoStatus.NONE, undo_problems=None)


def _choose(run: ImportRun, rows: ImportRowQuerySet, ids: Sequence[int]) -> int:
    """Let the rows with these ids wait, in statements that are short enough for a web request; return how many."""
    chunks = (ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK))
    return sum(_wait(rows.filter(pk__in=chunk)) for chunk in chunks)


def _wait(rows: ImportRowQuerySet) -> int:
    return rows.update(undo=UndoStatus.WAITING, undo_problems=None)


def undo_execute(run: ImportRun, progress: Progress, *, everything: bool = False) -> ImportRun:
    """Undo the waiting rows, or ``everything``, and store the final state; errors are raised again.

    Safe to repeat after a crash: rows that have been undone are skipped. After an error or a stop by request the rows
    that still wait stay as they are, and can be chosen again.
    """
    if run.state != RunState.UNDOING:
        return run
    try:
        if everything:
            _wait(_not_undone(run))
        with pghistory.context(undo_of_import=run.pk):
            walk(run, UndoPass, progress)
            run.refresh_from_db()
            if run.state_after_undo == RunState.UNDONE:
                remove_extras(run)
    except JobTakenOver:
        raise  # another worker continues
    except Exception:
        _release(run)
        _finish(run)
        raise
    _finish(run)
    return run


def _finish(run: ImportRun) -> None:
    run.refresh_from_db()
    run.state = run.state_after_undo
    run.save(update_fields=["state"])


def keeps_for_undo(run: ImportRun) -> bool:
    """Return whether rows of the run can still be undone, so that it is not to be purged."""
    return undo_refusal(run) is None and _not_undone(run).exists()
