"""Background work behind a durable :class:`core.models.Job` row.

An app gives each kind of job a handler::

    @job_handler("export")
    def export(job: Job, progress: Progress) -> JobResult | None: ...

and starts one with :func:`job_start`. A handler may run twice (its worker died the first time), so it must be
repeatable.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
import traceback
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import IO, Any

import pghistory
import structlog
from django.contrib.auth import get_user_model
from django.core.files import File
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import clock
from core.enums import JobState
from core.exceptions import BusinessRuleError, JobCancelled, JobTakenOver
from core.models import Job
from core.queue import send_task

log = structlog.get_logger(__name__)

#: A running job is given to another worker when its own has not written for this long. With the ten seconds between
#: two looks (core/schedule.py) a dead worker's job goes on within 30 s.
LOST_AFTER = dt.timedelta(seconds=20)
#: What waits is put into the queue again after this time, in case the broker has lost it; a second copy does nothing.
QUEUED_AGAIN_AFTER = dt.timedelta(minutes=2)
#: A job is given up when its worker has died this many times without getting any further.
MAX_LOSSES = 3
#: As many jobs may wait or run for one person, so that nobody keeps the workers from everybody else.
MAX_UNFINISHED = 5


@dataclass(frozen=True)
class JobResult:
    """What a finished job leaves: a closing sentence and, optionally, a file."""

    message: str = ""
    file: IO[bytes] | None = None
    name: str = ""


Handler = Callable[[Job, "Progress"], JobResult | None]
_handlers: dict[str, Handler] = {}


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


@dataclass
class Progress:
    """Writes how far a job is, at most twice a second, and stops the job when its owner has cancelled it."""

    job: Job
    _written: float = field(default=0.0)

    def __call__(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Record the state. Raises :class:`JobCancelled` or :class:`JobTakenOver`."""
        if time.monotonic() - self._written < 0.5 and done != total:
            return
        self._written = time.monotonic()
        changes: dict[str, Any] = {"done": done, "heartbeat_at": clock.now()}
        if total is not None:
            changes["total"] = total
        if message is not None:
            changes["message"] = str(message)[:500]
        running = Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, attempts=self.job.attempts)
        if not running.update(**changes):
            raise JobTakenOver
        if running.filter(cancel_requested=True).exists():
            raise JobCancelled


@transaction.atomic
def job_start(kind: str, *, owner: Any, params: dict[str, Any] | None = None, title: str = "") -> Job:
    """Create a job and queue it once the transaction has committed.

    Raises :class:`BusinessRuleError` (``too_many_jobs``) while ``owner`` has :data:`MAX_UNFINISHED` unfinished ones.
    """
    if owner is not None:
        get_user_model().objects.select_for_update(no_key=True).get(pk=owner.pk)  # two requests are counted in turn
        if Job.objects.filter(owner=owner, state__in=(JobState.QUEUED, JobState.RUNNING)).count() >= MAX_UNFINISHED:
            message = _("You have %d unfinished background jobs. Wait until one of them is finished, or cancel it.")
            raise BusinessRuleError("too_many_jobs", message % MAX_UNFINISHED)
    job = Job.objects.create(kind=kind, owner=owner, params=params or {}, title=str(title)[:200])
    transaction.on_commit(lambda: queue(job))
    return job


def queue(job: Job) -> None:
    """Hand the job to a worker. A broker that does not answer is no error: the sweeper queues it later."""
    send_task("core.tasks.run_job", str(job.pk))


def job_cancel(job: Job) -> None:
    """Cancel a waiting job at once; ask a running one to stop at its next sign of progress."""
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    if not waiting.update(state=JobState.CANCELLED, finished_at=clock.now()):
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_requested=True)


def job_run(job_id: str) -> None:
    """Run a queued job to its end. A job that another worker has taken, or that is finished, is left alone."""
    now = clock.now()
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1
    )
    if not taken:
        return
    job = Job.objects.select_related("owner").get(pk=job_id)
    try:
        language = getattr(job.owner, "language", None) or "fi"
        with _heartbeat(job), translation.override(language), pghistory.context(user=job.owner_id, job=str(job.pk)):
            result = _handlers[job.kind](job, Progress(job)) or JobResult()
        _finish(job, JobState.DONE, result)
    except JobTakenOver:
        log.warning("job_taken_over", job=str(job.pk), kind=job.kind)
    except JobCancelled:
        _finish(job, JobState.CANCELLED, JobResult())
    except BusinessRuleError as error:
        _finish(job, JobState.FAILED, JobResult(str(error)))
    except Exception as error:
        log.exception("job_failed", job=str(job.pk), kind=job.kind)
        _finish(job, JobState.FAILED, JobResult(_("The job stopped because of an error in the program.")), error)


def zone_of(owner: Any) -> dt.tzinfo:
    """Return the time zone of the owner of a job, for work with days and times that the owner sees."""
    name = getattr(owner, "time_zone", "")
    return zoneinfo.ZoneInfo(name) if name else timezone.get_default_timezone()


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Show from a separate thread that the worker lives, also while one long SQL statement runs."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(LOST_AFTER.total_seconds() / 4):
            Job.objects.filter(pk=job.pk, attempts=job.attempts).update(heartbeat_at=clock.now())
            connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _finish(job: Job, state: JobState, result: JobResult, error: Exception | None = None) -> None:
    with result.file or nullcontext(), transaction.atomic():
        fresh = Job.objects.select_for_update().get(pk=job.pk)
        if fresh.state != JobState.RUNNING or fresh.attempts != job.attempts:
            return
        fresh.state, fresh.finished_at = state, clock.now()
        fresh.message = str(result.message or fresh.message)[:500]
        fresh.error = "".join(traceback.format_exception(error)) if error else ""
        if state == JobState.DONE and fresh.total:
            fresh.done = fresh.total
        if result.file:
            fresh.result.save(result.name, File(result.file), save=False)
            fresh.result_name = result.name
        fresh.save()


def jobs_requeue_lost() -> int:
    """Queue again what a dead worker left running or a silent broker never delivered; return how many were queued.

    A job is given up at the third loss that found it no further than the one before; other losses do not count.
    """
    now = clock.now()
    lost = Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=now - LOST_AFTER)
    queued = {"state": JobState.QUEUED, "heartbeat_at": now - QUEUED_AGAIN_AFTER}  # due below
    lost.filter(done__gt=F("done_when_lost")).update(done_when_lost=F("done"), **queued)
    lost.filter(losses__gte=MAX_LOSSES - 1).update(
        state=JobState.FAILED,
        finished_at=now,
        message=_("The job was ended because the worker stopped three times without getting any further."),
    )
    lost.update(losses=F("losses") + 1, **queued)
    waiting = Job.objects.annotate(waits_since=Coalesce("heartbeat_at", "created_at")).filter(
        state=JobState.QUEUED, waits_since__lte=now - QUEUED_AGAIN_AFTER
    )
    jobs = list(waiting.order_by("created_at")[:100])
    Job.objects.filter(pk__in=[job.pk for job in jobs], state=JobState.QUEUED).update(heartbeat_at=now)
    for job in jobs:
        queue(job)
    return len(jobs)
