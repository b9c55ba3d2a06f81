"""Computing the metrics of customers: of those that a service has touched, and of all in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from core import clock
from core.metrics import Metric, Missing
from core.queue import send_task
from customers.models import Customer
from segmentation.metrics.engine import BY_IDS, BY_RANGE, END_ROWS, parameters, write_sql
from segmentation.metrics.services.partitions import partitions_ensure
from segmentation.metrics.value_mode import computed_metrics

#: Customers in one statement of all, and in one task after a commit.
BATCH, TASK = 10_000, 1_000
#: A table without statistics looks so small that each of its rows would be compared with each of the changed ones.
_NO_LOOPS = "SET LOCAL enable_nestloop TO {}"
_LOCK = "SELECT customer_id FROM metrics_customermetrics WHERE customer_id {} ORDER BY customer_id FOR UPDATE"


def metrics_queue(customer_ids: Sequence[int]) -> None:
    """Queue the customers that a transaction has changed."""
    for first in range(0, len(customer_ids), TASK):
        send_task("segmentation.metrics.tasks.compute_metrics", list(customer_ids[first : first + TASK]))


def metrics_refresh(customer_ids: Collection[int] | None = None, *, day: dt.date | None = None) -> int:
    """Compute the metrics of these customers, or (None) of all, at the end of ``day`` (default: today).

    Return how many customers had figures that differ: only these are written. All customers are computed in batches,
    each in its own transaction; of a day before today, what was computed after it stays.
    """
    day = day or clock.today()
    run = _Run(computed_metrics(), day)
    partitions_ensure(day.year)
    if customer_ids is None:
        return sum(run.write(BY_RANGE, {"first": ids[0], "last": ids[-1]}) for ids in _all_batches())
    ids = sorted(set(customer_ids))
    return sum(run.write(BY_IDS, {"ids": ids[first : first + BATCH]}) for first in range(0, len(ids), BATCH))


class _Run:
    """The metrics that are computed for one day, and what their statements need."""

    def __init__(self, metrics: dict[str, Metric], day: dt.date) -> None:
        self.metrics, self.is_past = metrics, day < clock.today()
        month = day.replace(day=1)
        shown = [metric for metric in metrics.values() if not metric.is_helper]
        self.values: dict[str, Any] = {
            **parameters(day),
            "now": clock.now(),
            "month": month,
            "last_month": (month - dt.timedelta(days=1)).replace(day=1),
            "zeros": [metric.code for metric in shown if metric.missing == Missing.ZERO],
            "fleeting": [metric.code for metric in shown if not metric.keeps_history],
        }

    @transaction.atomic
    def write(self, customers: str, which: dict[str, Any]) -> int:
        """Compute and write a batch, after its rows are locked: figures are computed of what is then committed."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK.format(customers), which)
            cursor.execute(write_sql(self.metrics, customers, only_older=self.is_past), {**self.values, **which})
            rows = cursor.fetchall()
            self._end_rows(cursor, [row for row in rows if row[1] is not None])
        return next(int(row[0]) for row in rows if row[1] is None)

    def _end_rows(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
        """Bring the rows of the history up to date that were the present ones of figures that have changed."""
        if not rows:
            return
        customers, codes, months, values = (list(column) for column in zip(*rows, strict=True))
        given = {
            "customers": customers, "codes": codes, "months": months, "values": values, "lowest": min(customers),
            "highest": max(customers), "month": self.values["month"], "last_month": self.values["last_month"],
        }  # fmt: skip
        cursor.execute(_NO_LOOPS.format("off"))
        for sql in END_ROWS:
            cursor.execute(sql, given)
        cursor.execute(_NO_LOOPS.format("DEFAULT"))


def _all_batches() -> Iterator[list[int]]:
    rows, after = Customer.objects.order_by("pk").values_list("pk", flat=True), 0
    while ids := list(rows.filter(pk__gt=after)[:BATCH]):
        yield ids
        after = ids[-1]
