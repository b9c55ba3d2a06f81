"""What other apps declare for care models: who was served when, which events happened, what follows a new version.

An app declares in its ``registrations``::

    FULFILLERS = (Fulfiller("order", _("orders"), served=orders_served),)
    CARE_EVENTS = (EventSource("order_delivered", events=deliveries_of),)
    CARE_MODEL_FOLLOWERS = (plans_recompute,)  # (model_ids; None: all) after a version has begun, a model was retired
    CARE_CODES = (is_own_code,)  # (code) -> whether it is that of an action outside models
    ABSENCES = (absent_hours,)  # (user_ids, first, last) -> {user: {day: hours}}

A kind or event that nobody declares is *not tracked yet*: it is outside due, adherence and capacity.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from core.registry import declared


@dataclass(frozen=True, slots=True)
class Served:
    """Something done for a customer on a day, with what the filters of actions ask of it.

    ``id`` is unique within its kind. ``direction`` is empty where nothing says who was in touch. ``contact_roles`` are
    the classes of the contacts who took part, their ancestors included.
    """

    customer: int
    day: dt.date
    id: int
    type: int | None = None
    is_contact: bool = True
    minutes: int = 0
    direction: str = ""
    contact_roles: frozenset[int] = frozenset()
    with_decision_maker: bool = False


#: (ids of customers, first day, last day) → what was done, in a constant number of queries.
ServedBetween = Callable[[Collection[int], dt.date, dt.date], Iterable[Served]]
#: A customer and the day on which an event happened to it.
Happened = tuple[int, dt.date]
#: (ids of customers, first day, last day, what else names the event: the days of "no contact for n days") → events.
EventsBetween = Callable[[Collection[int], dt.date, dt.date, str], Iterable[Happened]]


@dataclass(frozen=True, kw_only=True)
class Fulfiller:
    """Says who was served when by one kind of what completes actions (:class:`~.enums.FulfilKind`)."""

    kind: str
    label: Any
    served: ServedBetween


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """Says when an event (:class:`~.enums.EventKind`) happened to customers."""

    kind: str
    events: EventsBetween


@cache
def fulfillers() -> Mapping[str, Fulfiller]:
    """Return the declared fulfillers by their kind."""
    return {one.kind: one for one in declared("FULFILLERS")}


@cache
def event_sources() -> Mapping[str, EventSource]:
    """Return the declared sources of events by their kind."""
    return {one.kind: one for one in declared("CARE_EVENTS")}


def follow(model_ids: Collection[int] | None) -> None:
    """Let the other apps know, in the same transaction, that these models apply in another way from now on.

    None: all plans, with those that have no model.
    """
    for follower in declared("CARE_MODEL_FOLLOWERS"):
        follower(model_ids)


def is_taken(code: str) -> bool:
    """Return whether an action of another app has the code."""
    return any(has(code) for has in declared("CARE_CODES"))


def absences(users: Collection[int], first: dt.date, last: dt.date) -> Mapping[int, Mapping[dt.date, Decimal]]:
    """Return the hours that people are away on days, from all apps that know of any."""
    found: dict[int, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for read in declared("ABSENCES"):
        for user, days in read(users, first, last).items():
            for day, hours in days.items():
                found[user][day] += hours
    return found
