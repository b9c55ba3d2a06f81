"""Where a customer's standing segment comes from: the last result of the rules, or a later decision by a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from segmentation.criteria.past import day_end
from segmentation.criteria.statement import Standing
from segmentation.membership.models import Membership

_MEMBER = (
    "LEFT JOIN {table} s ON s.customer_id = c.id AND s.scheme_id = %(scheme)s AND s.period @> %(moment)s::timestamptz "
)
_DAY = "({moment} AT TIME ZONE %(zone)s)::date"
#: A person decided after the rules gave their last result, and for another segment.
_DECIDED = (
    "(s.segment_id IS NOT NULL AND (e.id IS NULL OR (s.decided_by_id IS NOT NULL "
    "AND s.segment_id IS DISTINCT FROM e.segment_id AND "
    f"(e.since IS NULL OR {_DAY.format(moment='s.decided_at')} > e.since))))"
)


def end_of(day: dt.date) -> dt.datetime:
    """Return the last moment of a day in the organisation's time zone."""
    return day_end(day) - dt.timedelta(microseconds=1)


def _parameters(scheme: int, day: dt.date) -> dict[str, Any]:
    zone = str(timezone.get_default_timezone())
    return {"scheme": scheme, "moment": end_of(day), "zone": zone}


def standing_of(scheme: int, day: dt.date) -> Standing:
    """Return the standing segments at the end of a day.

    Without an earlier result it is the segment that the customer is in, since it came there.
    """
    table = Membership._meta.db_table
    return Standing(
        joins="LEFT JOIN criteria_evaluation e ON e.customer_id = c.id AND e.scheme_id = %(scheme)s "
        + _MEMBER.format(table=table),
        segment=f"CASE WHEN {_DECIDED} THEN s.segment_id ELSE e.segment_id END",
        since=f"CASE WHEN {_DECIDED} THEN {_DAY.format(moment='lower(s.period)')} ELSE e.since END",
        criteria="e.criteria_id",
        member="s.segment_id",
        parameters=_parameters(scheme, day),
    )


def chosen_on(scheme: int, day: dt.date) -> Standing:
    """Return what people had chosen at the end of a past day, for a back-test: no rule has given anything yet."""
    return Standing(
        joins=_MEMBER.format(table=Membership._meta.db_table),
        segment="s.segment_id",
        since=_DAY.format(moment="lower(s.period)"),
        criteria="NULL::bigint",
        member="s.segment_id",
        parameters=_parameters(scheme, day),
    )
