"""Error pages in the product's look; the API's own form under ``/api/``."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from core.api.errors import error_body


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("bad_request", _("The request could not be read.")), status=400)
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("server_error", _("The server could not complete this.")), status=500)
    # Without the request: what broke may be what the frame of a page reads.
    context = {"request_id": structlog.contextvars.get_contextvars().get("request_id", "")}
    return HttpResponse(render_to_string("500.html", context), status=500)
