"""When conditions change without a new event: *orders of 12 months* end 12 months after one.

A figure over n months stays at least at a threshold as long as the newest events that reach it together are within the
n months; so it lapses n months after the oldest of these. *At most* begins to hold on the day on which *more than*
lapses. A figure that grows reaches a threshold on a day that follows from its first day. An own value is not known
after its last day. Events are the rows that the metrics themselves count (:mod:`segmentation.criteria.foreseen`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.conditions.tree import Group, Rule, rules_of
from core.metrics import Metric, MetricSource, sources
from segmentation.criteria.conditions import METRIC
from segmentation.criteria.enums import Comparison
from segmentation.criteria.figures import figure
from segmentation.criteria.foreseen import Events, Growth, growth_of, own_id, windows_of
from segmentation.criteria.past import day_end
from segmentation.criteria.sql import thresholds

#: What comes later than so many units does not come.
LONGEST = {"day": 100_000, "month": 2_400, "year": 200, "calendar_year": 2_000}
#: A figure, the comparison and the threshold ("" for yes and no).
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Lapse:
    """The columns of the days on which a condition lapses (or ``begins`` to hold), and is not known any more."""

    code: str
    begins: bool
    column: str = ""
    expires: str = ""

    @property
    def columns(self) -> list[str]:
        """The days on which the answer may change."""
        return [name for name in (self.column, self.expires) if name]

    def answer_on(self, answer: str, day: str) -> str:
        """Return the answer of the condition on a later day if nothing happens until then."""
        if self.column and self.begins:
            answer = f"({answer} OR coalesce({self.column} <= {day}, false))"
        elif self.column:
            answer = f"({answer} AND coalesce({self.column} > {day}, true))"
        return f"(CASE WHEN {self.expires} <= {day} THEN NULL ELSE {answer} END)" if self.expires else answer


class Lapses:
    """The conditions of a version that change by themselves, with the joins that find the days of customers."""

    def __init__(self, trees: list[Group], hidden: frozenset[str]) -> None:
        self.hidden = hidden
        self.by_key: dict[Key, Lapse | None] = {}
        self.joins_by_sql: dict[str, str] = {}
        self.days: dict[str, str] = {}  # column by SQL
        self.parameters: dict[str, Any] = {}
        for tree in trees:
            for rule in rules_of(tree):
                for stays in (False, True):
                    self.of(rule, stays=stays)

    def of(self, rule: Rule, *, stays: bool) -> Lapse | None:
        """Return how a condition changes by its threshold to stay, or that to enter."""
        code, op = str(rule.values.get("metric", "")), str(rule.values.get("op") or "")
        if rule.field != METRIC or code in self.hidden or op == Comparison.TOP:
            return None
        enter, leave = thresholds(rule.values)
        threshold = leave if stays else enter
        if op in (Comparison.YES, Comparison.NO):
            threshold = None
        elif threshold is None:
            return None
        key = (code, op, "" if threshold is None else str(threshold))
        if key not in self.by_key:
            metric = figure(code)
            self.by_key[key] = self._lapse(metric, op, threshold) if metric else None
        return self.by_key[key]

    def _lapse(self, metric: Metric, op: str, threshold: Decimal | None) -> Lapse | None:
        events, growth = windows_of(metric.code), growth_of(metric)
        column, expires, begins = "", "", False
        if events:
            column, begins = self._window(events, op, threshold), op in (Comparison.AT_MOST, Comparison.NO)
        elif growth and threshold is not None:
            column, begins = self._growth(growth, op, threshold), op == Comparison.AT_LEAST
        if metric.source == "own":
            expires = self._expiry(metric)
        return Lapse(metric.code, begins, column, expires) if column or expires else None

    def _window(self, events: tuple[Events, ...], op: str, threshold: Decimal | None) -> str:
        """Return the column of the day on which a threshold is not reached any more; "" where that never comes."""
        is_at_least = op == Comparison.AT_LEAST
        limit = Decimal(0) if threshold is None else threshold
        if limit < 0 or (is_at_least and limit == 0):
            return ""
        reached = f"{'>=' if is_at_least else '>'} {self._parameter(limit)}"
        join = self._join(_newest(events, reached))
        return self._column(_reached_day(f"{join}.day", events[0].months))

    def _growth(self, growth: Growth, op: str, threshold: Decimal) -> str:
        days = [f"{self._join(_since(source, day))}.day" for source, day in growth.since]
        since = days[0] if len(days) == 1 else f"least({', '.join(days)})"
        step = growth.step(op, threshold)
        if not 0 < step <= LONGEST[growth.unit]:
            return ""
        sql = {
            "day": f"({since} + {step})",
            "month": _reached_day(since, step),
            "year": _reached_day(since, 12 * step),
            "calendar_year": f"({since} + interval '{step} years')::date",
        }
        return self._column(sql[growth.unit])

    def _expiry(self, metric: Metric) -> str:
        """Return the column of the first day on which an own value is not known any more."""
        day = f"max(v.expires_on) FILTER (WHERE v.metric_id = {own_id(metric)})"
        return self._column(f"({self._join(_since('own', day))}.day + 1)")

    def _parameter(self, value: Decimal) -> str:
        name = f"lapse_{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"

    def _join(self, rows: str) -> str:
        return self.joins_by_sql.setdefault(rows, f"l{len(self.joins_by_sql)}")

    def _column(self, sql: str) -> str:
        return self.days.setdefault(sql, f"x{len(self.days)}")

    @property
    def joins(self) -> str:
        joined = (f"LEFT JOIN ({rows}) {name} ON {name}.customer_id = c.id" for rows, name in self.joins_by_sql.items())
        return " ".join(joined)

    @property
    def columns(self) -> list[str]:
        return [f"{sql} AS {name}" for sql, name in self.days.items()]

    @property
    def some_expire(self) -> bool:
        """Whether something becomes unknown on a day, so that the known share may fall."""
        return any(lapse.expires for lapse in self.by_key.values() if lapse)

    def parameters_of(self, day: dt.date) -> dict[str, Any]:
        return {**self.parameters, "zone": str(timezone.get_default_timezone()), "day_end": day_end(day)}


def _reached_day(day: str, months: int) -> str:
    """Return the first day that is so many full months after a day: after 29 February it is 1 March."""
    after = f"({day} + interval '{months} months')::date"
    return f"({after} + CASE WHEN {after} - interval '{months} months' < {day} THEN 1 ELSE 0 END)"


def _newest(events: tuple[Events, ...], reached: str) -> str:
    """Return the day of the newest event that, with the newer ones, reaches a threshold, by customer."""
    rows = " UNION ALL ".join(map(_rows, events))
    return (
        "SELECT customer_id, max(day) AS day FROM (SELECT customer_id, day, "
        f"sum(amount) OVER (PARTITION BY customer_id ORDER BY day DESC) AS total FROM ({rows}) happened) newest "
        f"WHERE total {reached} GROUP BY customer_id"
    )


def _rows(events: Events) -> str:
    """Return the events of the months that end with the day; of the same ones (``each``) the newest."""
    source = sources()[events.source]
    within = f"{events.day} > (%(day)s::date - interval '{events.months} months')::date"
    where = f"{_within(source)} AND {within}" + (f" AND {events.where}" if events.where else "")
    if not events.each:
        return (
            f"SELECT {source.customer} AS customer_id, {events.day} AS day, {events.amount} AS amount "
            f"FROM {source.rows} WHERE {where}"
        )
    return (
        f"SELECT {source.customer} AS customer_id, max({events.day}) AS day, 1 AS amount FROM {source.rows} "
        f"WHERE {where} AND {events.each} IS NOT NULL GROUP BY {source.customer}, {events.each}"
    )


def _since(name: str, day: str) -> str:
    """Return the day from which a figure is counted, by customer."""
    source = sources()[name]
    group = "" if source.is_single else " GROUP BY 1"
    return f"SELECT {source.customer} AS customer_id, {day} AS day FROM {source.rows} WHERE {_within(source)}{group}"


def _within(source: MetricSource) -> str:
    own = f"{source.customer} BETWEEN %(first)s AND %(last)s"
    return f"{own} AND {_windowed(source)}" if source.where else own


def _windowed(source: MetricSource) -> str:
    """Return the condition of a source, with its own window as that of the events."""
    where = source.where
    for months in (12, 24, 36):
        where = where.replace(f"%(since_{months})s", f"(%(day)s::date - interval '{months} months')::date")
        start = f"((%(day)s::date - interval '{months} months')::date + 1)::timestamp AT TIME ZONE %(zone)s"
        where = where.replace(f"%(from_{months})s", f"({start})")
    return where
