"""Actions that are missed again and again."""

from __future__ import annotations

from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models.expressions import RawSQL

from core import clock

#: A mandatory action toward a customer that is missed so many times in a row is not heeded.
IN_A_ROW = 3
_UNHEEDED = """
    SELECT min(r.id) FILTER (WHERE r.place = 1) FROM (
        SELECT o.id, o.customer_id, o.code, o.state,
            row_number() OVER (PARTITION BY o.customer_id, o.code ORDER BY o.last DESC, o.id DESC) AS place
        FROM carefollow_careoccurrence o
        WHERE o.state IN ('done', 'late', 'missed') AND o.is_mandatory AND o.scope = 'customer'
            AND o.last BETWEEN %s AND %s
    ) r WHERE r.place <= %s GROUP BY r.customer_id, r.code
    HAVING count(*) = %s AND bool_and(r.state = 'missed')
"""


def unheeded(rows: Any) -> Any:
    """Return the newest missed occurrence of each action that was missed :data:`IN_A_ROW` times in a row.

    Occurrences of the last three years are looked at.
    """
    today = clock.today()
    days = (today - relativedelta(years=3), today)
    return rows.filter(pk__in=RawSQL(_UNHEEDED, (*days, IN_A_ROW, IN_A_ROW)))  # noqa: S611
