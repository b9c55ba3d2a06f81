"""The metrics of all customers, into empty tables and in the next night, and of one customer, in this process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator

from django.db import connection

from core import clock
from customers.models import Customer
from demo.bench.busy import CUSTOMER
from demo.bench.measure import Bulk, peak_memory
from segmentation.metrics.services.nightly import metrics_nightly
from segmentation.metrics.services.refresh import metrics_refresh

METRICS = "Metrics"
NIGHT, MEMORY, ONE = 240, 300, 0.05  # seconds, megabytes, seconds


def measure_metrics(customers: int) -> Iterator[Bulk]:
    """Compute the metrics of all customers into empty tables, in the following night, and those of the busiest one."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE metrics_customermetrics, metrics_metrichistory")
    today = clock.today()
    yield _timed(f"{METRICS} of all customers, into empty tables", customers, lambda: metrics_nightly(today))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) metrics_customermetrics, metrics_metrichistory")
    with clock.frozen(today + dt.timedelta(days=1)):
        tomorrow = clock.today()
        yield _timed(f"{METRICS} of all customers, the next night", customers, lambda: metrics_nightly(tomorrow))
    busy = Customer.objects.get(name=CUSTOMER).pk
    began = time.perf_counter()
    rounds = 5
    for _number in range(rounds):
        metrics_refresh([busy])
    taken = (time.perf_counter() - began) / rounds
    yield Bulk(f"{METRICS} of the busiest customer", customers, 1, taken, 0, aim="≤ 50 ms", is_missed=taken > ONE)


def _timed(name: str, customers: int, work: Callable[[], int]) -> Bulk:
    began = time.perf_counter()
    with peak_memory() as memory:
        changed = work()
    taken, used = time.perf_counter() - began, memory()
    return Bulk(
        name=name,
        customers=customers,
        rows=changed,
        seconds=taken,
        memory=used,
        aim=f"≤ {NIGHT} s, ≤ {MEMORY} MB",
        is_missed=taken > NIGHT or used > MEMORY,
    )
