"""Reads of what is kept of adherence: everyone sees that of the customers that they see."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from dateutil.relativedelta import relativedelta
from django.db import models

from careplans.following.enums import OccurrenceState
from careplans.plans.querysets import OfCustomers
from core import clock

M = TypeVar("M", bound=models.Model)
#: How long after it somebody is told of what was not heeded.
UNHEEDED_YEARS = relativedelta(years=3)


class OccurrenceQuerySet(OfCustomers[M]):
    def counted(self) -> Any:
        """Return those that are in figures."""
        return self.exclude(state=OccurrenceState.SKIPPED)

    def to_do(self) -> Any:
        """Return the coming ones that are not done."""
        return self.filter(state=OccurrenceState.COMING, done_on__isnull=True)

    def open_by(self, day: dt.date) -> Any:
        """Return those to do of which the window opens by a day."""
        return self.to_do().filter(first__lte=day)

    def unheeded(self) -> Any:
        """Return those of the last years that were missed again after others of their action, the newest of each."""
        return self.filter(is_unheeded=True, last__gte=clock.today() - UNHEEDED_YEARS)


class StatusQuerySet(OfCustomers[M]):
    def overdue(self) -> Any:
        """Return the customers with which contact is overdue."""
        return self.filter(overdue_since__isnull=False)
