"""Refresh of the customers' summaries, the read model of lists, and of the texts that customers are found by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from core import clock
from core.metrics import customers_touched
from customers.models import CustomerSummary
from customers.search_words import words_refresh

BATCH = 10_000

# The summaries of customers ``c``. A colon may be left out of names: *S:t Michel*, *St. Michel*.
_WANTED = """
    SELECT c.id,
        (SELECT r.user_id FROM customers_responsibility r JOIN accounts_user u ON u.id = r.user_id AND u.is_active
         WHERE r.customer_id = c.id AND r.role = 'owner'
           AND r.start <= %(day)s AND (r."end" IS NULL OR r."end" >= %(day)s)
        ) AS owner_id,
        classes.group_id, classes.industry_id, classes.size_id,
        portaali_fold(concat_ws(' ',
            '', c.name, c.official_name, c.business_id, replace(c.business_id, '-', ''), m.name_fi, m.name_sv,
            (SELECT string_agg(DISTINCT a.city, ' ') FROM customers_address a WHERE a.customer_id = c.id),
            (SELECT string_agg(n.number, ' ') FROM customers_customernumber n WHERE n.customer_id = c.id),
            c.phone, c.email, c.website,
            CASE WHEN strpos(concat(c.name, c.official_name, m.name_sv), ':') > 0
                THEN replace(concat_ws(' ', c.name, c.official_name, m.name_sv), ':', '') END
        )) AS search_text
    FROM {customers} c
    LEFT JOIN customers_municipality m ON m.id = c.municipality_id
    LEFT JOIN LATERAL (
        SELECT
            (array_agg(n.id ORDER BY n.path) FILTER (WHERE b.purpose = 'group'))[1] AS group_id,
            (array_agg(n.id ORDER BY n.path) FILTER (WHERE b.purpose = 'industry'))[1] AS industry_id,
            (array_agg(n.id ORDER BY n.path) FILTER (WHERE b.purpose = 'size'))[1] AS size_id
        FROM customers_customerclassification k
        JOIN customers_classificationnode n ON n.id = k.node_id
        JOIN customers_classificationbranch b ON b.id = n.branch_id
        WHERE k.customer_id = c.id
    ) classes ON true
"""
# One statement per batch; unchanged rows are neither written nor locked. A text that is missing is made.
_REFRESH = f"""
WITH wanted AS (
    {_WANTED.format(customers="customers_customer")}
    WHERE c.id = ANY(%(ids)s)
), found_by AS (
    INSERT INTO customers_customersearch AS kept (customer_id, text)
    SELECT w.id, w.search_text FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM customers_customersearch t WHERE t.customer_id = w.id AND t.text = w.search_text)
    ON CONFLICT (customer_id) DO UPDATE SET text = EXCLUDED.text WHERE kept.text <> EXCLUDED.text
)
UPDATE customers_customersummary s
SET owner_id = w.owner_id, group_id = w.group_id, industry_id = w.industry_id, size_id = w.size_id
FROM wanted w
WHERE s.customer_id = w.id
  AND (s.owner_id, s.group_id, s.industry_id, s.size_id)
      IS DISTINCT FROM (w.owner_id, w.group_id, w.industry_id, w.size_id)
"""  # noqa: S608
_NEW = """(SELECT * FROM json_to_recordset(%(customers)s) AS r(
    id bigint, name text, official_name text, business_id text, municipality_id bigint, phone text, email text,
    website text
))"""
_CREATE = f"""
WITH wanted AS ({_WANTED.format(customers=_NEW)}), found_by AS (
    INSERT INTO customers_customersearch (customer_id, text) SELECT id, search_text FROM wanted
)
INSERT INTO customers_customersummary (customer_id, owner_id, group_id, industry_id, size_id, open_activities)
SELECT id, owner_id, group_id, industry_id, size_id, 0 FROM wanted
"""  # noqa: S608
_TEXTS = ("name", "official_name", "business_id", "phone", "email", "website")


def summaries_create(customers: Iterable[Mapping[str, Any]]) -> None:
    """Insert summaries and search texts of customers that are inserted next in the same transaction, each written once.

    ``customers`` are their columns. Their addresses, numbers, classes and owners are there already.
    """
    records = [
        {"id": record["id"], "municipality_id": record.get("municipality_id")}
        | {name: record.get(name, "") for name in _TEXTS}
        for record in customers
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, {"day": clock.today(), "customers": json.dumps(records, ensure_ascii=False)})
    customers_touched(record["id"] for record in records)


def summaries_refresh(customer_ids: Iterable[int | None] | None = None) -> None:
    """Refresh owner, classes and search texts of the given customers (None: all, and the words of names).

    Other apps refresh their own figures (``segments_refresh``, ``contact_dates_refresh``, ``offer_sums_refresh``,
    ``order_sums_refresh``).
    """
    refresh_by(_REFRESH, {"day": clock.today()}, customer_ids)
    if customer_ids is None:
        words_refresh()


def refresh_by(sql: str, values: Mapping[str, Any], customer_ids: Iterable[int | None] | None) -> None:
    """Run a statement that writes the summaries of ``%(ids)s`` in batches, for the given customers or (None) all.

    Each batch is a separate transaction that locks its summaries first, so that a concurrent change of the same
    customer's work is counted too; who writes a customer's search text holds its summary as well. The metrics of the
    given customers are computed again after the commit.
    """
    if customer_ids is not None:
        customer_ids = list(customer_ids)
        customers_touched(customer_ids)
    for ids in _all_batches() if customer_ids is None else _batches(customer_ids):
        _refresh(sql, values, ids)


def _all_batches() -> Iterator[list[int]]:
    rows, after = CustomerSummary.objects.order_by("pk").values_list("pk", flat=True), 0
    while ids := list(rows.filter(pk__gt=after)[:BATCH]):
        yield ids
        after = ids[-1]


def _batches(customer_ids: Iterable[int | None]) -> Iterator[list[int]]:
    ids = sorted({pk for pk in customer_ids if pk})
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]


@transaction.atomic
def _refresh(sql: str, values: Mapping[str, Any], ids: list[int]) -> None:
    list(CustomerSummary.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "ids": ids})
