"""The summary figures of customers' orders."""

from __future__ import annotations

from collections.abc import Collection

from dateutil.relativedelta import relativedelta

from core import clock
from customers.services.summaries import refresh_by

#: Reads an index of each customer's orders and writes only the rows that change.
_REFRESH = """
    UPDATE customers_customersummary AS kept
    SET ordered_12_months = fresh.ordered, first_order_on = fresh.first_on, last_order_on = fresh.last_on
    FROM (
        SELECT summary.customer_id, orders.ordered, orders.first_on, orders.last_on
        FROM customers_customersummary summary
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(o.net) FILTER (WHERE o.date > %(since)s), 0) AS ordered,
                min(o.date) AS first_on, max(o.date) AS last_on
            FROM orders_order o WHERE o.customer_id = summary.customer_id AND o.status <> 'cancelled'
        ) orders
        WHERE summary.customer_id = ANY(%(ids)s)
    ) AS fresh
    WHERE kept.customer_id = fresh.customer_id
        AND (kept.ordered_12_months, kept.first_order_on, kept.last_order_on)
            IS DISTINCT FROM (fresh.ordered, fresh.first_on, fresh.last_on)
"""


def order_sums_refresh(customer_ids: Collection[int | None] | None = None) -> None:
    """Recompute the orders of 12 months and the first and last order of these customers, or of all (None).

    Sums are in euros without VAT; cancelled orders are not counted. All customers are refreshed in batches, each in its
    own transaction, so that a nightly run removes orders older than a year.
    """
    since = clock.today() - relativedelta(months=12)
    refresh_by(_REFRESH, {"since": since}, customer_ids)
