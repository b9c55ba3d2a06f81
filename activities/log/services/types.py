"""Retiring and restoring activity types and lines of lists."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction

from activities.log.models import ActivityType, Choice
from core import clock

T = TypeVar("T", ActivityType, Choice)


@transaction.atomic
def type_set_retired(*, type: T, retired: bool) -> T:
    """Retire a type or a line of a list, so that it is not used for new rows, or restore it.

    Existing rows keep it.
    """
    row: T = type._meta.default_manager.select_for_update().get(pk=type.pk)  # type: ignore[union-attr]
    if row.is_retired != retired:
        row.retired_at = clock.now() if retired else None
        row.save(update_fields=["retired_at"])
    return row
