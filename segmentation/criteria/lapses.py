"""When a condition that is bound to time lapses without a new event: *orders of 12 months* end 12 months after one.

A figure over n months stays at least at a threshold as long as the newest events that reach it together are within the
n months; so it lapses n months after the oldest of these. *At most* begins to hold on the day on which *more than*
lapses. Events are the rows that the metrics themselves count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.conditions.tree import Group, Rule, rules_of
from core.metrics import sources
from segmentation.criteria.conditions import METRIC
from segmentation.criteria.enums import Comparison
from segmentation.criteria.past import day_end
from segmentation.criteria.sql import thresholds

_MOMENT = "(a.start AT TIME ZONE %(zone)s)::date"


@dataclass(frozen=True)
class Events:
    """The rows of a metric's source that a figure of so many months counts or sums."""

    source: str
    months: int
    day: str
    amount: str = "1"
    where: str = ""


_ORDERS = {"source": "orders", "day": "o.date"}
_OFFERS = {"source": "offers", "day": "o.date"}
_CONTACTS = {"source": "activities", "day": _MOMENT}
EVENTS: Mapping[str, Events] = {
    "ordered_12": Events(months=12, amount="o.net", **_ORDERS),
    "ordered_36": Events(months=36, amount="o.net", **_ORDERS),
    "orders_12": Events(months=12, **_ORDERS),
    "orders_24": Events(months=24, **_ORDERS),
    "orders_36": Events(months=36, **_ORDERS),
    "offers_12": Events(months=12, **_OFFERS),
    "offers_24": Events(months=24, **_OFFERS),
    "offers_36": Events(months=36, **_OFFERS),
    "contacts_12": Events(months=12, where="t.is_contact", **_CONTACTS),
    "contacts_24": Events(months=24, where="t.is_contact", **_CONTACTS),
    "meetings_12": Events(months=12, where="t.is_contact AND a.channel IN ('meeting', 'video')", **_CONTACTS),
    "mutual_leads_12": Events(source="leads", months=12, day=_MOMENT, where="l.state IN ('customer', 'offer')"),
}


#: A figure, the threshold, and whether the condition begins to hold (at most) instead of lapsing.
Key = tuple[str, Decimal, bool]


@dataclass(frozen=True)
class Lapse:
    """The column of the day on which a condition lapses (or ``begins`` to hold), and the join that it comes from."""

    column: str
    code: str
    sql: str
    join: str
    begins: bool

    def answer_on(self, answer: str, day: str) -> str:
        """Return the answer of the condition on a later day if nothing happens until then."""
        if self.begins:
            return f"({answer} OR coalesce({self.column} <= {day}, false))"
        return f"({answer} AND coalesce({self.column} > {day}, true))"


class Lapses:
    """The conditions of a version that lapse, with the joins that find the days of a range of customers."""

    def __init__(self, trees: list[Group], hidden: frozenset[str]) -> None:
        self.hidden = hidden
        self.by_key: dict[Key, Lapse] = {}
        self.parameters: dict[str, Any] = {}
        for tree in trees:
            for rule in rules_of(tree):
                for threshold in dict.fromkeys(thresholds(rule.values)):
                    self._add(self._key(rule, threshold))

    def _add(self, key: Key | None) -> None:
        if key is None or key in self.by_key:
            return
        code, threshold, begins = key
        number, events = len(self.by_key), EVENTS[code]
        self.parameters[f"lapse_{number}"] = threshold
        reached = f"{'>' if begins else '>='} %(lapse_{number})s"
        join = f"LEFT JOIN ({_rows(events, reached)}) l{number} ON l{number}.customer_id = c.id"
        day = _lapse_day(f"l{number}.day", events.months)
        self.by_key[key] = Lapse(f"x{number}", code, day, join, begins)

    def _key(self, rule: Rule, threshold: Decimal | None) -> Key | None:
        """Return the figure and the threshold of a condition bound to time, and whether it begins to hold."""
        code, op = str(rule.values.get("metric", "")), rule.values.get("op")
        if rule.field != METRIC or code not in EVENTS or code in self.hidden or threshold is None:
            return None
        if op == Comparison.AT_MOST and threshold >= 0:
            return code, threshold, True
        return (code, threshold, False) if op == Comparison.AT_LEAST and threshold > 0 else None

    def of(self, rule: Rule, *, stays: bool) -> Lapse | None:
        """Return the lapse of a condition by its threshold to stay, or that to enter."""
        enter, leave = thresholds(rule.values)
        key = self._key(rule, leave if stays else enter)
        return self.by_key.get(key) if key else None

    @property
    def joins(self) -> str:
        return " ".join(lapse.join for lapse in self.by_key.values())

    @property
    def columns(self) -> list[str]:
        return [f"{lapse.sql} AS {lapse.column}" for lapse in self.by_key.values()]

    def parameters_of(self, day: dt.date) -> dict[str, Any]:
        return {**self.parameters, "zone": str(timezone.get_default_timezone()), "day_end": day_end(day)}


def _lapse_day(day: str, months: int) -> str:
    """Return the first day of which the months before do not have an event's day: for 29 February it is 1 March."""
    after = f"({day} + interval '{months} months')::date"
    return f"({after} + CASE WHEN {after} - interval '{months} months' < {day} THEN 1 ELSE 0 END)"


def _rows(events: Events, reached: str) -> str:
    """Return the day of the newest event that, with the newer ones, reaches a threshold, by customer."""
    source = sources()[events.source]
    conditions = [part for part in (source.where, events.where) if part]
    conditions += [
        f"{source.customer} BETWEEN %(first)s AND %(last)s",
        f"{events.day} > (%(day)s::date - interval '{events.months} months')::date",
    ]
    return (
        f"SELECT customer_id, max(day) AS day FROM (SELECT {source.customer} AS customer_id, {events.day} AS day, "
        f"sum({events.amount}) OVER (PARTITION BY {source.customer} ORDER BY {events.day} DESC) AS total "
        f"FROM {source.rows} WHERE {' AND '.join(conditions)}) newest WHERE total {reached} GROUP BY customer_id"
    )
