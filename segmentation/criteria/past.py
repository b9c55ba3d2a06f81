"""Values of metrics as they were at the end of a past month, for back-tests."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.utils import timezone

from segmentation.criteria.figures import figures, is_never_unknown

HISTORY = "metrics_metrichistory"
#: The values that were valid in the month; those that are 0 where nothing is kept come first.
PAST = (
    "LEFT JOIN LATERAL (SELECT h.customer_id, %(zeros)s::jsonb || jsonb_object_agg(h.code, h.value) AS values "
    f"FROM {HISTORY} h WHERE h.customer_id = c.id AND h.from_month <= %(month)s "
    "AND (h.to_month IS NULL OR h.to_month >= %(month)s) GROUP BY h.customer_id) m ON true"
)
PAST_VALUES = (
    "SELECT k.id AS customer_id, CASE WHEN %(zeros)s::jsonb ? %(code)s THEN coalesce(h.value, 0) ELSE h.value END "
    f"AS value FROM customers_customer k LEFT JOIN {HISTORY} h ON h.customer_id = k.id AND h.code = %(code)s "
    "AND h.from_month <= %(month)s AND (h.to_month IS NULL OR h.to_month >= %(month)s)"
)


def day_end(day: dt.date) -> dt.datetime:
    """Return the moment after the end of a day in the organisation's time zone."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return timezone.make_aware(midnight, timezone.get_default_timezone())


def month_of(day: dt.date) -> dt.date:
    """Return the first day of the last month that had ended by the end of the day."""
    following = day + dt.timedelta(days=1)
    first = following.replace(day=1)
    return (first - dt.timedelta(days=1)).replace(day=1)


def past_values(day: dt.date) -> tuple[str, dict[str, Any]]:
    """Return the join of the values of a past day to a customer, and its parameters."""
    zeros = json.dumps({code: 0 for code, metric in figures().items() if is_never_unknown(metric)})
    return PAST, {"month": month_of(day), "zeros": zeros}
