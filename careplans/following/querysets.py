"""Reads of what is kept of adherence: everyone sees that of the customers that they see."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from activities.log.enums import UNFINISHED
from careplans.adherence.days import plus_days
from careplans.adherence.periods import WEEK
from careplans.following.enums import OccurrenceState
from careplans.plans.querysets import OfCustomers
from careplans.work.enums import WorkState
from careplans.work.models import CareWork
from core import clock
from core.working_days import is_working_day

M = TypeVar("M", bound=models.Model)
#: How long after it somebody is told of what was not heeded.
UNHEEDED_YEARS = relativedelta(years=3)
#: What names an occurrence, here and in the work that is generated for it.
NAMED = ("customer", "code", "kind", "start", "event")


def entry_day() -> Any:
    """Return the day of an occurrence's open entry in the calendar."""
    works = CareWork.objects.filter(
        **{name: OuterRef(name) for name in NAMED}, state=WorkState.OPEN, activity__status__in=UNFINISHED
    )  # fmt: skip
    day = TruncDate("activity__start", tzinfo=timezone.get_default_timezone())
    return Subquery(works.order_by().values_list(day)[:1])


def window_in_week(monday: dt.date) -> Q:
    """Return the condition of the windows with working time in a week: as ``capacity.parts_by_week`` has it."""
    found = Q(pk__in=[])
    for number in range(WEEK):
        day = plus_days(monday, number)
        if is_working_day(day):
            found |= Q(first__lte=day, last__gte=day)
        else:
            begins, ends = _days_off(day)
            found |= Q(due=day, first__gte=begins, last__lte=ends)
    return found


def _days_off(day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and the last of the days off that follow each other around one."""
    first = last = day
    while not is_working_day(plus_days(first, -1)):
        first = plus_days(first, -1)
    while not is_working_day(plus_days(last, 1)):
        last = plus_days(last, 1)
    return first, last


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

    def taking_time(self) -> Any:
        """Return those that take hours, with the day of what was done or of the calendar's entry (``work_day``)."""
        return self.counted().filter(hours__gt=0).annotate(work_day=Coalesce("done_on", entry_day()))

    def between(self, first: dt.date, last: dt.date) -> Any:
        """Return those that may take hours in these days."""
        by_window = Q(work_day__isnull=True, first__lte=last, last__gte=first)
        return self.taking_time().filter(Q(work_day__range=(first, last)) | by_window)

    def in_week(self, monday: dt.date) -> Any:
        """Return those that take hours in a week, which each then knows (``work_week``)."""
        on_day = Q(work_day__range=(monday, plus_days(monday, WEEK - 1)))
        found = self.taking_time().filter(on_day | Q(work_day__isnull=True) & window_in_week(monday))
        return found.annotate(work_week=Value(monday, output_field=models.DateField()))


class StatusQuerySet(OfCustomers[M]):
    def overdue(self) -> Any:
        """Return the customers with which contact is overdue."""
        return self.filter(overdue_since__isnull=False)
