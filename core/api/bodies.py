"""The bodies of requests: a field that nobody reads is an error, it is never left out in silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer, HiddenField, ListSerializer, Serializer


def check_fields(serializer: BaseSerializer[Any], data: Any) -> None:
    """Raise ``ValidationError`` for the fields of ``data`` that ``serializer`` would not read.

    What is only read may come back as it is, so that a row that was read can be sent again with its changes.
    """
    errors = _unknown(serializer, data) or {}
    if isinstance(serializer, Serializer) and isinstance(data, Mapping):
        errors |= _read_only(serializer, data)
    if errors:
        raise ValidationError(errors)


def check_no_body(data: Any) -> None:
    """Raise ``ValidationError`` where an action that takes nothing is sent something."""
    if data and isinstance(data, Mapping):
        raise ValidationError({str(name): [_unknown_text()] for name in data})
    if data:
        raise ValidationError(_("This takes no content."))


def _unknown(field: Any, data: Any) -> Any:
    """Return the errors of unknown fields in the form that serializers give theirs; nothing where there are none."""
    if isinstance(field, ListSerializer | Serializer) and isinstance(data, str):
        return [_("This takes JSON, not text.")]  # a part of a form, which would be left out
    if isinstance(field, ListSerializer):
        found = [_unknown(field.child, item) for item in data] if isinstance(data, list) else []
        return [errors or {} for errors in found] if any(found) else None
    if not isinstance(field, Serializer) or not isinstance(data, Mapping):
        return None
    errors = {}
    for name, value in data.items():
        inner = field.fields.get(name)
        if inner is None or isinstance(inner, HiddenField):
            errors[str(name)] = [_unknown_text()]
        elif not inner.read_only and (deeper := _unknown(inner, value)):
            errors[name] = deeper
    return errors


def _read_only(serializer: Serializer[Any], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return errors of the fields that cannot be written, unless they say what the row says already."""
    names = [name for name, field in serializer.fields.items() if field.read_only and name in data]
    row = serializer.instance
    if not names or (row is not None and _is_stale(row, data)):  # a stale row is refused for its version
        return {}
    now = _as_sent(serializer.to_representation(row)) if row is not None else {}
    return {name: [_("This cannot be set here.")] for name in names if name not in now or now[name] != data[name]}


def _is_stale(row: Any, data: Mapping[str, Any]) -> bool:
    return data.get("version") is not None and data["version"] != getattr(row, "version", None)


def _as_sent(content: Any) -> Any:
    """Return the content of an answer as the caller has read it."""
    return json.loads(JSONRenderer().render(content))


def _unknown_text() -> str:
    return _("There is no such field.")
