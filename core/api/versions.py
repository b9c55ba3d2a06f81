"""The version of a row in the API: the ``ETag`` of its answers, ``If-Match`` (412) and ``version`` (409) of changes.

Every endpoint of one versioned row reads both, also where its own body has no ``version``. The row is locked while it
is compared, until the request's transaction ends, so that what follows works on the version that the caller has seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import IntegerField
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.api.fields import VersionField
from core.services import check_version

VERSION = "version"
#: Compression makes a strong tag a weak one, so that both are read: ``"3"`` and ``W/"3"``.
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


class PreconditionFailed(APIException):
    """The row is not as ``If-Match`` says."""

    status_code = 412
    default_code = "precondition_failed"


def is_versioned(row: Any) -> bool:
    """Return whether the row has a version that counts its changes."""
    return any(field.name == VERSION and isinstance(field, IntegerField) for field in row._meta.concrete_fields)


def check_versions(request: Request, row: Any) -> None:
    """Compare the row's version with those that the request names.

    Raises :class:`PreconditionFailed`, ``StaleVersionError``, or ``ValidationError`` for a version that is no number.
    """
    tags, seen = request.headers.get("If-Match", "").strip(), sent_version(request.data)
    if not is_versioned(row) or (not tags and seen is None):
        return
    row.version = _locked_version(row)
    if tags and tags != "*" and str(row.version) not in _TAG.findall(tags):
        raise PreconditionFailed(_("Someone else has changed this. Reload it and make your change again."))
    check_version(row, seen)


def sent_version(data: Any) -> int | None:
    if not isinstance(data, Mapping) or data.get(VERSION) in (None, ""):
        return None
    try:
        version: int = VersionField().run_validation(data[VERSION])
    except serializers.ValidationError as error:
        raise serializers.ValidationError({VERSION: error.detail}) from error
    return version


def _locked_version(row: Any) -> int:
    rows = type(row)._default_manager.filter(pk=row.pk)
    if transaction.get_connection().in_atomic_block:
        rows = rows.select_for_update(of=("self",))
    version: int | None = rows.values_list(VERSION, flat=True).first()
    return row.version if version is None else version


def without_version(serializer: Any, data: Any) -> Any:
    """Return the body for a serializer that reads no version: it has been compared already."""
    if not isinstance(data, Mapping) or VERSION not in data or VERSION in getattr(serializer, "fields", {VERSION: 1}):
        return data
    rest = data.copy() if hasattr(data, "copy") else dict(data)
    del rest[VERSION]
    return rest


def tag_of(data: Any, pk: Any) -> str | None:
    """Return the ``ETag`` of an answer that is the row ``pk`` itself."""
    is_row = isinstance(data, Mapping) and isinstance(data.get(VERSION), int) and str(data.get("id")) == str(pk)
    return f'"{data[VERSION]}"' if is_row else None
