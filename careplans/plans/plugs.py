"""Noting that customers' plans have to be evaluated (:mod:`careplans.plans.evaluations`), or are kept as they are.

An app that keeps plans declares in its ``registrations``::

    PLAN_KEEPERS = (plan_keep,)  # called with a Keeping in the same transaction
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from accounts.models import User
from careplans.plans.enums import VersionKind
from careplans.plans.models import CareTouch, PlanUpdate
from core.queue import queue_task
from core.registry import declared
from customers.models import Customer

#: Customers in one task.
TASK = 1_000


@dataclass(frozen=True)
class Keeping:
    """A customer's plan as it is now was reviewed, accepted by the customer or approved by the management."""

    customer: Customer
    kind: VersionKind
    user: User | None
    update: PlanUpdate | None = None


def plan_kept(keeping: Keeping) -> None:
    """Let the apps that keep plans keep this one."""
    for keeper in declared("PLAN_KEEPERS"):
        keeper(keeping)


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
