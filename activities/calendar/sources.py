"""Registry of calendar events other than activities, such as planned care actions and campaign events.

An app declares its sources among its registrations::

    CALENDAR_SOURCES = (CalendarSource("care", _("Care actions"), care_events),)

``events(user, people, start, end)`` returns the people's events between the two times that ``user`` may see, in a
constant number of queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.registry import declared


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
    name: str
    label: Any
    events: Callable[[Any, Collection[Any], dt.datetime, dt.datetime], list[CalendarEvent]]


def registered() -> Iterator[CalendarSource]:
    """Return the sources of all apps."""
    return declared("CALENDAR_SOURCES")
