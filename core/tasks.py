"""Celery tasks: they take ids and call one service."""

import datetime as dt

from celery import shared_task

from core import clock
from core.bulk.services import old_runs_purge
from core.documents import files_forget
from core.jobs import job_run, jobs_requeue_lost
from core.list_counts import lists_count
from core.models import Job, Submission
from core.once import KEPT


@shared_task
def run_job(job_id: str) -> None:
    job_run(job_id)


@shared_task
def requeue_lost_jobs() -> None:
    jobs_requeue_lost()


@shared_task
def count_lists() -> None:
    lists_count()


@shared_task
def purge_old_rows() -> None:
    """Forget sent forms after a day, finished jobs with their files after thirty days, and old bulk operations.

    The file of a document that was brought back belongs to the document, and to the undo of its next removal.
    """
    forgotten = Submission.objects.filter(created_at__lt=clock.now() - KEPT)
    with_files = forgotten.filter(result__form_undo__has_key="document").exclude(result__has_key="used_up")
    files_forget(with_files.values_list("result__form_undo__document", flat=True))
    forgotten.delete()
    for job in Job.objects.filter(finished_at__lt=clock.now() - dt.timedelta(days=30)).iterator():
        job.result.delete(save=False)
        job.delete()
    old_runs_purge()
