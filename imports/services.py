"""Services of imports.

Runs: create, map, check, run, continue, delete and purge. Assignments: rows that need review are given to a customer
and imported. Mappings: saved, one per source and kind.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Collection, Sequence
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
from core.services import check_version, lock
from customers.models import Customer
from imports.config import BadMapping, Config, check
from imports.enums import FINISHED_STATES, ROW_STATUSES, RUN_TRANSITIONS, RowStatus, RunState
from imports.models import ImportMapping, ImportRow, ImportRun, RowAssignment
from imports.normalise import Normaliser
from imports.permissions import may_import_kind
from imports.pipeline.base import RowHandler
from imports.pipeline.engine import (
    MARKS,
    Batches,
    Progress,
    advisory_lock,
    count_results,
    execute,
    local_file,
    open_run,
)
from imports.querysets import ImportRowQuerySet
from imports.readers.formats import BadFile
from imports.undo.recording import recorded
from imports.undo.services import keeps_for_undo
from offers.offers.validators import check_customer

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
    run.findings = {}
    for status in ROW_STATUSES:
        setattr(run, status.value, 0)


def _lock_run(run: ImportRun) -> ImportRun:
    """Return the run, locked. Its job is read after the wait for the lock; a joined one would be that of before."""
    return ImportRun.objects.select_for_update().get(pk=run.pk)


def _wrong_state(run: ImportRun) -> BusinessRuleError:
    state = run.real_state.label
    return BusinessRuleError("transition", _("This can't be done now: the import is %s.") % f"“{state}”")


def run_execute(run: ImportRun, progress: Progress) -> ImportRun:
    """Check or import the run's file and store the final state; errors are raised again.

    Safe to repeat after a crash: rows with a result are skipped.
    """
    if run.state not in (RunState.CHECKING, RunState.RUNNING):
        return run
    try:
        with recorded(run):
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

    Imported data and its history stay; so does an import that can still be undone. Each import has its own transaction,
    so that one failure does not undo the others.
    """
    oldest = clock.now() - dt.timedelta(days=settings.IMPORT_KEEP_DAYS)
    old = ImportRun.objects.filter(created_at__lt=oldest).select_related("job")
    runs = [run for run in old if not run.real_state.is_underway and not keeps_for_undo(run)]
    for run in runs:
        run_delete(run=run)
    return len(runs)


def may_assign(run: ImportRun) -> bool:
    """Return whether rows of the import can be assigned to a customer."""
    return bool(run.row_kind.handler.takes_customer) and run.real_state in FINISHED_STATES


def check_may_assign(run: ImportRun) -> None:
    if not may_assign(run):
        raise BusinessRuleError("transition", _("The rows of this import cannot be assigned to a customer."))


@transaction.atomic
def rows_assign(*, run: ImportRun, customer: Customer, user: User, ids: Collection[int]) -> RowAssignment:
    """Assign rows of a finished import to a customer; ``assignment_execute`` then imports them.

    Rows that no longer need review are left out. Raises :class:`BusinessRuleError`: ``forbidden``, ``transition``,
    ``customer_passive``, ``nothing_held``.
    """
    if not may_import_kind(user, run.kind):
        raise BusinessRuleError("forbidden", _("You may not import this type of data."))
    check_customer(customer)
    advisory_lock(run.kind)  # no other batch is importing these rows, and none is undone
    run = _lock_run(run)
    check_may_assign(run)
    assignment = RowAssignment.objects.create(run=run, customer=customer, user=user)
    rows = ImportRow.objects.filter(run=run, fate=RowStatus.HELD, pk__in=ids)
    assignment.chosen = rows.update(assignment=assignment)
    if not assignment.chosen:
        raise BusinessRuleError("nothing_held", _("Select rows that need review."))
    assignment.save(update_fields=["chosen"])
    return assignment


def assignment_execute(assignment: RowAssignment, progress: Progress) -> RowAssignment:
    """Import the assigned rows in batches, each in a transaction; safe to repeat after a crash.

    Rows that cannot be imported still need review and can be assigned again. Raises ``transition`` when the import is
    being undone meanwhile.
    """
    batches, done = _AssignedBatches(assignment), 0
    try:
        with recorded(assignment.run):
            while size := batches.next_batch():
                done += size
                progress(min(done, assignment.chosen), assignment.chosen)
    except BusinessRuleError:
        _finish_assignment(assignment)
        raise
    _finish_assignment(assignment)
    return assignment


@transaction.atomic
def _finish_assignment(assignment: RowAssignment) -> None:
    advisory_lock(assignment.run.kind)
    assignment.taken_in = assignment.rows.exclude(fate=RowStatus.HELD).count()
    assignment.save(update_fields=["taken_in"])
    assignment.rows.filter(fate=RowStatus.HELD).update(assignment=None)
    count_results(assignment.run)


class _AssignedBatches(Batches):
    """Batches of the rows of an assignment, with its customer."""

    columns = (*Batches.columns, "raw")

    def __init__(self, assignment: RowAssignment) -> None:
        super().__init__(assignment.run)
        self.assignment = assignment
        marks = self.run.findings.get(MARKS)
        self.normalise = Normaliser(self.run.row_kind, self.config, self.run.header, marks)

    @transaction.atomic
    def _import_batch(self, ids: Sequence[int]) -> None:
        advisory_lock(self.run.kind)  # an undo begins under it
        check_may_assign(ImportRun.objects.get(pk=self.run.pk))
        super()._import_batch(ids)

    def make_handler(self) -> RowHandler:
        handler = super().make_handler()
        handler.assigned_customer, handler.user = self.assignment.customer, self.assignment.user
        return handler

    def waiting(self) -> ImportRowQuerySet:
        return ImportRow.objects.filter(assignment=self.assignment, fate=RowStatus.HELD)

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """Normalise the stored cells of the rows again."""
        for row in rows:
            read = self.normalise(row.raw)
            row.fate = RowStatus.HELD if read.is_held else RowStatus.PENDING
            row.values = None if read.is_held else read.values
            row.problems = [problem.data() for problem in read.problems]


@transaction.atomic
def mapping_save(*, kind: str, name: str, config: Config, replace: bool = True) -> ImportMapping:
    """Save a mapping under a name, replacing the content of one with the same kind and name.

    Raises :class:`BusinessRuleError` ``name_taken`` at ``name`` if one exists and ``replace`` is false.
    """
    mapping, is_new = ImportMapping.objects.select_for_update().get_or_create(
        kind=kind, name=name, defaults={"config": config.data()}
    )
    if is_new:
        return mapping
    if not replace:
        raise _name_taken()
    if mapping.config != config.data():
        mapping.config = config.data()
        mapping.version += 1
        mapping.save()
    return mapping


@transaction.atomic
def mapping_rename(*, mapping: ImportMapping, name: str, version: int | None = None) -> ImportMapping:
    """Rename a mapping. Raises :class:`BusinessRuleError`: ``name_taken``, ``stale_version``."""
    mapping = lock(mapping)
    check_version(mapping, version)
    if ImportMapping.objects.filter(kind=mapping.kind, name=name).exclude(pk=mapping.pk).exists():
        raise _name_taken()
    mapping.name = name
    mapping.version += 1
    mapping.save()
    return mapping


@transaction.atomic
def mapping_delete(*, mapping: ImportMapping) -> None:
    """Delete a mapping. Imports made with it stay and keep their own copy."""
    mapping.delete()


def _name_taken() -> BusinessRuleError:
    return BusinessRuleError(
        "name_taken", _("There is already a mapping with this name for this type of data."), field="name"
    )
