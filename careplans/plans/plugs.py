"""Noting that customers' plans have to be evaluated again (:mod:`careplans.plans.evaluations`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from careplans.plans.models import CareTouch
from core.queue import queue_task

#: Customers in one task.
TASK = 1_000


def plans_changed(customer_ids: Collection[int]) -> None:
    """Note that the plans of these customers, or decisions about them, have changed: evaluate them after the commit."""
    for ids in parts(customer_ids, TASK):
        customers_note(ids)
        queue_task("careplans.plans.tasks.evaluate_customers", ids)


def customers_note(customer_ids: Iterable[int]) -> None:
    """Note customers for the next evaluation, which the night makes at the latest."""
    for ids in parts(customer_ids, TASK):
        CareTouch.objects.bulk_create(CareTouch(customer_id=pk) for pk in ids)


def parts(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    """Yield the ids in lists of at most ``size``."""
    rest = iter(ids)
    while part := list(islice(rest, size)):
        yield part
