"""The errors in the OpenAPI schema: every operation tells which it may answer, all in the one form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.generators import SchemaGenerator

WRITES = frozenset({"post", "put", "patch", "delete"})
MESSAGES = {
    400: "Something in the request is not right.",
    401: "Not signed in, or the token is not valid.",
    403: "The user has no right to this.",
    404: "There is no such row, or the user may not see it.",
    409: "A rule of the domain forbids this, or someone else has changed the row meanwhile.",
    415: "The body is of a kind that is not read.",
    429: "Too many requests: wait the seconds that `Retry-After` gives.",
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
                    "description": "What is wrong, by field.",
                    "additionalProperties": {},
                },
            },
        }
    },
}


def add_errors(result: dict[str, Any], generator: SchemaGenerator, request: Any, public: bool) -> dict[str, Any]:
    """Add to every operation the errors that it may answer (a post-processing hook of drf-spectacular)."""
    result["components"].setdefault("schemas", {})["Error"] = ERROR
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in _errors(path, method, operation):
                operation["responses"].setdefault(str(status), _response(status))
    return result


def _errors(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    asks = {
        400: bool(operation.get("parameters")) or method in WRITES,
        401: True,
        403: True,
        404: "{" in path,
        409: method in WRITES,
        415: "requestBody" in operation,
        429: True,
    }
    return [status for status, may_answer in asks.items() if may_answer]


def _response(status: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": MESSAGES[status], "content": content}
