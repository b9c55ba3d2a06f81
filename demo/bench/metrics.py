"""The metrics of all customers, into empty tables and in the next night, and of one customer, in this process."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

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
    """Compute the metrics of all customers into empty tables, in the following night, and those of single ones."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE metrics_customermetrics, metrics_metrichistory")
    today = clock.today()
    first = _timed(f"{METRICS} of all customers, into empty tables", customers, lambda: metrics_nightly(today))
    yield replace(first, aim=f"≤ {MEMORY} MB", is_missed=first.memory > MEMORY)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) metrics_customermetrics, metrics_metrichistory")
    with clock.frozen(today + dt.timedelta(days=1)):
        tomorrow = clock.today()
        yield _timed(f"{METRICS} of all customers, the next night", customers, lambda: metrics_nightly(tomorrow))
    busy = Customer.objects.get(name=CUSTOMER)
    usual = Customer.objects.active().exclude(pk=busy.pk).order_by("pk")[customers // 2 - 1]
    yield _one("a customer", usual, customers)
    yield replace(_one("the busiest customer", busy, customers), aim="", is_missed=False)


def _one(name: str, customer: Customer, customers: int) -> Bulk:
    """Measure the metrics of one customer, as they are computed after a change."""
    rounds, began = 5, time.perf_counter()
    for _number in range(rounds):
        metrics_refresh([customer.pk])
    taken = (time.perf_counter() - began) / rounds
    return Bulk(f"{METRICS} of {name}", customers, 1, taken, 0, aim=f"≤ {ONE * 1000:.0f} ms", is_missed=taken > ONE)


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
