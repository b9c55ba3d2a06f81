"""The OpenAPI schema: which fields may be empty in an answer, and which errors every operation may answer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from core.api.errors import FIELDS_TEXT

WRITES = frozenset({"post", "put", "patch", "delete"})
MESSAGES = {
    400: "Something in the request is not right.",
    401: "Not signed in, or the token is not valid.",
    403: "The user has no right to this.",
    404: "There is no such row, or the user may not see it.",
    409: "A rule of the domain forbids this, or someone else has changed the row meanwhile.",
    412: "Someone else has changed the row since the version that `If-Match` names.",
    415: "The body is of a kind that is not read.",
    429: "Too many requests: wait the seconds that `Retry-After` gives.",
    503: "This took longer than the server allows; nothing was changed. Narrow the filter.",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": 'The `ETag` of the row as it was read: its version, such as `"3"`.',
    "schema": {"type": "string"},
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "Stable, for programs."},
                "message": {"type": "string", "description": "A sentence for people, in the user's language."},
                "fields": {
                    "type": "object",
                    "description": FIELDS_TEXT,
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


class ModelSchema(AutoSchema):
    """The schema of an endpoint, in which read-only fields are as empty as their model lets them be.

    A serializer leaves out of such fields what matters to input only, ``allow_blank`` among it, and knows nothing of
    the model behind a field that it declares itself.
    """

    def get_description(self) -> str:  # type: ignore[override]
        """Say of the filters with names from rows what they are: some readers of schemas show no patterns."""
        told = [f"`{one['name']}`: {one['description']}" for one in self._patterns()]
        return "\n\n".join([super().get_description(), *told])

    def _get_filter_parameters(self) -> list[Any]:
        return [*super()._get_filter_parameters(), *self._patterns()]

    def _patterns(self) -> list[dict[str, Any]]:
        """Return the patterns of the filters of a list that have names from rows."""
        filterset = getattr(self.view, "filterset_class", None) if self.get_filter_backends() else None
        return [dict(one) for one in filterset.patterns] if filterset else []

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        if isinstance(field, serializers.Field) and field.read_only and direction == "response":
            path = _model_path(field)
            field.allow_null = field.allow_null or _may_be_null(path)
            if isinstance(field, serializers.ChoiceField) and path:
                field.allow_blank = field.allow_blank or bool(path[-1].blank)
        return super()._map_serializer_field(field, direction, bypass_extensions)

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        """Say that a body has no other fields (``core.api.bodies``)."""
        schema: Any = super()._map_basic_serializer(serializer, direction)
        return {**schema, "additionalProperties": False} if direction == "request" else schema


def _model_path(field: serializers.Field[Any, Any, Any, Any]) -> list[Any]:
    """Return the model fields through which ``field`` reads its value; none where it reads anything else."""
    model, path = getattr(getattr(field.parent, "Meta", None), "model", None), []
    for name in getattr(field, "source_attrs", ()):
        if model is None:
            return []
        try:
            path.append(model._meta.get_field(name))
        except FieldDoesNotExist:
            return []
        model = path[-1].related_model
    return path


def _may_be_null(path: list[Any]) -> bool:
    """Return whether a value on the path may be None: an empty field, or a missing row of a one-to-one relation."""
    is_missing = bool(path) and path[-1].one_to_one and not path[-1].concrete
    return is_missing or any(field.null and field.concrete for field in path)


def add_errors(result: dict[str, Any], generator: SchemaGenerator, request: Any, public: bool) -> dict[str, Any]:
    """Add to every operation the errors that it may answer (a post-processing hook of drf-spectacular)."""
    result["components"].setdefault("schemas", {})["Error"] = ERROR
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if _changes_one(path, method):
                operation.setdefault("parameters", []).append(IF_MATCH)
            for status in _errors(path, method, operation):
                operation["responses"].setdefault(str(status), _response(status))
    return result


def _changes_one(path: str, method: str) -> bool:
    return method in WRITES and "{id}" in path


def _errors(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    asks = {
        400: bool(operation.get("parameters")) or method in WRITES,
        401: True,
        403: True,
        404: "{" in path,
        409: method in WRITES,
        412: _changes_one(path, method),
        415: "requestBody" in operation,
        429: True,
        503: True,
    }
    return [status for status, may_answer in asks.items() if may_answer]


def _response(status: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": MESSAGES[status], "content": content}
