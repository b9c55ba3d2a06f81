"""Base functions of all apps' services."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from core.exceptions import GoneError, StaleVersionError
from core.models import VersionedModel

M = TypeVar("M", bound=Model)
V = TypeVar("V", bound=VersionedModel)


class Versioned(Protocol):
    version: int


def check_version(row: Versioned, seen: int | None) -> None:
    """Raise :class:`StaleVersionError` when the row has changed since version ``seen`` (None skips the check)."""
    if seen is not None and seen != row.version:
        raise StaleVersionError(
            "stale_version", _("Someone else has changed this. Reload it and make your change again.")
        )


def lock(row: M) -> M:
    """Return the row read again and locked until the transaction ends. Call it inside ``transaction.atomic``.

    Raises :class:`GoneError`.
    """
    manager: Any = type(row)._default_manager
    locked: M | None = manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if locked is None:
        raise GoneError
    return locked


@transaction.atomic
def versioned_save(row: V) -> V:
    """Save a row that a form or serializer has filled in, with the next version number."""
    if row.pk:
        row.version += 1
    row.save()
    return row
