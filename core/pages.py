"""The kernel's own pages: top search, jobs, documents and errors (under ``/api/`` in the API's own form)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

import structlog
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View
from django_htmx.http import trigger_client_event

from core import clock
from core.api.errors import error_body
from core.dates import TIME_LENGTH, DayField, TimeField, in_words
from core.documents import visible_target
from core.enums import JobState
from core.jobs import job_cancel
from core.models import Document, Job
from core.palette import groups_for
from core.parameters import TextField, WordsField, asked_words
from core.permissions import SIGNED_IN, PermissionMixin
from core.views import redirect, safe_next_url


class SearchView(PermissionMixin, TemplateView):
    """Ctrl-K and the top field: commands, recent records and the hits of every source, ranked together."""

    permission_required = SIGNED_IN
    template_name = "generic/search.html"
    parameters = {"q": WordsField()}

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#results" if self.htmx else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = asked_words(self.request)
        path = self.htmx.current_url_abs_path or ""
        return super().get_context_data(q=text, groups=groups_for(self.user, text, path), page=path, **kwargs)


class UnderstoodDateView(PermissionMixin, View):
    """How a day or time that was typed (``?text=``, ``?timed=1``) is understood, for the field to show.

    ``{"value": "27.11.2026 13.00", "words": "Friday 27 Nov 2026 13:00"}``, or ``{"error": "…"}``.
    """

    permission_required = SIGNED_IN
    parameters = {"text": TextField(), "timed": TextField()}

    def get(self, request: HttpRequest) -> JsonResponse:
        field: Any = TimeField() if request.GET.get("timed") else DayField()
        try:
            value = field.clean(request.GET.get("text", "").replace("\x00", "")[:TIME_LENGTH])
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)})
        return JsonResponse({"value": field.widget.format_value(field.prepare_value(value)), "words": in_words(value)})


class JobMixin(PermissionMixin):
    """Jobs are their owner's; others' do not exist."""

    permission_required = SIGNED_IN
    request: HttpRequest
    kwargs: dict[str, Any]

    def get_job(self) -> Job:
        return get_object_or_404(Job, pk=self.kwargs["pk"], owner=self.user)


class JobView(JobMixin, TemplateView):
    """Show the progress of a job. The page polls until the job is finished, then returns to where it was started.

    It stays when there is something to read or download: the reason of a failure, a file. A job that ended while its
    page was loading returns too; one that ended earlier stays, so that the browser's back button works.
    """

    JUST_ENDED = dt.timedelta(seconds=10)

    template_name = "generic/job.html"
    parameters = {"back": TextField()}

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#job" if self.htmx else self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        job, back = context["job"], context["back"]
        has_just_ended = job.finished_at is not None and clock.now() - job.finished_at < self.JUST_ENDED
        is_awaited = self.htmx or has_just_ended
        if is_awaited and back and job.state == JobState.DONE and not job.result:
            messages.success(request, job.message)
            return redirect(request, back)
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = self.get_job()
        back = safe_next_url(self.request, self.request.GET.get("back", ""))
        return super().get_context_data(job=job, title=str(job), back=back, **kwargs)


class JobCancelView(JobMixin, View):
    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        job_cancel(self.get_job())
        back = safe_next_url(request, request.POST.get("back", ""))
        return redirect(request, reverse("core:job", args=[pk]) + (f"?{urlencode({'back': back})}" if back else ""))


class JobResultView(JobMixin, View):
    """A finished job's file."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> FileResponse:
        job = self.get_job()
        if not job.result:
            raise Http404
        return FileResponse(job.result.open(), as_attachment=True, filename=job.result_name)


class DocumentView(PermissionMixin, View):
    """A document as a download, for those who may see the row it is attached to."""

    permission_required = SIGNED_IN

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        document = get_object_or_404(Document.objects.select_related("content_type"), pk=pk)
        if visible_target(document, self.user) is None:
            raise Http404
        try:
            file = document.file.open()
        except FileNotFoundError as error:
            raise Http404 from error
        response = FileResponse(file, as_attachment=True, filename=document.name, content_type=document.media_type)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("bad_request", _("The request could not be read.")), status=400)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why the page cannot be had, if that is known; a dialog that was not opened says it on the page below."""
    text = str(exception)
    response = render(request, "403.html", {"exception": text}, status=403)
    htmx: Any = getattr(request, "htmx", None)
    return trigger_client_event(response, "toast", {"level": "danger", "text": text}) if htmx and text else response


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("server_error", _("The server could not complete this.")), status=500)
    # Without the request: what broke may be what the frame of a page reads.
    context = {"request_id": structlog.contextvars.get_contextvars().get("request_id", "")}
    return HttpResponse(render_to_string("500.html", context), status=500)
