"""The nightly evaluation of the criteria of all customers: the first run, and one in which little has changed."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection

from customers.models import Customer
from demo.bench.measure import Bulk, peak_memory
from segmentation.criteria.evaluation import day_ended, scheme_evaluate
from segmentation.criteria.models import CriteriaVersion

NAME = "Criteria and suggestions of all customers"
#: The longest time for a million customers, in seconds.
LONGEST, MILLION = 120, 1_000_000


def measure_criteria(customers: int) -> Iterator[Bulk]:
    """Evaluate the version in force: without any evaluation before it, and again."""
    criteria = CriteriaVersion.objects.in_force().select_related("scheme").first()
    if criteria is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE criteria_evaluation")
    for name in (f"{NAME}, first", f"{NAME}, again"):
        began = time.perf_counter()
        with peak_memory() as memory:
            scheme_evaluate(scheme=criteria.scheme, day=day_ended())
        taken = time.perf_counter() - began
        rows = Customer.objects.active().count()
        is_missed = taken > LONGEST * max(customers, MILLION) / MILLION
        yield Bulk(name, customers, rows, taken, memory(), aim=f"≤ {LONGEST} s", is_missed=is_missed)
