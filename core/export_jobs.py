"""The export of a list: at once when it is short, as a job when it is long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import exports
from core.jobs import JobResult, Progress, job_handler, job_start, zone_of
from core.list_rows import list_of
from core.models import Job

if TYPE_CHECKING:
    from core.list_views import FilteredListView


def export_response(view: FilteredListView, queryset: Any, kind: str) -> HttpResponse:
    """Answer ``?export=``: the file of a short list, for a long one the page of the job that writes it.

    A job is started by POST; who follows a link to the export of a long list is asked first.
    """
    if kind not in exports.MEDIA_TYPES:
        return HttpResponse(_("Choose csv or xlsx."), status=400, content_type="text/plain; charset=utf-8")
    if queryset[exports.DIRECT_ROWS : exports.DIRECT_ROWS + 1].exists():
        if view.request.method != "POST":
            return _question(view)
        params = {"path": view.request.path, "query": view.request.GET.urlencode(), "kind": kind}
        job = job_start("export", owner=view.request.user, params=params, title=_("Export: %s") % view.title)
        return HttpResponseRedirect(reverse("core:job", args=[job.pk]))
    file = exports.write_list(view, queryset, kind)
    media_type = exports.MEDIA_TYPES[kind]
    name = exports.file_name(view, kind)
    return FileResponse(file, as_attachment=True, filename=name, content_type=media_type)  # type: ignore[return-value]


def _question(view: FilteredListView) -> HttpResponse:
    context = {
        "title": _("Export: %s") % view.title,
        "text": _("The list is long: the file is made in the background."),
        "submit_label": _("Export"),
        "cancel_url": view.list_url(),
    }
    return TemplateResponse(view.request, "generic/confirm.html", context)


@job_handler("export")
def export(job: Job, progress: Progress) -> JobResult:
    """Write a list to a file: the list's own address says which list and which rows, its owner which are visible.

    Days and times are those of the owner's time zone, as on the page.
    """
    with timezone.override(zone_of(job.owner)):
        view, rows = list_of(job.params["path"], job.params["query"], job.owner)
        queryset = view.get_export_queryset(rows)
        total = queryset.order_by().count()
        progress(0, total)
        file = exports.write_list(view, queryset, job.params["kind"], lambda done: progress(done, total))
        return JobResult(_("%(count)s rows") % {"count": total}, file, exports.file_name(view, job.params["kind"]))
