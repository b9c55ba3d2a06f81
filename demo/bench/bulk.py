"""Work on many rows, in this process: loading, importing, exporting, fifty acceptances at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.urls import reverse

from accounts.models import User
from core.enums import JobState
from core.exceptions import BusinessRuleError
from core.export_jobs import export
from core.jobs import Progress
from core.models import Job
from customers.models import Customer
from demo.bench.busy import offer_to_accept
from demo.bench.measure import Bulk, peak_memory
from demo.services import Say, demo_load
from imports.bench import Measured, measure_import, measure_offers
from offers.orders.services.orders import offer_accept

PRESSES = 50
IMPORTED_OFFERS = 8_800
ACCEPTANCE = f"Offer: accept, {PRESSES} presses at once"
EXPORT, IMPORT, OFFERS = "Export of all customers as CSV", "Import of customers", "Import of offers"
LOAD_MINUTES, EXPORT_ROWS, IMPORT_FLOORS, IMPORT_MEMORY = 20, 50_000, 2, 300


def measure_load(customers: int, say: Say) -> Bulk:
    began = time.monotonic()
    with peak_memory() as memory:
        demo_load(customers=customers, say=say)
    taken = time.monotonic() - began
    return Bulk(
        name="Load the demo data",
        customers=customers,
        rows=customers,
        seconds=taken,
        memory=memory(),
        aim=f"≤ {LOAD_MINUTES} minutes",
        is_missed=taken > LOAD_MINUTES * 60,
    )


def measure_export(customers: int, user: User) -> Bulk:
    """Write the file of the export job of all customers."""
    job = Job.objects.create(
        kind="export",
        owner=user,
        state=JobState.RUNNING,
        params={"path": reverse("customers:list"), "query": "", "kind": "csv"},
    )
    try:
        began = time.perf_counter()
        with peak_memory() as memory:
            export(job, Progress(job))
        taken = time.perf_counter() - began
    finally:
        job.delete()
    rows = Customer.objects.active().count()
    return Bulk(
        name=EXPORT,
        customers=customers,
        rows=rows,
        seconds=taken,
        memory=memory(),
        aim=f"≥ {EXPORT_ROWS:,} rows/s",
        is_missed=rows / taken < EXPORT_ROWS,
    )


def measure_imports(customers: int, rows: int) -> Iterator[Bulk]:
    """Import new customers and the same file again, beside the same rows written by plain INSERT … SELECT."""
    measured = measure_import(rows)
    missed = measured.ratio > IMPORT_FLOORS or measured.memory > IMPORT_MEMORY
    yield Bulk(
        name=f"{IMPORT}, new",
        customers=customers,
        rows=rows,
        seconds=measured.first_seconds,
        memory=measured.memory,
        floor=measured.floor_seconds,
        aim=f"≤ {IMPORT_FLOORS} × floor, ≤ {IMPORT_MEMORY} MB",
        is_missed=missed,
    )
    yield _again(IMPORT, customers, measured)
    offers = measure_offers(IMPORTED_OFFERS)
    yield Bulk(f"{OFFERS}, new", customers, IMPORTED_OFFERS, offers.first_seconds, offers.memory)
    yield _again(OFFERS, customers, offers)


def _again(name: str, customers: int, measured: Measured) -> Bulk:
    return Bulk(f"{name}, the same again", customers, measured.rows, measured.second_seconds, measured.memory)


def measure_acceptance(customers: int, user: User) -> Bulk:
    """Let fifty users accept the same offer at once on separate connections; time until the last answer."""
    offer = offer_to_accept(user)

    def accept(_number: int) -> bool:
        try:
            offer_accept(offer=offer, user=user, confirm=["unsent"], reason="By phone")
        except BusinessRuleError:
            return False
        finally:
            connection.close()
        return True

    began = time.perf_counter()
    with peak_memory() as memory, ThreadPoolExecutor(PRESSES) as threads:
        made = sum(threads.map(accept, range(PRESSES)))
    taken = time.perf_counter() - began
    if made != 1:
        raise RuntimeError(f"{made} orders were made of one offer")
    return Bulk(ACCEPTANCE, customers, PRESSES, taken, memory())
