"""The background jobs of imports."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.jobs import JobResult, Progress, job_handler, job_start
from core.models import Job
from imports.models import ImportRun, RowAssignment
from imports.services import assignment_execute, run_execute
from imports.undo.selectors import undo_counts
from imports.undo.services import CHECK_JOB, UNDO_JOB, check_execute, undo_execute

ASSIGN = "import_assign"


@job_handler("import")
def import_file(job: Job, progress: Progress) -> JobResult:
    """Check or import a file. A repeated run skips the rows that already have a result."""
    run = run_execute(ImportRun.objects.select_related("owner").get(pk=job.params["run"]), progress)
    return JobResult(run_summary(run))


def run_summary(run: ImportRun) -> str:
    """Return the outcome as one sentence; after a check in the future tense."""
    if run.dry_run:
        text = _(
            "Nothing has been imported yet. %(created)d will be added, %(updated)d will change, %(unchanged)d will not "
            "change, %(held)d need review, %(refused)d will be skipped"
        )
    else:
        text = _(
            "%(created)d added, %(updated)d changed, %(unchanged)d unchanged, %(held)d to review, %(refused)d skipped"
        )
    columns = len(run.left_out_columns)
    left = ngettext("%(count)d column not imported", "%(count)d columns not imported", columns) % {"count": columns}
    return f"{text % run.counts}, {left}" if columns else text % run.counts


def start_assigning(assignment: RowAssignment) -> Job:
    """Queue the import of rows that were assigned to a customer."""
    title = _("Assign rows to %s") % assignment.customer
    return job_start(ASSIGN, owner=assignment.user, params={"assignment": assignment.pk}, title=title)


@job_handler(ASSIGN)
def assign_rows(job: Job, progress: Progress) -> JobResult:
    """Import the rows of an assignment. A repeated run skips the rows that are already imported."""
    assignments = RowAssignment.objects.select_related("run", "customer", "user")
    return JobResult(assignment_summary(assignment_execute(assignments.get(pk=job.params["assignment"]), progress)))


def assignment_summary(assignment: RowAssignment) -> str:
    """Return the outcome of an assignment as one or two sentences."""
    taken, left = assignment.taken_in, assignment.chosen - assignment.taken_in
    text = ngettext(
        "%(count)d row was imported for %(customer)s.", "%(count)d rows were imported for %(customer)s.", taken
    ) % {"count": taken, "customer": assignment.customer}
    if not left:
        return text
    still = ngettext("%(count)d still needs review.", "%(count)d still need review.", left) % {"count": left}
    return f"{text} {still}"


@job_handler(CHECK_JOB)
def check_undo(job: Job, progress: Progress) -> JobResult:
    """Check which rows of an import can be undone."""
    run = check_execute(ImportRun.objects.select_related("job").get(pk=job.params["run"]), progress)
    counts = undo_counts(run)
    text = _("Nothing has been undone yet. %(can)d rows can be undone, %(kept)d cannot.")
    return JobResult(text % {"can": counts.can, "kept": counts.kept})


@job_handler(UNDO_JOB)
def undo_import(job: Job, progress: Progress) -> JobResult:
    """Undo rows of an import. A repeated run skips the rows that have been undone."""
    run = ImportRun.objects.select_related("job").get(pk=job.params["run"])
    counts = undo_counts(undo_execute(run, progress, everything=job.params.get("all", False)))
    text = _("%(undone)d rows undone, %(kept)d could not be undone.")
    return JobResult(text % {"undone": counts.undone, "kept": counts.kept})
