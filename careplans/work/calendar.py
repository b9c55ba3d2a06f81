"""Absences in the calendar: whole days of the people who are away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.calendar.selectors.calendar import CalendarEvent
from activities.log.enums import TypeColor
from activities.log.selectors import midnight
from careplans.adherence.days import plus_days
from careplans.work.models import Absence

MINUTE = dt.timedelta(minutes=1)


def absence_events(user: Any, people: Collection[Any], start: dt.datetime, end: dt.datetime) -> list[CalendarEvent]:
    """Return when the people are away between two times, in one query."""
    first, last = (timezone.localtime(time).date() for time in (start, end - MINUTE))
    rows = Absence.objects.between(first, last).filter(person__in=[one.pk for one in people])
    found = rows.told(user).select_related("person", "substitute", "kind").order_by("first", "pk")
    return [_event(absence) for absence in found]


def _event(absence: Any) -> CalendarEvent:
    away = str(absence.kind) if absence.is_told else _("Away")
    title = _("%(away)s, substitute: %(substitute)s") % {"away": away, "substitute": absence.substitute}
    return CalendarEvent(
        key=f"absence-{absence.pk}",
        title=title if absence.substitute else away,
        start=midnight(absence.first),
        end=midnight(plus_days(absence.last, 1)) - MINUTE,
        url=reverse("carework:absences"),
        kind=_("Absence"),
        color=TypeColor.YELLOW,
        icon="calendar-off",
        people=[absence.person_id],
        customer=str(absence.person),
        is_all_day=True,
        is_absence=True,
    )
