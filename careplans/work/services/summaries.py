"""The weekly summary: on Monday each person is notified once of what care plans ask for this week, and of alerts."""

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
from careplans.work.weekly import parts_by_person, week_parts
from core import clock


@transaction.atomic
def week_tell(today: dt.date | None = None) -> int:
    """Notify all with work or alerts from care plans of the week of ``today`` who have not been notified yet.

    Return how many. Two runs at once wait for each other, and the second finds who has got it.
    """
    monday = monday_of(today or clock.today())
    figures, parts = {row.pop("person"): row for row in _figures(monday)}, parts_by_person(monday)
    concerned = User.objects.active().filter(pk__in=figures.keys() | parts.keys())
    people = list(concerned.order_by("pk").select_for_update(no_key=True))
    told = set(WeekTold.objects.filter(monday=monday).values_list("person", flat=True))  # read under the locks
    left = [person for person in people if person.pk not in told]
    WeekTold.objects.bulk_create(WeekTold(person=person, monday=monday) for person in left)
    WeekTold.objects.filter(monday__lt=plus_days(monday, -60)).delete()
    for person in left:
        _tell(person, figures.get(person.pk), parts.get(person.pk, []))
    return len(left)


def _tell(person: User, work: dict[str, int] | None, parts: list[dict[str, Any]]) -> None:
    """Notify a person of the work of the week, if there is any, and of what asks for attention."""
    first = parts[0] if parts else {}
    url = reverse("activities:mine") if work else week_parts()[first["part"]].url(first.get("person"))
    notify(users=[person], kind="care_week", url=url, parts=parts, **(work or {}))


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
