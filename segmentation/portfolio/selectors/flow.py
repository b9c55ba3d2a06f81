"""Sizes of segments at two days and who moved between them, counted from the memberships' ranges.

Most customers have one membership that lasts over both days: these are counted without looking at the customers. Only
those that moved, and those without a membership, are joined with their customers.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from customers.contact_search import exists_for_each
from customers.models import Customer
from segmentation.membership.enums import EndKind
from segmentation.membership.models import Membership
from segmentation.portfolio.selectors.query import GONE, NEW, NONE, FlowQuery, end_of
from segmentation.schemes.models import Segment

#: A customer that was inactive until a return: its last membership before then ended for that.
_RETURNED = """EXISTS (
    SELECT FROM membership_membership p
    WHERE p.customer_id = c.id AND p.scheme_id = %(scheme)s AND p.ended_as = 'inactive' AND upper(p.period) <= %(start)s
        AND NOT EXISTS (
            SELECT FROM membership_membership q WHERE q.customer_id = c.id AND q.scheme_id = %(scheme)s
                AND lower(q.period) >= upper(p.period) AND lower(q.period) <= %(start)s
        )
)"""
_WAS = f"""CASE WHEN c.created_at > %(start)s OR c.passive_since <= %(first)s OR {_RETURNED} THEN 'new'
    ELSE 'none' END"""
_IS = "CASE WHEN c.created_at > %(end)s OR c.passive_since <= %(last)s THEN 'gone' ELSE 'none' END"
_SUMMARY = "JOIN customers_customersummary s ON s.customer_id = c.id"
_STAYED = """
    SELECT m.segment_id::text AS was, m.segment_id::text AS now, count(*) AS number
    FROM membership_membership m {join}
    WHERE m.scheme_id = %(scheme)s AND m.period @> tstzrange(%(start)s, %(end)s, '[]') {wheres} GROUP BY 1, 2
"""
_MOVED = f"""
    SELECT coalesce(x.was::text, {_WAS}), coalesce(x.now::text, {_IS}), count(*)
    FROM (
        SELECT y.customer_id, max(y.segment_id) FILTER (WHERE NOT y.is_now) AS was,
            max(y.segment_id) FILTER (WHERE y.is_now) AS now
        FROM (
            SELECT m.customer_id, m.segment_id, false AS is_now FROM membership_membership m
            WHERE m.segment_id = ANY(%(segments)s) AND upper(m.period) > %(start)s AND upper(m.period) <= %(end)s
                AND lower(m.period) <= %(start)s
            UNION ALL
            SELECT m.customer_id, m.segment_id, true FROM membership_membership m
            WHERE m.segment_id = ANY(%(segments)s) AND lower(m.period) > %(start)s AND lower(m.period) <= %(end)s
                AND (upper_inf(m.period) OR upper(m.period) > %(end)s)
        ) y GROUP BY 1
    ) x JOIN customers_customer c ON c.id = x.customer_id {{summary}} WHERE true {{wheres}} GROUP BY 1, 2
"""  # noqa: S608 - made of parts in this package; values are parameters
_NEITHER = f"""
    SELECT {_WAS}, {_IS}, count(*)
    FROM customers_customer c {{summary}}
    WHERE NOT EXISTS (
        SELECT FROM membership_membership m WHERE m.customer_id = c.id AND m.scheme_id = %(scheme)s
            AND (m.period @> %(start)s::timestamptz OR m.period @> %(end)s::timestamptz)
    ) {{wheres}} GROUP BY 1, 2
"""  # noqa: S608 - made of parts in this package; values are parameters


@dataclass(frozen=True)
class Node:
    """A segment, or one of the states ``none``, ``new`` and ``gone``, which are none."""

    key: str
    segment: Segment | None = None


@dataclass
class Flow:
    """How many customers went from which node to which; only numbers above zero. The order is that of the segments."""

    query: FlowQuery
    nodes: list[Node]
    cells: dict[tuple[str, str], int] = field(default_factory=dict)

    def before(self, key: str) -> int:
        """Return how many customers were in a node on the first day."""
        return sum(number for (was, _now), number in self.cells.items() if was == key)

    def after(self, key: str) -> int:
        return sum(number for (_was, now), number in self.cells.items() if now == key)

    def stayed(self, key: str) -> int:
        return self.cells.get((key, key), 0)

    @property
    def left(self) -> list[Node]:
        return [node for node in self.nodes if node.key != GONE]

    @property
    def right(self) -> list[Node]:
        return [node for node in self.nodes if node.key != NEW]

    @property
    def moved(self) -> int:
        """The number of customers that are in another node than before."""
        return sum(number for (was, now), number in self.cells.items() if was != now)


def flow_of(query: FlowQuery) -> Flow:
    """Count the customers by their node on both days. One statement; the scheme gives each customer one segment."""
    needs_summary = bool(query.wheres)
    parts = {
        "summary": _SUMMARY if needs_summary else "",
        "wheres": query.wheres,
        "join": f"JOIN customers_customer c ON c.id = m.customer_id {_SUMMARY}" if needs_summary else "",
    }
    sql = " UNION ALL ".join(part.format(**parts) for part in (_STAYED, _MOVED, _NEITHER))
    cells: dict[tuple[str, str], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(sql, query.moments | {"segments": list(query.scheme.segments.values_list("pk", flat=True))})
        for was, now, number in cursor.fetchall():
            if not (was == NEW and now == GONE):
                cells[was, now] += number
    return Flow(query, _nodes(query, {key for pair in cells for key in pair}), dict(cells))


def _nodes(query: FlowQuery, used: set[str]) -> list[Node]:
    """Return the segments in use or with customers, then the states: *new* only before, *gone* only after."""
    segments = query.scheme.segments.order_by("order", "pk")
    shown = [Node(str(one.pk), one) for one in segments if not one.is_retired or str(one.pk) in used]
    return [*shown, Node(NONE), Node(NEW), Node(GONE)]


def customers_of(query: FlowQuery, was: list[str], now: list[str], among: Any = None) -> Any:
    """Return exactly the customers that a flow counts in cells; no ``was`` or no ``now``: in any node of that side."""
    customers = Customer.objects.all() if among is None else among
    return customers.filter(query.condition, _counted_in(query, was, now))


def _counted_in(query: FlowQuery, was: list[str], now: list[str]) -> Q:
    """Return the condition that a customer is in the cells of a flow, asked customer by customer."""
    start, end = end_of(query.first), end_of(query.last)
    rows = Membership.objects.filter(scheme=query.scheme, customer=OuterRef("pk"))
    before, after = rows.filter(period__contains=start), rows.filter(period__contains=end)
    is_new, is_gone = _is_new(query, rows), _is_gone(query, rows)
    # The cheap condition first: most customers have not left, and nothing more is asked about them.
    never_there = is_gone & is_new & ~exists_for_each(before) & ~exists_for_each(after)
    found = ~never_there
    for keys, members, is_away, away in ((was, before, is_new, NEW), (now, after, is_gone, GONE)):
        if keys:
            found &= _in_node(keys, members, is_away, away)
    return found


def _in_node(keys: list[str], members: Any, is_away: Q, away: str) -> Q:
    """Return the condition that a customer is in one of the nodes of a side."""
    ids = _segments(keys)
    found = exists_for_each(members.filter(segment__in=ids)) if ids else Q(pk__in=[])
    if NONE in keys:
        found |= ~exists_for_each(members) & ~is_away
    if away in keys:
        found |= ~exists_for_each(members) & is_away
    return found


def _segments(keys: list[str]) -> list[int]:
    return [int(key) for key in keys if key.isdigit()]


def small_sets(query: FlowQuery, was: list[str], now: list[str]) -> Iterator[Any]:
    """Yield the ids of customers, as sets that have all of the cells each: a list may begin with one that is small."""
    start, end = end_of(query.first), end_of(query.last)
    rows = Membership.objects.filter(scheme=query.scheme).order_by()
    if was and now and not set(was) & set(now) and start <= end:
        yield from _who_moved(rows, (was, start), (now, end))
    for keys, moment, is_away in ((was, start, _is_new), (now, end, _is_gone)):
        if _are_segments(keys):
            yield _held(rows, keys, moment).values("customer")
        elif keys and not _segments(keys):
            of_each = rows.filter(customer=OuterRef("pk"))
            yield _without(of_each.filter(period__contains=moment), keys, is_away(query, of_each))


def _without(members: Any, keys: list[str], is_away: Q) -> Any:
    """Return the customers without one of ``members``, as a set: where nearly all have one, a walk finds few."""
    is_there = Q() if {NONE} < set(keys) else ~is_away if NONE in keys else is_away
    return Customer.objects.filter(~Q(Exists(members)), is_there).order_by().values("pk")


def _are_segments(keys: list[str]) -> bool:
    return bool(keys) and all(map(str.isdigit, keys))


def _held(rows: Any, keys: list[str], moment: dt.datetime) -> Any:
    """Return the memberships in segments at a moment: the first condition is the range of an index."""
    return rows.filter(segment__in=_segments(keys), period__startswith__lte=moment, period__contains=moment)


def _who_moved(rows: Any, was: tuple[list[str], dt.datetime], now: tuple[list[str], dt.datetime]) -> Iterator[Any]:
    """Yield who ended the membership of the first moment, or began that of the last, between the two."""
    (keys, start), (others, end) = was, now
    between = {"period__contains": start, "period__endswith__gt": start, "period__endswith__lte": end}
    if not _are_segments(keys):
        (keys, others), start, end = (others, keys), end, start
        between = {"period__contains": start, "period__startswith__gt": end, "period__startswith__lte": start}
    if _are_segments(keys):
        moved = rows.filter(segment__in=_segments(keys), **between)
        yield moved.filter(_elsewhere(rows, others, end)).values("customer")


def _elsewhere(rows: Any, keys: list[str], moment: dt.datetime) -> Q:
    """Return the condition that the customer of a membership is in nodes at another moment, as far as rows say it."""
    there = rows.filter(customer=OuterRef("customer"), period__contains=moment)
    of_segments = exists_for_each(there.filter(segment__in=_segments(keys)))
    return of_segments if _are_segments(keys) else of_segments | ~exists_for_each(there)


def _is_new(query: FlowQuery, rows: Any) -> Q:
    start = end_of(query.first)
    since = Membership.objects.filter(
        scheme=query.scheme,
        customer=OuterRef("customer"),
        period__startswith__gte=OuterRef("period__endswith"),
        period__startswith__lte=start,
    )
    returned = rows.filter(~exists_for_each(since), ended_as=EndKind.INACTIVE, period__endswith__lte=start)
    return Q(created_at__gt=start) | Q(passive_since__lte=query.first) | exists_for_each(returned)


def _is_gone(query: FlowQuery, rows: Any) -> Q:
    return Q(created_at__gt=end_of(query.last)) | Q(passive_since__lte=query.last)


def sizes_over_time(segment: Segment, days: Iterable[dt.date]) -> list[int]:
    """Return the number of a segment's members at the ends of some days, in their order. One query."""
    moments = {f"at_{number}": end_of(day) for number, day in enumerate(days)}
    counts = {name: Count("pk", filter=Q(period__contains=moment)) for name, moment in moments.items()}
    found = Membership.objects.filter(segment=segment).aggregate(**counts)
    return [found[name] for name in moments]
