"""Background job that imports a long calendar file."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext as _

from activities.calendar.ical.read import Budget
from activities.calendar.services.file_plan import Types
from activities.calendar.services.files import import_run
from activities.calendar.views.files import cache_key, summary_of
from activities.log.models import ActivityType
from core.exceptions import BusinessRuleError
from core.jobs import JobResult, Progress, job_handler
from core.models import Job

#: The seconds of the processor that reading and planning a file may take in a worker.
SECONDS = 30.0


@job_handler("calendar_import")
def calendar_import(job: Job, progress: Progress) -> JobResult:
    """Import the selected events. A second run finds the activities of the first and changes nothing."""
    owner, text = job.owner, cache.get(cache_key(job.owner, job.params["token"]))
    if owner is None or text is None:
        raise BusinessRuleError("file_gone", _("The file is no longer available. Upload it again."))
    types = Types(*(ActivityType.objects.get(pk=pk) for pk in job.params["types"]))
    chosen, budget = set(job.params["chosen"]), Budget(SECONDS)
    results = import_run(user=owner, text=text, types=types, chosen=chosen, progress=progress, budget=budget)
    return JobResult(summary_of(results))
