"""The jobs of bulk operations and of their undo, in the time zone of whoever started them, as their previews."""

from __future__ import annotations

from django.utils import timezone

from core.bulk.services import RUN_JOB, UNDO_JOB, run_execute, run_of, undo_execute
from core.jobs import JobResult, Progress, job_handler, zone_of
from core.models import Job


@job_handler(RUN_JOB)
def run_bulk(job: Job, progress: Progress) -> JobResult:
    with timezone.override(zone_of(job.owner)):
        return run_execute(run_of(job), progress)


@job_handler(UNDO_JOB)
def undo_bulk(job: Job, progress: Progress) -> JobResult:
    with timezone.override(zone_of(job.owner)):
        return undo_execute(run_of(job), progress)
