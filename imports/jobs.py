"""The background job of an import."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.jobs import JobResult, Progress, job_handler
from crm.models import Job
from imports.models import ImportRun
from imports.services.runs import run_execute


@job_handler("import")
def import_file(job: Job, progress: Progress) -> JobResult:
    """Check or import a file; repeatable, because rows that have their fate are left alone."""
    run = run_execute(ImportRun.objects.select_related("owner").get(pk=job.params["run"]), progress)
    text = _("%(created)d added, %(updated)d changed, %(unchanged)d as before, %(held)d held, %(refused)d refused")
    return JobResult(text % run.counts)
