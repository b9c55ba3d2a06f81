"""The statements that end and begin memberships, and the summary's segment. Only the services of this app call them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.metrics import customers_touched
from core.queue import queue_task
from customers.models import CustomerSummary
from customers.services.summaries import refresh_by
from segmentation.membership.enums import EndKind
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme, Segment

#: The least time between two decisions: of two at one moment, the later one counts.
MOMENT = dt.timedelta(microseconds=1)

_END = """
UPDATE membership_membership SET period = tstzrange(lower(period), %(at)s, '[)'), ended_as = %(ended_as)s
WHERE id = ANY(%(ids)s)
"""
_REFRESH = """
UPDATE customers_customersummary s SET segment_id = w.segment_id
FROM (
    SELECT c.id, m.segment_id FROM unnest(%(ids)s::bigint[]) AS c(id)
    LEFT JOIN (
        SELECT m.customer_id, m.segment_id FROM membership_membership m
        JOIN schemes_scheme p ON p.id = m.scheme_id AND p.is_primary
        WHERE upper_inf(m.period)
    ) m ON m.customer_id = c.id
) w
WHERE s.customer_id = w.id AND s.segment_id IS DISTINCT FROM w.segment_id
"""


def end(memberships: Collection[Membership], *, at: dt.datetime, ended_as: str = EndKind.FOLLOWED) -> None:
    """End present memberships, in one statement."""
    if memberships:
        ids = [membership.pk for membership in memberships]
        with connection.cursor() as cursor:
            cursor.execute(_END, {"ids": ids, "at": at, "ended_as": str(ended_as)})
        customers_touched(membership.customer_id for membership in memberships)


def begin(
    segments: Mapping[int, Segment],
    scheme: Scheme,
    *,
    at: dt.datetime,
    values: Mapping[str, Any],
    own: Mapping[int, Mapping[str, Any]],
) -> list[Membership]:
    """Begin memberships: customer → segment. ``values`` are their other columns, ``own`` those of single customers."""
    customers_touched(segments)
    return Membership.objects.bulk_create(
        Membership(
            scheme=scheme,
            segment=segment,
            customer_id=customer_id,
            period=DateTimeTZRange(at, None, "[)"),
            is_exclusive=scheme.is_exclusive,
            **{**values, **own.get(customer_id, {})},
        )
        for customer_id, segment in segments.items()
    )


def next_moment(memberships: Iterable[Membership], at: dt.datetime) -> dt.datetime:
    """Return ``at``, or just after the last beginning of these if that is not before it."""
    return max([at, *(membership.start + MOMENT for membership in memberships)])


def summary_set(segments: Mapping[int, Segment | None], scheme: Scheme) -> None:
    """Write the segments of customers in the primary scheme to their summaries."""
    if not scheme.is_primary:
        return
    by_segment: dict[int | None, list[int]] = {}
    for customer_id, segment in segments.items():
        by_segment.setdefault(segment.pk if segment else None, []).append(customer_id)
    for pk, ids in by_segment.items():
        CustomerSummary.objects.filter(pk__in=ids).update(segment=pk)


def segments_refresh(customer_ids: Iterable[int | None] | None = None) -> None:
    """Compute the summary's segment of the given customers again from their memberships (None: of all)."""
    refresh_by(_REFRESH, {}, customer_ids)


def primary_changed() -> None:
    """Compute the summaries' segment of all customers again, after commit, by a worker."""
    queue_task("segmentation.membership.tasks.refresh_segments")
