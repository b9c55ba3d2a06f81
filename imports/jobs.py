"""The background jobs of imports."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.jobs import JobResult, Progress, job_handler, job_start
from core.models import Job
from imports.models import ImportRun, RowAssignment
from imports.services.assignments import assignment_execute
from imports.services.runs import run_execute

ASSIGN = "import_assign"


@job_handler("import")
def import_file(job: Job, progress: Progress) -> JobResult:
    """Check or import a file; repeatable, because rows that have their fate are left alone."""
    run = run_execute(ImportRun.objects.select_related("owner").get(pk=job.params["run"]), progress)
    text = _("%(created)d added, %(updated)d changed, %(unchanged)d as before, %(held)d held, %(refused)d refused")
    return JobResult(text % run.counts)


def start_assigning(assignment: RowAssignment) -> Job:
    """Queue taking in rows that were given to a customer."""
    title = _("Held rows to %s") % assignment.customer
    return job_start(ASSIGN, owner=assignment.user, params={"assignment": assignment.pk}, title=title)


@job_handler(ASSIGN)
def assign_rows(job: Job, progress: Progress) -> JobResult:
    """Take the chosen rows in. Run twice it finds those in that the first run took in."""
    assignments = RowAssignment.objects.select_related("run", "customer", "user")
    return JobResult(assigned_text(assignment_execute(assignments.get(pk=job.params["assignment"]), progress)))


def assigned_text(assignment: RowAssignment) -> str:
    """What giving rows to a customer came to, in a sentence or two."""
    taken, left = assignment.taken_in, assignment.chosen - assignment.taken_in
    text = ngettext(
        "%(count)d row was taken in for %(customer)s.", "%(count)d rows were taken in for %(customer)s.", taken
    ) % {"count": taken, "customer": assignment.customer}
    if not left:
        return text
    still = ngettext("%(count)d is still held.", "%(count)d are still held.", left) % {"count": left}
    return f"{text} {still}"
