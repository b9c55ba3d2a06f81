"""Moments: what was done in a moment, such as logged e-mails. A day shows them as one line of each type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from activities.calendar.selectors.calendar import CalendarEvent, Day

#: What is done and has no length, or at most this one, is a moment.
LONGEST_MOMENT = dt.timedelta(minutes=15)
#: Fewer moments of a type than this are shown one by one.
FEWEST = 2


@dataclass(frozen=True)
class Moments:
    """The moments of one type on one day."""

    kind: str
    icon: str
    color: str
    events: list[CalendarEvent]

    @property
    def words(self) -> str:
        """Return what they are in words: “5 e-mails”, and of other types “5 × Call”."""
        count = len(self.events)
        if self.icon == "mail":
            return ngettext("%(count)d e-mail", "%(count)d e-mails", count) % {"count": count}
        return f"{count} × {self.kind}"


@dataclass(frozen=True)
class DayOfMoments:
    """A day with its entries one by one, the open ones first, except the moments, which are together.

    ``more`` is the number of entries that are left out.
    """

    date: dt.date
    holiday: str
    is_today: bool
    events: list[CalendarEvent]
    moments: list[Moments]
    more: int = 0


def is_moment(event: CalendarEvent) -> bool:
    return event.is_done and (not event.has_end or event.end - event.start <= LONGEST_MOMENT)


def collapsed(days: Iterable[Day], *, at_most: int = 0) -> list[DayOfMoments]:
    """Return the days with their moments collapsed, and with ``at_most`` other entries each (0: all of them)."""
    return [_collapsed(day, at_most or len(day.events)) for day in days]


def _collapsed(day: Day, at_most: int) -> DayOfMoments:
    by_kind: dict[Any, list[CalendarEvent]] = {}
    for event in day.events:
        if is_moment(event):
            by_kind.setdefault((event.kind, event.icon, event.color), []).append(event)
    groups = {key: events for key, events in by_kind.items() if len(events) >= FEWEST}
    together = {event.key for events in groups.values() for event in events}
    shown = [event for event in day.events if event.key not in together]
    if len(shown) > at_most:
        shown.sort(key=lambda event: event.is_done)
    return DayOfMoments(
        date=day.date,
        holiday=day.holiday,
        is_today=day.is_today,
        events=sorted(shown[:at_most], key=lambda event: event.start),
        moments=[Moments(kind, icon, color, events) for (kind, icon, color), events in groups.items()],
        more=max(len(shown) - at_most, 0),
    )
