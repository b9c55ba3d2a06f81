"""Reads of the calendar: events between two times, public holidays, weeks in the user's time zone.

Events other than activities, such as planned care actions, come from the ``CALENDAR_SOURCES`` that other apps declare
among their registrations.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import holidays
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from activities.log.enums import UNFINISHED, ActivityStatus
from activities.log.models import ActivityType, Participation
from activities.log.overdue import overdue_before
from activities.log.selectors import midnight
from core import clock
from core.permissions import allowed
from core.registry import declared
from customers.acting import Concern, acting_on
from customers.querysets import of_active

LIMIT = 2_000
#: Activities that began earlier than this before the window are not included.
LONGEST = dt.timedelta(days=31)
DAY = dt.timedelta(days=1)
#: The columns that are read: each entry is a plain row, as a team's month has many.
READ = (
    "activity_id", "user_id", "start_at", "activity__title", "activity__end", "activity__status", "activity__goal",
    "activity__place", "activity__version", "activity__series_id", "activity__created_by_id", "activity__type_id",
    "activity__customer__name", "activity__customer_id", "activity__is_all_day",
)  # fmt: skip
#: Rows are read up to this many times the limit: an activity has one for each of the people who take part.
PEOPLE_OF_AN_ACTIVITY = 4


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
    may_act: bool = False  # it is overdue, and the reader may act on it
    has_end: bool = True
    is_all_day: bool = False  # it has days and no times
    is_absence: bool = False  # its people are away
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
    known: dict[dt.date, str] = {}
    for year in range(first.year, last.year + 1):
        known |= _holidays_of(year, language)
    return {day: name for day, name in known.items() if first <= day <= last}


@lru_cache(maxsize=100)
def _holidays_of(year: int, language: str) -> dict[dt.date, str]:
    return dict(sorted(holidays.country_holidays("FI", years=year, language=language).items()))


def calendar_events(
    user: Any,
    people: Collection[User],
    window: Window,
    *,
    types: Collection[Any] = (),
    statuses: Collection[str] = (),
    unfinished: bool = False,
    limit: int = 0,
) -> tuple[list[CalendarEvent], bool]:
    """Return these people's events in the window, in order of time, and whether there are more than ``limit``.

    Only events that ``user`` may see, without inactive customers. ``types`` and ``statuses`` narrow the
    activities; ``unfinished`` leaves out what is done. Costs a constant number of queries: each person's
    participations are one range of an index.
    """
    limit = limit or LIMIT
    keys = {person.pk for person in people}
    # The user's own are read beside: they say what he or she may move.
    rows = participations_in({*keys, user.pk}, window).filter(_narrowed(types, statuses, unfinished=unfinished))
    activities, is_cut = _activities(rows, keys, limit)
    events = _as_events(user, activities)
    if not types and not statuses:
        for source in declared("CALENDAR_SOURCES"):
            events += source.events(user, people, window.start, window.end)
    events.sort(key=lambda event: (event.start, event.key))
    return events[:limit], is_cut or len(events) > limit


def participations_in(people: Collection[int], window: Window) -> QuerySet[Participation]:
    """Return who takes part in what between the times; also in what began earlier and lasts."""
    own = Participation.objects.filter(user__in=people, start_at__gte=window.start - LONGEST, start_at__lt=window.end)
    return own.filter(Q(start_at__gte=window.start) | Q(activity__end__gt=window.start)).filter(
        of_active("activity__customer")
    )


def _narrowed(types: Collection[Any], statuses: Collection[str], *, unfinished: bool) -> Q:
    narrowed = Q(activity__type__in=types) if types else Q()
    if statuses:
        narrowed &= Q(activity__status__in=statuses)
    return narrowed & Q(due_at__isnull=False) if unfinished else narrowed


def _activities(
    rows: QuerySet[Participation], people: Collection[int], limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Return the first ``limit`` activities of ``people`` as rows, and whether there are more.

    A row has all ``users`` that were read, and those of them that are among the ``people``.
    """
    found: dict[int, dict[str, Any]] = {}
    size = limit * PEOPLE_OF_AN_ACTIVITY + 1
    read = rows.order_by("start_at", "activity_id").values(*READ)[:size]
    for row in read:
        found.setdefault(row["activity_id"], {**row, "users": []})["users"].append(row["user_id"])
    for row in found.values():
        row["people"] = [pk for pk in row["users"] if pk in people]
    wanted = [row for row in found.values() if row["people"]]
    return wanted[:limit], len(wanted) > limit or len(read) == size


def _as_events(user: Any, rows: list[dict[str, Any]]) -> list[CalendarEvent]:
    """Return the activities as events. The right to move is decided here, as the rule would query for each."""
    may_all = allowed(user, "activities.change_any_activity")
    may_own = allowed(user, "activities.log_activity")
    shared = _Shared(ActivityType.objects.in_bulk({row["activity__type_id"] for row in rows}))

    def may_move(row: dict[str, Any]) -> bool:
        return may_all or (may_own and (row["activity__created_by_id"] == user.pk or user.pk in row["users"]))

    waiting = {
        row["activity_id"]: Concern(frozenset(row["users"]), row["activity__customer_id"])
        for row in rows
        if may_own and shared.is_overdue(row)
    }
    acting = acting_on(user, waiting)
    return [shared.event(row, may_edit=may_move(row), may_act=row["activity_id"] in acting) for row in rows]


class _Shared:
    """What all events have in common: the types and statuses in the language of the page, the addresses, the time."""

    def __init__(self, types: dict[int, ActivityType]) -> None:
        self.types = {pk: (str(kind), kind) for pk, kind in types.items()}
        self.statuses = {status.value: str(status.label) for status in ActivityStatus}
        self.page, self.card, self.move = (
            reverse(name, args=[0]).partition("0") for name in ("activities:detail", "calendar:card", "calendar:move")
        )
        self.late = overdue_before()

    def is_overdue(self, row: dict[str, Any]) -> bool:
        due = row["activity__end"] if row["activity__is_all_day"] else row["start_at"]
        return row["activity__status"] in UNFINISHED and bool(due < self.late)

    def event(self, row: dict[str, Any], *, may_edit: bool, may_act: bool) -> CalendarEvent:
        pk, start, end = str(row["activity_id"]), row["start_at"], row["activity__end"]
        name, kind = self.types[row["activity__type_id"]]
        status = row["activity__status"]
        return CalendarEvent(
            key=pk,
            title=row["activity__title"],
            start=start,
            end=end or start + dt.timedelta(minutes=max(kind.duration, 15)),
            has_end=end is not None,
            is_all_day=row["activity__is_all_day"],
            url=_with_pk(self.page, pk),
            kind=name,
            color=kind.color,
            icon=kind.icon,
            people=row["people"],
            customer=row["activity__customer__name"] or "",
            goal=row["activity__goal"],
            place=row["activity__place"],
            status=status,
            status_label=self.statuses[status],
            is_done=status == ActivityStatus.DONE,
            is_overdue=self.is_overdue(row),
            may_act=may_act,
            is_recurring=row["activity__series_id"] is not None,
            move_url=_with_pk(self.move, pk) if may_edit else "",
            card_url=_with_pk(self.card, pk),
            version=row["activity__version"],
        )


def _with_pk(address: tuple[str, str, str], pk: str) -> str:
    return address[0] + pk + address[2]


def by_days(events: Iterable[CalendarEvent], first: dt.date, count: int) -> list[Day]:
    """Return ``count`` days from ``first`` with the events that begin on them; earlier events are on the first day.

    Those of whole days come first, on each of their days.
    """
    last = first + (count - 1) * DAY
    free, today = holidays_between(first, last), clock.user_today()
    by_day: dict[dt.date, list[CalendarEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda event: not event.is_all_day):
        for day in days_of(event, first, last):
            by_day[day].append(event)
    days = [first + number * DAY for number in range(count)]
    return [Day(day, free.get(day, ""), by_day.get(day, []), day == today) for day in days]


def days_of(event: CalendarEvent, first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days of a period on which an event is shown."""
    begins = max(timezone.localtime(event.start).date(), first)
    if not event.is_all_day:
        return [begins]
    ends = min(timezone.localtime(event.end).date(), last)
    return [begins + number * DAY for number in range((ends - begins).days + 1)]


def people_offered() -> QuerySet[User]:
    return User.objects.active().order_by("sort_key")


def stale_before() -> dt.datetime:
    """Return the time two weeks ago: unfinished activities due before it are overdue over two weeks."""
    return clock.now() - dt.timedelta(days=14)
