"""Sizes by owner, group, industry or municipality; the share of growing customers; retention of those who ordered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection

from accounts.models import User
from customers.models import ClassificationNode, Municipality
from segmentation.portfolio.selectors.flow import _IS, _SUMMARY
from segmentation.portfolio.selectors.query import NONE, FlowQuery

#: At most so many rows of a table by owner or municipality; the biggest first.
MOST = 50
DIMENSIONS: dict[str, tuple[str, Any]] = {
    "owner": ("s.owner_id", User),
    "group": ("s.group_id", ClassificationNode),
    "industry": ("s.industry_id", ClassificationNode),
    "municipality": ("c.municipality_id", Municipality),
}
_BY = f"""
    SELECT {{column}}, coalesce(m.segment_id::text, 'none'), count(*)
    FROM customers_customer c {_SUMMARY}
    LEFT JOIN membership_membership m
        ON m.customer_id = c.id AND m.scheme_id = %(scheme)s AND m.period @> %(end)s::timestamptz
    WHERE (m.id IS NOT NULL OR {_IS} = 'none') {{wheres}} GROUP BY 1, 2
"""  # noqa: S608 - made of parts in this package; values are parameters
_GROWING = f"""
    SELECT count(*) FILTER (WHERE g.counts_as_growing), count(*)
    FROM membership_membership m JOIN schemes_segment g ON g.id = m.segment_id
    JOIN customers_customer c ON c.id = m.customer_id {_SUMMARY}
    WHERE m.scheme_id = %(scheme)s AND m.period @> %(end)s::timestamptz AND c.directness = 'direct' {{wheres}}
"""  # noqa: S608 - made of parts in this package; values are parameters
_RETENTION = f"""
    SELECT count(*) FILTER (WHERE earlier), count(*) FILTER (WHERE earlier AND later)
    FROM (
        SELECT o.customer_id, bool_or(o.date <= %(middle)s) AS earlier, bool_or(o.date > %(middle)s) AS later
        FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id {_SUMMARY}
        WHERE o.status <> 'cancelled' AND o.date > %(since)s AND o.date <= %(last)s {{wheres}} GROUP BY 1
    ) x
"""  # noqa: S608 - made of parts in this package; values are parameters


@dataclass
class Part:
    """The customers of an owner (or group, …; none: without one) by the keys of their nodes."""

    of: Any
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.numbers.values())


@dataclass(frozen=True)
class Share:
    """A part of a whole, both numbers of customers."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.part / self.whole, 1) if self.whole else None


def sizes_by(query: FlowQuery, name: str) -> list[Part]:
    """Return the sizes on the last day by a dimension of :data:`DIMENSIONS`, the biggest first. Two queries."""
    column, model = DIMENSIONS[name]
    found: dict[int | None, Part] = defaultdict(lambda: Part(None))
    with connection.cursor() as cursor:
        cursor.execute(_BY.format(column=column, wheres=query.wheres), query.moments)
        for pk, key, number in cursor.fetchall():
            found[pk].numbers[key] = number
    biggest = sorted(found, key=lambda pk: found[pk].total, reverse=True)[:MOST]
    rows = model.objects.in_bulk([pk for pk in biggest if pk])
    for pk in biggest:
        found[pk].of = rows.get(pk)
    return [found[pk] for pk in biggest]


def growing_share(query: FlowQuery, day: dt.date) -> Share:
    """Return the members of segments that count as growing among the direct customers with a segment."""
    asked = query.on(min(query.first, day), day)
    with connection.cursor() as cursor:
        cursor.execute(_GROWING.format(wheres=query.wheres), asked.moments)
        part, whole = cursor.fetchone()
    return Share(part, whole)


def retention(query: FlowQuery, day: dt.date) -> Share:
    """Return who ordered in the 12 months until a day among those who ordered in the 12 months before them."""
    days = {"middle": day - relativedelta(months=12), "since": day - relativedelta(months=24), "last": day}
    with connection.cursor() as cursor:
        cursor.execute(_RETENTION.format(wheres=query.wheres), query.moments | days)
        whole, part = cursor.fetchone()
    return Share(part, whole)


def keys_of(parts: list[Part], keys: list[str]) -> list[str]:
    """Return those of the keys of nodes that somebody has, in their order."""
    used = {key for part in parts for key in part.numbers}
    return [key for key in [*keys, NONE] if key in used]
