"""Request log lines, limits of what is sent, and errors that no page has caught."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from core.api.errors import TOO_LONG, error_body, parameter_error_response
from core.client_ip import client_ip
from core.exceptions import BusinessRuleError, ParameterError, deleted_meanwhile
from core.timeouts import took_too_long

log = structlog.get_logger("request")

COMPRESSED = frozenset(
    ("text/html", "text/plain", "text/csv", "text/calendar", "application/json", "application/vnd.oai.openapi")
)
SIGNED_OUT_BYTES = 64 * 1024
MEGABYTE = 1024 * 1024
#: A client that says so takes no gzip.
NO_GZIP = re.compile(r"\bgzip\s*;\s*q=0(\.0*)?\s*(,|$)")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Log one line for each request, with an id that every line logged during it has and in the response header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = uuid.uuid4().hex[:12]
        structlog.contextvars.bind_contextvars(request_id=request_id)
        start = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        user = getattr(request, "user", None)
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ip=client_ip(request),
            ms=round((time.perf_counter() - start) * 1000),
            user=user.pk if user else None,
        )
        return response


class BodySizeMiddleware:
    """Refuse a body that is larger than its view takes (413), before it is parsed.

    A view that takes more than forms and single files says so in ``max_body_bytes``. Who is not signed in and has no
    API token may send what a form of text holds.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) <= self.limit(request, view):
            return None
        message = _("What was sent is too large.")
        if request.path.startswith("/api/"):
            return JsonResponse(error_body("too_large", message), status=413)
        return render(request, "413.html", {"message": message}, status=413)

    def limit(self, request: HttpRequest, view: Any) -> int:
        if not request.user.is_authenticated and "Authorization" not in request.headers:
            return SIGNED_OUT_BYTES
        declared = getattr(getattr(view, "view_class", None) or getattr(view, "cls", None), "max_body_bytes", None)
        if declared:
            return int(declared)
        has_files = request.content_type == "multipart/form-data"
        return settings.UPLOAD_MAX_BYTES + MEGABYTE if has_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class TextCompressionMiddleware(GZipMiddleware):
    """Compress pages, JSON and other texts; files are compressed already, and what is streamed is sent as it is made.

    The names of the parent's random length (BREACH) are in each answer.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.get("Content-Type", "").partition(";")[0]
        if (
            response.streaming
            or media_type not in COMPRESSED
            or NO_GZIP.search(request.headers.get("Accept-Encoding", ""))
        ):
            return response
        return super().process_response(request, response)


class PrivateMiddleware:
    """What a signed-in person has been answered is kept nowhere: after sign-out the back button shows nothing of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated or response.has_header("WWW-Authenticate"):
            response["Cache-Control"] = "private, no-store"
        return response


class BusinessRuleMiddleware:
    """Show a broken rule (409) or a parameter that cannot be read (400) as a page with its sentence."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ParameterError):
            if _answers_scripts(request):
                return parameter_error_response(error)
            return render(request, "400.html", {"message": str(error)}, status=400)
        error = deleted_meanwhile(error, request.method) or error
        if not isinstance(error, BusinessRuleError):
            return None
        if HtmxDetails(request):
            messages.error(request, str(error))
            return HttpResponseClientRefresh()
        return render(request, "409.html", {"message": str(error)}, status=409)


def _answers_scripts(request: HttpRequest) -> bool:
    """Return whether a script asks, or the page answers nobody else."""
    view = getattr(getattr(request.resolver_match, "func", None), "view_class", None)
    return getattr(view, "answers_scripts", False) or not request.accepts("text/html")


class TooLongMiddleware:
    """Answer a request with a statement that the database has cancelled with a page that says what to do (503)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return too_long(request) if took_too_long(error) else None


def too_long(request: HttpRequest) -> HttpResponse:
    """Return the page, or under ``/api/`` the error, of a request that took too long."""
    log.warning("statement_timeout", path=request.path)
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("too_long", TOO_LONG), status=503)
    is_read = request.method in {"GET", "HEAD"}
    context = {"message": TOO_LONG, "back": request.path if is_read and request.GET else ""}
    return render(request, "503.html", context, status=503)
