"""The activity figures of customer lists: last and next contact, number of open activities."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from activities.log.enums import ActivityStatus
from core import clock
from customers.services.summaries import refresh_by

_CONTACTS = """
    SELECT {which} FROM activities_activity activity JOIN activities_activitytype type ON type.id = activity.type_id
    WHERE activity.customer_id = summary.customer_id AND type.is_contact
"""
#: Each figure is a short walk in an index of one customer's activities. Only rows that change are written.
_REFRESH = f"""
    UPDATE customers_customersummary AS kept
    SET last_contact_at = fresh.last_at, next_contact_at = fresh.next_at, open_activities = fresh.unfinished
    FROM (
        SELECT summary.customer_id,
            ({_CONTACTS.format(which="activity.start")} AND activity.status = %(done)s AND activity.start <= %(now)s
                ORDER BY activity.start DESC LIMIT 1) AS last_at,
            ({_CONTACTS.format(which="activity.start")} AND activity.status IN ('open', 'in_progress')
                AND activity.start > %(now)s ORDER BY activity.start LIMIT 1) AS next_at,
            (SELECT count(*) FROM activities_activity activity WHERE activity.customer_id = summary.customer_id
                AND activity.status IN ('open', 'in_progress')) AS unfinished
        FROM customers_customersummary summary
        WHERE summary.customer_id = ANY(%(ids)s)
    ) AS fresh
    WHERE kept.customer_id = fresh.customer_id
        AND (kept.last_contact_at, kept.next_contact_at, kept.open_activities)
            IS DISTINCT FROM (fresh.last_at, fresh.next_at, fresh.unfinished)
"""  # noqa: S608 - made of constants

#: Corrects what the triggers keep, for rows that were written without them (restored or loaded in bulk).
_CORRECT_DUE = """
    UPDATE activities_participation AS kept
    SET due_at = CASE WHEN activity.status <> 'done' THEN activity.start END, start_at = activity.start
    FROM activities_activity activity
    WHERE activity.id = kept.activity_id AND (kept.due_at, kept.start_at)
        IS DISTINCT FROM (CASE WHEN activity.status <> 'done' THEN activity.start END, activity.start)
"""


def contact_dates_refresh(customer_ids: Collection[int | None] | None = None) -> None:
    """Compute last contact, next contact and open activities again for these customers, or (None) for all.

    Last contact is the newest past start of a done activity of a type that counts as contact with the customer; next
    contact is the soonest future start of an unfinished one. All customers are updated in batches, each in its own
    transaction.
    """
    if customer_ids is None:
        with connection.cursor() as cursor:
            cursor.execute(_CORRECT_DUE)
    refresh_by(_REFRESH, {"done": ActivityStatus.DONE, "now": clock.now()}, customer_ids)
