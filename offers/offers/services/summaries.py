"""Figures of offers in customer lists."""

from __future__ import annotations

from collections.abc import Collection

from customers.services.summaries import refresh_by

#: A short index scan of one customer's offers. Only rows that change are written.
_REFRESH = """
    UPDATE customers_customersummary AS kept
    SET open_offers = fresh.open_count, open_offers_net = fresh.open_net
    FROM (
        SELECT summary.customer_id, open.open_count, open.open_net
        FROM customers_customersummary summary
        CROSS JOIN LATERAL (
            SELECT count(*) AS open_count, coalesce(sum(f.net), 0) AS open_net
            FROM offers_offer f WHERE f.customer_id = summary.customer_id AND f.status IN ('open', 'sent')
        ) open
        WHERE summary.customer_id = ANY(%(ids)s)
    ) AS fresh
    WHERE kept.customer_id = fresh.customer_id
        AND (kept.open_offers, kept.open_offers_net) IS DISTINCT FROM (fresh.open_count, fresh.open_net)
"""


def offer_sums_refresh(customer_ids: Collection[int | None] | None = None) -> None:
    """Recompute count and value (euros without VAT) of open offers for these customers, or (None) for all."""
    refresh_by(_REFRESH, {}, customer_ids)
