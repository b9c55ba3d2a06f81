"""Keeps what customer lists show of orders."""

from __future__ import annotations

from collections.abc import Collection

from dateutil.relativedelta import relativedelta

from core import clock
from customers.services.summaries import refresh_by

#: A short walk in an index of one customer's orders. Only rows that change are written.
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
    """Compute orders of 12 months, first and last order again for these customers, or (None) for all.

    Sums are euros without VAT; cancelled orders do not count. All are done in batches of a transaction each, so that
    a nightly run lets orders older than a year drop out.
    """
    since = clock.today() - relativedelta(months=12)
    refresh_by(_REFRESH, {"since": since}, customer_ids)
