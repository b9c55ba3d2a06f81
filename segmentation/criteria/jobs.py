"""The background job of previews and back-tests."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.jobs import JobResult, Progress, job_handler
from core.models import Job
from customers.models import Customer
from segmentation.criteria.models import Preview
from segmentation.criteria.previews import KIND, matrix_of, preview_make


@job_handler(KIND)
def make_preview(job: Job, progress: Progress) -> JobResult:
    """Compute a preview. A repeated run begins again."""
    preview = Preview.objects.select_related("criteria__scheme").get(pk=job.params["preview"])
    last = Customer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    preview_make(preview, lambda done: progress(done, last))
    words = {"moved": matrix_of(preview).moved}
    return JobResult(_("%(moved)d customers would move.") % words)
