"""Request log lines and business-rule errors that no page has caught."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from core.client_ip import client_ip
from core.exceptions import BusinessRuleError

log = structlog.get_logger("request")

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
    """Show a broken business rule that reached the top as a page with its sentence (409) instead of a server error."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, BusinessRuleError):
            return None
        if HtmxDetails(request):
            messages.error(request, str(error))
            return HttpResponseClientRefresh()
        return render(request, "409.html", {"message": str(error)}, status=409)
