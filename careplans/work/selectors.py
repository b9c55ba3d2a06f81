"""Reads of absences, such as who is away when and who replaces them, and of generated work."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from activities.calendar.models import WorkTarget
from careplans.adherence.days import plus_days
from careplans.adherence.occurrences import Key
from careplans.caremodels.workload import WEEKLY_HOURS, WORKING_DAYS
from careplans.work.enums import WorkState
from careplans.work.models import Absence, CareWork
from core import clock


def people_entered_by(user: Any) -> QuerySet[User]:
    """Return the active people that the user may enter as absent: oneself, those that he or she leads, or all."""
    people: QuerySet[User] = User.objects.active().order_by("sort_key")
    if user.has_perm("carework.manage_absences"):
        return people
    led = User.objects.filter(Q(manager=user.pk) | Q(teams__leader=user.pk)).values("pk")
    return people.filter(Q(pk=user.pk) | Q(pk__in=led))


def absent_days(people: Collection[int], first: dt.date, last: dt.date) -> dict[int, set[dt.date]]:
    """Return the days on which people are away, in one query."""
    found: dict[int, set[dt.date]] = defaultdict(set)
    rows = Absence.objects.between(first, last).filter(person__in=people).values_list("person", "first", "last")
    for person, begins, ends in rows.order_by():
        found[person].update(_days(max(begins, first), min(ends, last)))
    return found


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for number in range((last - first).days + 1):
        yield plus_days(first, number)


def absent_hours(people: Collection[int], first: dt.date, last: dt.date) -> dict[int, dict[dt.date, Decimal]]:
    """Return the hours of these days: whole working days, in two queries (``ABSENCES`` of care models)."""
    targets = dict(WorkTarget.objects.filter(pk__in=people).values_list("pk", "hours"))
    return {
        person: dict.fromkeys(days, Decimal(targets.get(person, WEEKLY_HOURS)) / WORKING_DAYS)
        for person, days in absent_days(people, first, last).items()
    }


def stood_in_for(user: Any) -> QuerySet[Any, Any]:
    """Return the ids of the people that the user replaces today (``STAND_INS`` of people)."""
    today = clock.today()
    return Absence.objects.between(today, today).filter(substitute=user.pk).order_by().values("person")


def work_activities() -> QuerySet[Any, Any]:
    """Return the ids of the generated activities (``PLANNED_WORK`` of activities)."""
    return CareWork.objects.filter(activity__isnull=False).order_by().values("activity")


def scheduled_keys(customers: Collection[int]) -> Iterator[tuple[int, Key]]:
    """Yield the occurrences of customers with work that a person has set or confirmed (``CARE_SCHEDULED``)."""
    rows = CareWork.objects.filter(customer__any_of=list(customers), state=WorkState.OPEN, is_scheduled=True)
    return ((row.customer_id, row.key) for row in rows)
