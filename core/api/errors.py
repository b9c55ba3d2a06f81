"""The one form of all errors, whatever went wrong::

    {"error": {"code": "invalid", "message": "...", "fields": {"name": ["..."]}}}

``fields`` is there when a field is to blame. Codes: ``invalid`` (400), ``not_authenticated`` (401), ``forbidden``
(403), ``not_found`` (404), ``method_not_allowed`` (405), ``precondition_failed`` (412), ``throttled`` (429),
``too_long`` (503) and, with 409, that of the broken rule.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler
from rest_framework.views import set_rollback

from core.constraints import violation
from core.dates import YEARS
from core.exceptions import BusinessRuleError, ParameterError
from core.timeouts import took_too_long

TOO_LONG = gettext_lazy(
    "The server stopped this because it took too long; nothing was changed. Narrow the filter or the search."
)
_CODES: dict[int, str] = {
    400: "invalid",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    412: "precondition_failed",
    415: "unsupported_media_type",
    429: "throttled",
}


def parameter_error_response(error: ParameterError) -> JsonResponse:
    """Return the answer (400) of a page that answers scripts."""
    fields = {name: [text] for name, text in error.errors.items()}
    return JsonResponse(error_body("invalid", str(error), fields), status=400)


def error_body(code: str, message: Any, fields: Any = None) -> dict[str, Any]:
    body = {"code": code, "message": str(message)}
    return {"error": {**body, "fields": fields} if fields else body}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Give every error the one form; unknown exceptions stay exceptions (500)."""
    if isinstance(error, BusinessRuleError):
        set_rollback()
        fields = {error.field: [str(error)]} if error.field else None
        return Response(error_body(error.code, error, fields), status=status.HTTP_409_CONFLICT)
    if isinstance(error, ParameterError):
        error = serializers.ValidationError({name: [text] for name, text in error.errors.items()})
    if took_too_long(error):
        set_rollback()
        return Response(error_body("too_long", TOO_LONG), status=status.HTTP_503_SERVICE_UNAVAILABLE)
    if isinstance(error, ProtectedError):
        set_rollback()
        return Response(
            error_body("in_use", _("This is in use and cannot be deleted.")), status=status.HTTP_409_CONFLICT
        )
    if isinstance(error, OverflowError):  # a day at the very end of the calendar, and the one after it
        set_rollback()
        error = serializers.ValidationError([_("The year must be between %(first)d and %(last)d.") % YEARS])
    if isinstance(error, IntegrityError):
        error = violation(error) or error
    if isinstance(error, Http404):  # Django's own sentence is English and names the program's models
        error = NotFound(_("There is nothing at this address."))
    if isinstance(error, ValidationError):
        error = serializers.ValidationError(serializers.as_serializer_error(error))
    response = drf_exception_handler(error, context)
    if response is not None:
        response.data = _reformed(response.status_code, response.data)
    return response


def _reformed(status_code: int, data: Any) -> dict[str, Any]:
    code = _CODES.get(status_code, "error")
    if isinstance(data, dict) and set(data) == {"detail"}:
        return error_body(code, data["detail"])
    fields = data if isinstance(data, dict) else {"non_field_errors": data}
    return error_body(code, _("Some of the data is invalid."), fields)


class ErrorDetail(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)  # type: ignore[assignment]


class ErrorSerializer(serializers.Serializer):
    """The one form of all errors, for the OpenAPI schema."""

    error = ErrorDetail()
