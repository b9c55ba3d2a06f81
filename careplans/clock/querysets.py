"""Reads of internal events: everyone sees them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from careplans.caremodels.querysets import SeenByAll
from careplans.work.enums import WorkState
from careplans.work.lists import keys_of

if TYPE_CHECKING:
    from careplans.clock.models import InternalAction, InternalWork  # noqa: F401 - named in base classes


class InternalActionQuerySet(SeenByAll["InternalAction"]):
    def lasting(self, day: dt.date) -> InternalActionQuerySet:
        """Return those that have not ended before a day; of each code the newest one."""
        return self.filter(Q(last__isnull=True) | Q(last__gte=day))


class InternalWorkQuerySet(SeenByAll["InternalWork"]):
    def listed(self) -> InternalWorkQuerySet:
        """Return the open work that waits on shared lists until somebody claims it."""
        return self.filter(state=WorkState.OPEN, person=None, activity__isnull=False).exclude(list_key="")

    def claimable_by(self, user: Any) -> InternalWorkQuerySet:
        """Return what waits on the lists of the user."""
        may_claim = user.has_perm("activities.log_activity")
        return self.listed().filter(list_key__in=keys_of(user)) if may_claim else self.none()
