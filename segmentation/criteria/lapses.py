"""When a condition that is bound to time lapses without a new event: *orders of 12 months* end 12 months after one.

A figure over n months stays at least at a threshold as long as the newest events that reach it together are within the
n months; so it lapses n months after the oldest of these. Events are the rows that the metrics themselves count.
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


@dataclass(frozen=True)
class Lapse:
    """The column of the day on which a condition lapses, and the join that it comes from."""

    column: str
    code: str
    sql: str
    join: str


class Lapses:
    """The conditions of a version that lapse, with the joins that find the days of a range of customers."""

    def __init__(self, trees: list[Group], hidden: frozenset[str]) -> None:
        self.hidden = hidden
        self.by_key: dict[tuple[str, Decimal], Lapse] = {}
        self.parameters: dict[str, Any] = {}
        for tree in trees:
            for rule in rules_of(tree):
                self._add(rule)

    def _add(self, rule: Rule) -> None:
        key = self._key(rule)
        if key is None or key in self.by_key:
            return
        number = len(self.by_key)
        self.parameters[f"lapse_{number}"] = key[1]
        events = EVENTS[key[0]]
        join = f"LEFT JOIN ({_rows(events, f'%(lapse_{number})s')}) l{number} ON l{number}.customer_id = c.id"
        sql = f"(l{number}.day + interval '{events.months} months')::date"
        self.by_key[key] = Lapse(f"x{number}", key[0], sql, join)

    def _key(self, rule: Rule) -> tuple[str, Decimal] | None:
        """Return the figure and the threshold to stay of a condition that lapses."""
        code, leave = str(rule.values.get("metric", "")), thresholds(rule.values)[1]
        lapses = rule.field == METRIC and rule.values.get("op") == Comparison.AT_LEAST and code in EVENTS
        return (code, leave) if lapses and leave is not None and leave > 0 and code not in self.hidden else None

    def of(self, rule: Rule) -> Lapse | None:
        key = self._key(rule)
        return self.by_key.get(key) if key else None

    @property
    def joins(self) -> str:
        return " ".join(lapse.join for lapse in self.by_key.values())

    @property
    def columns(self) -> list[str]:
        return [f"{lapse.sql} AS {lapse.column}" for lapse in self.by_key.values()]

    def parameters_of(self, day: dt.date) -> dict[str, Any]:
        return {**self.parameters, "zone": str(timezone.get_default_timezone()), "day_end": day_end(day)}


def _rows(events: Events, threshold: str) -> str:
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
        f"FROM {source.rows} WHERE {' AND '.join(conditions)}) newest WHERE total >= {threshold} GROUP BY customer_id"
    )
