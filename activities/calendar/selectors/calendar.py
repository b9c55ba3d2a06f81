"""Reads of the calendar: events between two times, public holidays, weeks in the user's time zone.

Events other than activities, such as planned care actions, come from the ``CALENDAR_SOURCES`` that other apps declare
among their registrations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import holidays
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.selectors import midnight
from core import clock
from core.permissions import allowed
from core.registry import declared
from customers.querysets import of_active

LIMIT = 2_000
#: Activities that began earlier than this before the window are not included.
LONGEST = dt.timedelta(days=31)
DAY = dt.timedelta(days=1)
#: The columns that are read. Memos and search vectors are long, and a team's month has many activities.
DRAWN = (
    "title", "start", "end", "status", "goal", "place", "version", "series", "created_by", "type__name_fi",
    "type__name_en", "type__icon", "type__color", "type__duration", "customer__name", "customer__state",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CalendarEvent:
    """One event in the calendar. ``people`` are the ids of the requested people that it belongs to."""

    key: str
    title: str
    start: dt.datetime
    end: dt.datetime
    url: str
    kind: str
    color: str
    icon: str = "point"
    people: list[int] = field(default_factory=list)
    customer: str = ""
    goal: str = ""
    place: str = ""
    status: str = ""
    status_label: str = ""
    is_done: bool = False
    is_overdue: bool = False
    has_end: bool = True
    is_recurring: bool = False
    move_url: str = ""  # empty: it cannot be dragged
    card_url: str = ""
    version: int = 0


@dataclass(frozen=True)
class CalendarSource:
    """Events of another app: those of the people between two times that the user may see, in a few queries."""

    name: str
    label: Any
    events: Callable[[Any, Collection[Any], dt.datetime, dt.datetime], list[CalendarEvent]]


@dataclass(frozen=True)
class Window:
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class Day:
    date: dt.date
    holiday: str
    events: list[CalendarEvent]
    is_today: bool


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def week_window(day: dt.date) -> Window:
    """Return the week of ``day`` from Monday to Monday: 167 or 169 hours long where summer time begins or ends."""
    first = monday(day)
    return Window(midnight(first), midnight(first + 7 * DAY))


def holidays_between(first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """Return Finnish public holidays from ``first`` to ``last`` with their names in the language of the page."""
    language = "en_US" if get_language() == "en" else "fi"
    known = holidays.country_holidays("FI", years=range(first.year, last.year + 1), language=language)
    return {day: name for day, name in sorted(known.items()) if first <= day <= last}


def calendar_events(
    user: Any,
    people: Collection[User],
    window: Window,
    *,
    types: Collection[Any] = (),
    statuses: Collection[str] = (),
) -> tuple[list[CalendarEvent], bool]:
    """Return these people's events in the window, in order of time, and whether there are more than ``LIMIT``.

    Only events that ``user`` may see, without inactive customers. ``types`` and ``statuses`` narrow the
    activities. Costs a constant number of queries: each person's participations are one range of an index.
    """
    activities = _activities(user, people, window, types, statuses)
    events = _as_events(user, activities[:LIMIT], {person.pk for person in people})
    if not types and not statuses:
        for source in declared("CALENDAR_SOURCES"):
            events += source.events(user, people, window.start, window.end)
    events.sort(key=lambda event: (event.start, event.key))
    return events[:LIMIT], len(activities) > LIMIT or len(events) > LIMIT


def _activities(
    user: Any, people: Collection[User], window: Window, types: Collection[Any], statuses: Collection[str]
) -> list[Activity]:
    own = Participation.objects.filter(
        user__in=[person.pk for person in people], start_at__gte=window.start - LONGEST, start_at__lt=window.end
    )
    activities: QuerySet[Activity] = (
        Activity.objects.visible_to(user)
        .filter(of_active())
        .filter(pk__in=own.values("activity"))
        .filter(Q(start__gte=window.start) | Q(end__gt=window.start))
        .select_related("type", "customer")
        .prefetch_related(Prefetch("participations", Participation.objects.only("activity_id", "user_id")))
        .only(*DRAWN)
        .order_by("start", "pk")
    )
    if types:
        activities = activities.filter(type__in=types)
    if statuses:
        activities = activities.filter(status__in=statuses)
    return list(activities[: LIMIT + 1])


def _as_events(user: Any, activities: Iterable[Activity], people: set[int]) -> list[CalendarEvent]:
    """Return the activities as events. The right to move is decided here, as the rule would query for each."""
    may_all = allowed(user, "activities.change_any_activity")
    may_own = allowed(user, "activities.log_activity")
    events = []
    for activity in activities:
        taking_part = [participation.user_id for participation in activity.participations.all()]
        is_own = user.pk in taking_part or activity.created_by_id == user.pk
        events.append(_event(activity, taking_part, people, may_edit=may_all or (may_own and is_own)))
    return events


def _event(activity: Activity, taking_part: list[int], people: set[int], *, may_edit: bool) -> CalendarEvent:
    kind = activity.type
    return CalendarEvent(
        key=str(activity.pk),
        title=activity.title,
        start=activity.start,
        end=activity.end or activity.start + dt.timedelta(minutes=max(kind.duration, 15)),
        has_end=activity.end is not None,
        url=activity.get_absolute_url(),
        kind=str(kind),
        color=kind.color,
        icon=kind.icon,
        people=[pk for pk in taking_part if pk in people],
        customer=str(activity.customer or ""),
        goal=activity.goal,
        place=activity.place,
        status=activity.status,
        status_label=activity.get_status_display(),
        is_done=activity.status == ActivityStatus.DONE,
        is_overdue=activity.is_overdue,
        is_recurring=activity.series_id is not None,
        move_url=reverse("calendar:move", args=[activity.pk]) if may_edit else "",
        card_url=reverse("calendar:card", args=[activity.pk]),
        version=activity.version,
    )


def by_days(events: Iterable[CalendarEvent], first: dt.date, count: int) -> list[Day]:
    """Return ``count`` days from ``first`` with the events that begin on them; earlier events are on the first day."""
    last = first + (count - 1) * DAY
    free, today = holidays_between(first, last), clock.user_today()

    def shown_on(event: CalendarEvent) -> dt.date:
        return max(timezone.localtime(event.start).date(), first)

    by_day = {day: list(group) for day, group in groupby(sorted(events, key=shown_on), shown_on)}
    days = [first + number * DAY for number in range(count)]
    return [Day(day, free.get(day, ""), by_day.get(day, []), day == today) for day in days]


def people_offered() -> QuerySet[User]:
    return User.objects.active().order_by("sort_key")


def stale_before() -> dt.datetime:
    """Return the time two weeks ago: unfinished activities due before it are overdue over two weeks."""
    return clock.now() - dt.timedelta(days=14)
