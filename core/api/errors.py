"""The one form of all errors, whatever went wrong::

    {"error": {"code": "invalid", "message": "...", "fields": {"name": ["..."], "lines.0.quantity": ["..."]}}}

``fields`` is there when a field is to blame: sentences by its path, in a list with the number of the item from 0.
Codes: ``invalid`` (400), ``not_authenticated`` (401), ``forbidden`` (403), ``not_found`` (404), ``method_not_allowed``
(405), ``precondition_failed`` (412), ``throttled`` (429), ``too_long`` (503) and, with 409, that of the broken rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler
from rest_framework.views import set_rollback

from core.constraints import violation
from core.dates import YEARS
from core.exceptions import BusinessRuleError, ParameterError, deleted_meanwhile
from core.timeouts import took_too_long

TOO_LONG = gettext_lazy(
    "The server stopped this because it took too long; nothing was changed. Narrow the filter or the search."
)
#: The name in ``fields`` of what is wrong with all of it together.
OF_ALL = "non_field_errors"
#: What the framework says in English of the body ``null``.
NO_DATA = "No data provided"
FIELDS_TEXT = "Sentences by field; by its path inside lists and objects, such as `lines.0.quantity`."
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
    error = deleted_meanwhile(error, getattr(context.get("request"), "method", None)) or error
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
    if isinstance(error, ParseError):
        error = ParseError(_unreadable(error))
    if isinstance(error, ValidationError):
        error = serializers.ValidationError(serializers.as_serializer_error(error))
    response = drf_exception_handler(error, context)
    if response is not None:
        response.data = _reformed(response.status_code, response.data)
    return response


def _unreadable(error: ParseError) -> Any:
    """Return why a body cannot be read; the framework's own sentences are English and quote Python's."""
    wrong, text = error.__context__, str(error.detail)
    if isinstance(wrong, json.JSONDecodeError):
        place = {"line": wrong.lineno, "column": wrong.colno}
        return _("The content is not valid JSON: see line %(line)d, character %(column)d.") % place
    if text.startswith("JSON parse error"):
        return _("The content is not valid JSON.")
    return _("The form cannot be read.") if text.startswith("Multipart form parse error") else error.detail


def _reformed(status_code: int, data: Any) -> dict[str, Any]:
    code = _CODES.get(status_code, "error")
    if isinstance(data, dict) and set(data) == {"detail"}:
        return error_body(code, data["detail"])
    fields: dict[str, list[str]] = {}
    for path, text in _by_path(data):
        fields.setdefault(path or OF_ALL, []).append(text)
    return error_body(code, _("Some of the data is invalid."), fields)


def _by_path(errors: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each sentence of the errors of a serializer with the path of its field, such as ``lines.0.quantity``."""
    if not isinstance(errors, dict | list | tuple):
        yield path, _("The request has no content.") if errors == NO_DATA else str(errors)
        return
    for name, inner in errors.items() if isinstance(errors, dict) else enumerate(errors):
        is_sentence = isinstance(name, int) and not isinstance(inner, dict | list)
        part = OF_ALL if name == NON_FIELD_ERRORS else name
        yield from _by_path(inner, path if is_sentence else f"{path}.{part}".removeprefix("."))


class ErrorDetail(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text=FIELDS_TEXT
    )


class ErrorSerializer(serializers.Serializer):
    """The one form of all errors, for the OpenAPI schema."""

    error = ErrorDetail()
