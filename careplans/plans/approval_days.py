"""On which days customers are in a segment that needs approval: their plans then take effect by management's decision.

It is asked of the customer, whatever its care models belong to. Whether a segment needs approval is kept with the day
since which it does (:class:`ApprovalNeed`), so that switching it changes no past day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from careplans.adherence.days import NEVER, ONE_DAY, Span, day_after
from segmentation.membership.models import Membership

#: The days at the end of which a customer was in such a segment; days that follow each other are one stretch.
APPROVAL_DAYS = """
SELECT w.customer_id, lower(span) AS first, upper(span) - 1 AS last
FROM (
    SELECT ms.customer_id, range_agg(
        daterange((lower(ms.period) AT TIME ZONE %(zone)s)::date, (upper(ms.period) AT TIME ZONE %(zone)s)::date)
        * n.days
    ) AS spans
    FROM membership_membership ms JOIN (
        SELECT segment_id, needs,
            daterange(first, lead(first) OVER (PARTITION BY segment_id ORDER BY first NULLS FIRST)) AS days
        FROM careplans_approvalneed
    ) n ON n.segment_id = ms.segment_id AND n.needs
    WHERE ms.customer_id = ANY(%(ids)s) GROUP BY ms.customer_id
) w, unnest(w.spans) AS span
"""

#: The ids of own actions that are not over and wait for the management: nobody of it has approved them in the stretch
#: that has the day. As ``services.actions.waits_for_management`` says of one.
_WAITING = """
SELECT a.id FROM careplans_customeraction a JOIN ({days}) d ON d.customer_id = a.customer_id
WHERE (a.last IS NULL OR a.last >= %s) AND d.first <= %s AND (d.last IS NULL OR d.last >= %s)
    AND (a.approved_on IS NULL OR a.approved_on < d.first)
"""
#: The customers with such actions, but for those that are in no segment which has ever needed approval.
_PRESENT = """ARRAY(
    SELECT DISTINCT a.customer_id FROM careplans_customeraction a
    JOIN membership_membership m ON m.customer_id = a.customer_id AND upper_inf(m.period)
    JOIN careplans_approvalneed n ON n.segment_id = m.segment_id AND n.needs
    WHERE a.last IS NULL OR a.last >= %s
)"""

#: A segment that is seen for the first time has always been as it is; one that differs has changed today.
_NEEDS = """
INSERT INTO careplans_approvalneed AS n (segment_id, first, needs)
SELECT g.id, CASE WHEN known.needs IS NULL THEN NULL ELSE %(today)s::date END, g.needs_approval
FROM schemes_segment g LEFT JOIN LATERAL (
    SELECT k.needs FROM careplans_approvalneed k WHERE k.segment_id = g.id ORDER BY k.first DESC NULLS LAST LIMIT 1
) known ON true
WHERE known.needs IS DISTINCT FROM g.needs_approval
ON CONFLICT (segment_id, first) DO UPDATE SET needs = EXCLUDED.needs
RETURNING n.segment_id, n.first IS NOT NULL
"""


def needs_record(today: dt.date) -> list[int]:
    """Keep which segments need approval from today on, and return those that have changed."""
    with connection.cursor() as cursor:
        cursor.execute(_NEEDS, {"today": today})
        return [pk for pk, has_changed in cursor.fetchall() if has_changed]


def approval_spans(customers: Collection[int]) -> dict[int, list[Span]]:
    """Return the stretches of days on which each customer's plan needs approval, in order."""
    found: dict[int, list[Span]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(f"{APPROVAL_DAYS} ORDER BY 1, 2", {"ids": list(customers), "zone": settings.TIME_ZONE})
        for customer, first, last in cursor.fetchall():
            found[customer].append((first, last or NEVER))
    return found


def waiting_actions(today: dt.date) -> RawSQL:
    """Return the ids of own actions that wait for the management on a day, as a condition of a queryset."""
    sql = _WAITING.format(days=APPROVAL_DAYS % {"zone": "%s", "ids": _PRESENT})
    return RawSQL(sql, (settings.TIME_ZONE, settings.TIME_ZONE, *[today] * 4))  # noqa: S611 - only parameters are outer


def stretch_of(customer: int, day: dt.date) -> Span | None:
    """Return the stretch of days that has the day and on which the customer's plan needs approval."""
    return next((one for one in approval_spans([customer]).get(customer, ()) if one[0] <= day <= one[1]), None)


def is_held(stretch: Span | None, decided: dt.date | None) -> bool:
    """Return whether something does not apply because management has not approved it in the present stretch."""
    return stretch is not None and (decided is None or decided < stretch[0])


def needs_approval(customer: int) -> bool:
    """Return whether the customer is in a segment that needs approval now."""
    return in_approval().filter(customer=customer).exists()


def in_approval() -> Any:
    """Return the present memberships of segments that need approval."""
    return Membership.objects.present().filter(segment__needs_approval=True)


def is_in_approval(field: str = "customer") -> Exists:
    """Return the condition that the customer of a row is in a segment that needs approval now."""
    return Exists(in_approval().filter(customer=OuterRef(field)))


def shared(one: Span, other: Span) -> Span | None:
    """Return the days that are in both spans."""
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def within(days: Span, stretches: Iterable[Span]) -> list[Span]:
    """Return the parts of the days that need approval."""
    return [found for stretch in stretches if (found := shared(days, stretch))]


def outside(days: Span, stretches: Iterable[Span]) -> Iterator[Span]:
    """Yield the parts of the days that need no approval; the stretches are in order."""
    start = days[0]
    for first, last in within(days, stretches):
        if start < first:
            yield start, first - ONE_DAY
        if last >= days[1]:
            return
        start = day_after(last)
    yield start, days[1]


def in_effect(days: Span, stretches: Collection[Span], decided: dt.date | None) -> list[Span]:
    """Return when something applies that has these days: where approval is needed, from the day of the decision.

    A decision of an earlier stretch does not count again.
    """
    approved = [(max(first, decided), last) for first, last in stretches if decided and first <= decided <= last]
    return sorted([*outside(days, stretches), *within(days, approved)])
