"""Services of import runs: create, map, check, run, continue, delete and purge."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.documents import safe_name
from core.exceptions import BusinessRuleError, JobCancelled, JobTakenOver
from core.jobs import job_start
from imports.config import BadMapping, Config, check
from imports.enums import ROW_STATUSES, RUN_TRANSITIONS, RunState
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.permissions import may_import_kind
from imports.pipeline.engine import Progress, execute, local_file, open_run
from imports.readers.errors import BadFile

_CHUNK = 1024 * 1024


def run_create(
    *, kind: str, file: IO[bytes], name: str, owner: User | None, mapping: ImportMapping | None = None
) -> ImportRun:
    """Store a readable file as the draft of an import, with a copy of the mapping if given.

    Raises :class:`BadFile` (also when it is too large), :class:`BadMapping` when the mapping is of another kind, and
    ``forbidden`` when ``owner`` may not import this kind.
    """
    _check_owner(kind, owner)
    if mapping is not None and mapping.kind != kind:
        raise BadMapping(_("The mapping “%s” is for another type of data.") % mapping)
    config = Config.read(mapping.config) if mapping else Config()
    with tempfile.NamedTemporaryFile() as copy:
        digest = _copy_and_hash(file, copy)
        run = ImportRun(kind=kind, owner=owner, mapping=mapping, mapping_name=mapping.name if mapping else "")
        run.file_name, run.sha256, run.config = safe_name(name), digest, config.data()
        table, config = open_run(run, Path(copy.name))
        run.header, run.config = table.header, config.data()
        copy.seek(0)
        run.file.save(run.file_name, File(copy), save=True)
    return run


def _check_owner(kind: str, owner: User | None) -> None:
    if owner is not None and not may_import_kind(owner, kind):
        raise BusinessRuleError("forbidden", _("You may not import this type of data."), field="kind")


def _copy_and_hash(file: IO[bytes], target: Any) -> str:
    """Copy a file in chunks and return its SHA-256. Raises :class:`BadFile` if it is too large."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
            raise BadFile("too_large", _("The file is larger than %d MB.") % limit)
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    return digest.hexdigest()


@transaction.atomic
def run_config_set(*, run: ImportRun, config: Config, mapping: ImportMapping | None = None) -> ImportRun:
    """Set the mapping of a draft and discard an earlier check.

    Raises :class:`BadMapping`, :class:`BadFile` and ``transition`` when the import has been started.
    """
    run = _lock_run(run)
    if RunState.CHECKING not in allowed_next(run):
        raise _wrong_state(run)
    with local_file(run) as path:
        table, _config = open_run(ImportRun(kind=run.kind, config=config.data()), path)
    check(run.row_kind, config, table.header)
    run.config, run.header, run.state = config.data(), table.header, RunState.DRAFT
    if mapping is not None:
        run.mapping, run.mapping_name = mapping, mapping.name
    _reset(run)
    run.save()
    return run


def allowed_next(run: ImportRun) -> frozenset[RunState]:
    """Return the states that the import can change to from its real state."""
    return RUN_TRANSITIONS[run.real_state]


@transaction.atomic
def run_start(*, run: ImportRun, user: User, dry_run: bool) -> ImportRun:
    """Start a check or the import as a job of ``user``; a stopped import continues.

    Raises :class:`BusinessRuleError`: ``transition``, ``forbidden``; :class:`BadMapping`.
    """
    _check_owner(run.kind, user)
    run = _lock_run(run)
    check(run.row_kind, Config.read(run.config), run.header)
    _set_state(run, RunState.CHECKING if dry_run else RunState.RUNNING, dry_run=dry_run)
    run.owner = user
    title = _("Check: %s") if dry_run else _("Import: %s")
    run.job = job_start("import", owner=user, params={"run": run.pk}, title=title % run.file_name)
    run.save()
    return run


def _set_state(run: ImportRun, state: RunState, *, dry_run: bool) -> None:
    """Set the state; rows of an earlier check are deleted, rows of an import are kept."""
    if state not in allowed_next(run):
        raise _wrong_state(run)
    if dry_run or run.dry_run or run.real_state == RunState.DRAFT:
        _reset(run)
    run.state, run.dry_run, run.error = state, dry_run, ""


def _reset(run: ImportRun) -> None:
    ImportRow.objects.filter(run=run).delete()
    run.is_staged, run.total, run.notes, run.finished_at, run.dry_run = False, 0, [], None, False
    for status in ROW_STATUSES:
        setattr(run, status.value, 0)


def _lock_run(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)


def _wrong_state(run: ImportRun) -> BusinessRuleError:
    state = run.real_state.label
    return BusinessRuleError("transition", _("This can't be done now: the import is %s.") % f"“{state}”")


def run_execute(run: ImportRun, progress: Progress) -> ImportRun:
    """Check or import the run's file and store the final state; errors are raised again.

    Safe to repeat after a crash: rows with a result are skipped.
    """
    if not run.is_underway:
        return run
    try:
        execute(run, progress)
    except JobTakenOver:
        raise  # another worker continues the run
    except Exception as error:
        run.refresh_from_db()
        run.state = RunState.DRAFT if run.dry_run else RunState.STOPPED
        run.error = _error_text(error)
        run.save(update_fields=["state", "error"])
        raise
    run.state = RunState.CHECKED if run.dry_run else RunState.DONE
    run.finished_at = clock.now()
    run.save(update_fields=["state", "finished_at"])
    return run


def _error_text(error: Exception) -> str:
    if isinstance(error, JobCancelled):
        return _("Stopped by request.")
    return str(error)[:500] if isinstance(error, BusinessRuleError) else _("Program error.")


def run_now(
    *,
    kind: str,
    file: IO[bytes],
    name: str,
    owner: User | None,
    mapping: ImportMapping | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int | None], None] | None = None,
) -> ImportRun:
    """Import a file at once, without a worker. Raises :class:`BadFile`, :class:`BadMapping`."""
    run = run_create(kind=kind, file=file, name=name, owner=owner, mapping=mapping)
    try:
        check(run.row_kind, Config.read(run.config), run.header)
    except BadMapping:
        run_delete(run=run)
        raise
    run.state, run.dry_run = (RunState.CHECKING if dry_run else RunState.RUNNING), dry_run
    run.save(update_fields=["state", "dry_run"])
    return run_execute(run, progress or (lambda done, total: None))


@transaction.atomic
def run_delete(*, run: ImportRun) -> None:
    """Delete an import with its file and rows; imported data stays. Raises ``transition`` while it is running."""
    run = _lock_run(run)
    if run.real_state.is_underway:
        raise _wrong_state(run)
    storage, path = run.file.storage, run.file.name
    run.delete()
    transaction.on_commit(lambda: storage.delete(str(path)))


def runs_purge() -> int:
    """Delete imports older than ``IMPORT_KEEP_DAYS`` with their files and rows; return how many.

    Imported data and its history stay. Each import has its own transaction, so one failure does not undo the others.
    """
    oldest = clock.now() - dt.timedelta(days=settings.IMPORT_KEEP_DAYS)
    runs = [run for run in ImportRun.objects.filter(created_at__lt=oldest) if not run.real_state.is_underway]
    for run in runs:
        run_delete(run=run)
    return len(runs)
