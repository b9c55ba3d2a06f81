"""Absences of the demo: who is away now, holidays and trainings to come, with substitutes."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from careplans.work.models import Absence, AbsenceKind
from core import clock

#: From the Monday of this week: first day, number of days, type.
DAYS = ((0, 5, "holiday"), (9, 2, "training"), (21, 12, "holiday"), (-30, 3, "sick_leave"), (35, 5, "time_off"))
MOST_PEOPLE = 15


def absences_load() -> None:
    """Let a third of the demo people be away on some days; a colleague replaces each."""
    people = list(User.objects.filter(is_demo=True, is_active=True).order_by("pk"))
    kinds = {kind.code: kind for kind in AbsenceKind.objects.all()}
    today = clock.today()
    monday = today - dt.timedelta(days=today.weekday())
    rows = []
    for number, person in enumerate(people[: MOST_PEOPLE * 3 : 3]):
        start, length, code = DAYS[number % len(DAYS)]
        first = monday + dt.timedelta(days=start)
        substitute = people[(number * 3 + 1) % len(people)]
        if code not in kinds or substitute == person:
            continue
        last = first + dt.timedelta(days=length - 1)
        rows.append(Absence(person=person, first=first, last=last, kind=kinds[code], substitute=substitute))
    Absence.objects.bulk_create(rows)
