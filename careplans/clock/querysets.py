"""Reads of internal events: everyone sees them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q

from careplans.caremodels.querysets import SeenByAll

if TYPE_CHECKING:
    from careplans.clock.models import InternalAction, InternalWork  # noqa: F401 - named in base classes


class InternalActionQuerySet(SeenByAll["InternalAction"]):
    def lasting(self, day: dt.date) -> InternalActionQuerySet:
        """Return those that have not ended before a day; of each code the newest one."""
        return self.filter(Q(last__isnull=True) | Q(last__gte=day))


class InternalWorkQuerySet(SeenByAll["InternalWork"]):
    pass
