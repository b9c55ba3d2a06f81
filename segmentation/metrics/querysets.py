"""Reads of one model."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from segmentation.metrics.models import OwnValue  # noqa: F401


class OwnValueQuerySet(models.QuerySet["OwnValue"]):
    def current(self) -> OwnValueQuerySet:
        """Return the values that no newer one has replaced, expired ones included."""
        return self.filter(replaced_on__isnull=True)

    def valid_on(self, day: dt.date) -> OwnValueQuerySet:
        """Return the values that were valid on a day."""
        in_force = models.Q(replaced_on__isnull=True) | models.Q(replaced_on__gt=day)
        not_expired = models.Q(expires_on__isnull=True) | models.Q(expires_on__gte=day)
        return self.filter(in_force, not_expired, given_on__lte=day)
