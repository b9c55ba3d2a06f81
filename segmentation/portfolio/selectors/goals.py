"""Goals of a segment and what has come true, by year, for the customers that are in the segment now.

The number of customers is that of the year's last day. Orders, profitability and answers are those of the present
members, so that each figure leads to the rows that a list of today shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core import clock, registry
from offers.sales.reports.links import NOT_CANCELLED
from segmentation.portfolio.selectors.flow import sizes_over_time
from segmentation.schemes.enums import GoalKind
from segmentation.schemes.models import Segment, SegmentGoal

YEARS = 3
#: What a year's value is: the number, or None where there is none, and the list of what it counts.
Found = tuple[Decimal | None, str]
_MEMBERS = "JOIN membership_membership m ON m.segment_id = %(segment)s AND upper_inf(m.period) AND m.customer_id = "
#: The orders of each year until the day of the year of its last figure, and of the same days of the year before.
_ORDERED = f"""
    SELECT y.year, sum(o.net) FILTER (WHERE o.date >= make_date(y.year, 1, 1)),
        sum(o.net) FILTER (WHERE o.date < make_date(y.year, 1, 1) AND o.date <= y.day - interval '1 year')
    FROM orders_order o {_MEMBERS} o.customer_id
    JOIN unnest(%(years)s::int[], %(days)s::date[]) AS y (year, day)
        ON o.date BETWEEN make_date(y.year - 1, 1, 1) AND y.day
    WHERE o.status <> 'cancelled' GROUP BY 1
"""  # noqa: S608 - made of parts in this package; values are parameters
_ANSWERS = f"""
    SELECT extract(year FROM q.answered_at AT TIME ZONE %(zone)s)::int,
        (count(*) FILTER (WHERE q.score >= 9) - count(*) FILTER (WHERE q.score <= 6)) * 100.0 / count(*)
    FROM feedback_npsquestion q {_MEMBERS} q.customer_id
    WHERE q.score IS NOT NULL AND q.answered_at >= %(first)s GROUP BY 1
"""  # noqa: S608 - made of parts in this package; values are parameters
_PROFIT = f"""
    SELECT sum((k.values ->> 'profit_12')::numeric) FROM metrics_customermetrics k {_MEMBERS} k.customer_id
"""  # noqa: S608 - made of parts in this package; values are parameters


@dataclass(frozen=True)
class SegmentActuals:
    """The actual values of a kind of goals that an app above knows; it declares them as ``SEGMENT_ACTUALS``.

    ``of`` takes the segment, the years and the reader, and returns what is known by year.
    """

    kind: GoalKind
    of: Callable[[Segment, Sequence[int], Any], dict[int, Found]]


@dataclass(frozen=True)
class Actual:
    """A goal's kind in a year: the target and what has come true, each unknown where there is none."""

    year: int
    kind: GoalKind
    target: Decimal | None
    value: Decimal | None
    url: str = ""
    note: str = ""

    @property
    def percent(self) -> int | None:
        """The actual value in per cent of the target."""
        if self.target is None or self.value is None or not self.target:
            return None
        return round(100 * self.value / self.target)

    @property
    def is_reached(self) -> bool:
        return self.target is not None and self.value is not None and self.value >= self.target


def actuals_of(segment: Segment, reader: Any, *, with_value: bool) -> list[Actual]:
    """Return goals and actual values of the last years, the newest first; ``with_value``: profitability too."""
    years = list(range(clock.today().year, clock.today().year - YEARS, -1))
    goals = {(goal.year, goal.kind): goal for goal in SegmentGoal.objects.filter(segment=segment, year__in=years)}
    values = _values(segment, years, with_value=with_value)
    others = {one.kind: one.of(segment, years, reader) for one in registry.declared("SEGMENT_ACTUALS")}
    kinds = [kind for kind in GoalKind if with_value or kind != GoalKind.PROFITABILITY]
    found = []
    for year in years:
        for kind in kinds:
            goal, value = goals.get((year, kind)), values.get((year, kind))
            url = _url(segment, year, kind) if value is not None else ""
            if kind in others:
                value, url = others[kind].get(year, (None, ""))
            if goal is None and value is None:
                continue
            found.append(Actual(year, kind, goal.target if goal else None, value, url, goal.note if goal else ""))
    return found


def _values(segment: Segment, years: list[int], *, with_value: bool) -> dict[tuple[int, GoalKind], Decimal | None]:
    days = [min(dt.date(year, 12, 31), clock.today()) for year in years]
    sizes = zip(years, sizes_over_time(segment, days), strict=True)
    values: dict[tuple[int, GoalKind], Any] = {(year, GoalKind.MEMBERS): Decimal(size) for year, size in sizes}
    for year, now, before in _rows(_ORDERED, segment, years=years, days=days):
        values[year, GoalKind.GROWTH] = round(((now or 0) - before) * 100 / before, 1) if before else None
    zone = {"zone": timezone.get_default_timezone_name(), "first": dt.date(min(years), 1, 1)}
    for year, nps in _rows(_ANSWERS, segment, **zone):
        values[year, GoalKind.SATISFACTION] = nps.quantize(Decimal(1), ROUND_HALF_UP)
    if with_value:
        values[years[0], GoalKind.PROFITABILITY] = _rows(_PROFIT, segment)[0][0]
    return values


def _rows(sql: str, segment: Segment, **parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"segment": segment.pk, **parameters})
        return list(cursor.fetchall())


def _url(segment: Segment, year: int, kind: GoalKind) -> str:
    last = min(dt.date(year, 12, 31), clock.today()).isoformat()
    if kind == GoalKind.MEMBERS:
        query = {"scheme": segment.scheme.code, "first": last, "last": last, "now": segment.pk}
        return reverse("portfolio:customers", query=query)
    if kind == GoalKind.GROWTH and segment.scheme.is_primary:
        days = {"date_from": f"{year}-01-01", "date_to": last, "status": NOT_CANCELLED}
        return reverse("orders:list", query={"tab": "all", "segment": segment.pk, **days})
    return ""
