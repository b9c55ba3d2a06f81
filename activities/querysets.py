from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from activities.enums import UNFINISHED

if TYPE_CHECKING:
    from activities.models import Activity  # noqa: F401 - named in a base class


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: Any) -> ActivityQuerySet:
        """Everyone who has signed in sees the work of every active customer and work that concerns no customer."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.manage_passive"):
            return self
        return self.filter(models.Q(customer__isnull=True) | models.Q(customer__state="active"))

    def unfinished(self) -> ActivityQuerySet:
        return self.filter(status__in=UNFINISHED)

    def of_participant(self, user: Any) -> ActivityQuerySet:
        """Activities in which the user takes part: each participant's own (rule 16)."""
        return self.filter(participations__user=user)

    def overdue(self) -> ActivityQuerySet:
        return self.unfinished().filter(start__lt=timezone.now())
