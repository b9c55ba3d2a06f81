"""The weekly summary: on Monday each person is notified once of what care plans ask for this week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import User
from accounts.notifications import notify
from activities.log.services.whole_days import days_between
from careplans.adherence.capacity import monday_of
from careplans.adherence.days import plus_days
from careplans.work.enums import WorkState
from careplans.work.models import CareWork, WeekTold
from core import clock


@transaction.atomic
def week_tell(today: dt.date | None = None) -> int:
    """Notify all with work from care plans of the week of ``today`` who have not been notified yet; return how many."""
    monday = monday_of(today or clock.today())
    figures = {row.pop("person"): row for row in _figures(monday)}
    told = set(WeekTold.objects.filter(monday=monday).values_list("person", flat=True))
    people = list(User.objects.active().filter(pk__in=figures.keys() - told).order_by("pk").select_for_update())
    WeekTold.objects.bulk_create(WeekTold(person=person, monday=monday) for person in people)
    WeekTold.objects.filter(monday__lt=plus_days(monday, -60)).delete()
    for person in people:
        notify(users=[person], kind="care_week", url=reverse("activities:mine"), **figures[person.pk])
    return len(people)


def _figures(monday: dt.date) -> Any:
    """Return for each person with anything to do the work of the week, what is late and what has no set day yet."""
    start, end = days_between(monday, plus_days(monday, 6))
    in_week = Q(activity__start__gte=start, activity__start__lte=end)
    late = Q(activity__start__lt=start)
    rows = CareWork.objects.filter(in_week | late, state=WorkState.OPEN, customer__state="active", person__isnull=False)
    return rows.values("person").annotate(
        week=Count("pk", filter=in_week), late=Count("pk", filter=late),
        unset=Count("pk", filter=Q(is_scheduled=False) & in_week),
    ).order_by()  # fmt: skip
