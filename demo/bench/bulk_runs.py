"""A bulk operation on a hundred thousand customers, and its undo, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from accounts.models import User
from core.bulk.enums import BulkState
from core.bulk.models import BulkRun
from core.bulk.operations import operation_of
from core.bulk.services import run_choose, run_execute, run_preview, undo_execute
from core.enums import JobState
from core.jobs import Progress
from core.models import Job
from customers.models import ClassificationBranch, ClassificationNode, Customer
from demo.bench.measure import Bulk, peak_memory

ROWS, SECONDS, MEMORY = 100_000, 60, 300
CLASS = "Bulk operation: a class to customers"
CODE = "bench-bulk"


def measure_bulk_runs(customers: int, user: User) -> Iterator[Bulk]:
    """Give a class to the first customers, from choosing them to the last one, and undo it."""
    node = _new_class()
    job = Job.objects.create(kind="bulk", owner=user, state=JobState.RUNNING)

    def add() -> BulkRun:
        run = run_choose(operation=operation_of("customers.class"), user=user, rows=_first(user))
        run = run_preview(run=run, params={"how": "add", "node": node.pk})
        return _work(run, job, BulkState.RUNNING, run_execute)

    try:
        yield _timed(CLASS, customers, add)
        run = BulkRun.objects.latest("pk")
        yield _timed(f"{CLASS}, undo", customers, lambda: _work(run, job, BulkState.UNDOING, undo_execute))
    finally:
        BulkRun.objects.filter(job=job).delete()
        job.delete()
        node.customerclassifications.all().delete()
        node.delete()
        ClassificationBranch.objects.filter(code=CODE).delete()


def _new_class() -> ClassificationNode:
    names = {"name_fi": "Mittaus", "name_en": "Measurement"}
    branch = ClassificationBranch.objects.create(code=CODE, is_multiple=True, **names)
    node: ClassificationNode = ClassificationNode.objects.model.add_root(branch=branch, code=CODE, **names)
    return node


def _first(user: User) -> Any:
    rows = Customer.objects.visible_to(user).active()
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[ROWS - 1 : ROWS])
    return rows.filter(pk__lte=ids[0]) if ids else rows


def _work(run: BulkRun, job: Job, state: BulkState, execute: Callable[..., Any]) -> BulkRun:
    run.state, run.job = state, job
    run.save(update_fields=["state", "job"])
    execute(run, Progress(job))
    return run


def _timed(name: str, customers: int, work: Callable[[], BulkRun]) -> Bulk:
    began = time.perf_counter()
    with peak_memory() as memory:
        run = work()
    taken, used = time.perf_counter() - began, memory()
    return Bulk(
        name=name,
        customers=customers,
        rows=run.changed,
        seconds=taken,
        memory=used,
        aim=f"≤ {SECONDS} s, ≤ {MEMORY} MB",
        is_missed=taken > SECONDS or used > MEMORY or run.changed < min(customers, ROWS) // 2 or run.kept > 0,
    )
