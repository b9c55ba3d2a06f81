"""Taking types out of use and back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from activities.models import ActivityType


@transaction.atomic
def type_set_retired(*, type: ActivityType, retired: bool) -> ActivityType:
    """Retire a type, so that it is given to nothing new, or take it into use again. What has it keeps it."""
    row = ActivityType.objects.select_for_update().get(pk=type.pk)
    if row.is_retired != retired:
        row.retired_at = timezone.now() if retired else None
        row.save(update_fields=["retired_at"])
    return row
