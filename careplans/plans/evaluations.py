"""Evaluation of customers' plans in batches, for the apps that keep something of it: work in calendars, figures.

A customer is evaluated after each change of what adherence knows of it, and on the days on which time changes
something: a window opens or is over, a version begins. Its :class:`~careplans.plans.models.CareLook` has that day. What
a killed worker leaves is found by the next night, because changes note the customers first (:class:`CareTouch`).

An app declares in its ``registrations``::

    CARE_EVALUATION_FOLLOWERS = (work_follow,)  # (evaluations, today) in the transaction that evaluates the batch
    CARE_NEXT_LOOKS = (work_next_look,)  # (evaluation, today) -> a later day on which it has to look again, or None
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import connection, transaction

from careplans.adherence.days import plus_days
from careplans.adherence.evaluation import Evaluation, evaluate
from careplans.adherence.looks import next_look
from careplans.adherence.timetables import Timetables
from careplans.caremodels.selectors import computable
from careplans.plans.models import CareLook, CareTouch
from careplans.plans.plugs import parts
from careplans.plans.records import Plan, read_plans
from core import clock
from core.memory import few_collections
from core.registry import declared

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Customers in one transaction.
BATCH = 2_000
#: A customer with a plan is evaluated after so many days at the latest, with up to as many again to spread the work.
AT_LATEST = 30
#: Days for which coming windows are known on each day until the next evaluation.
AHEAD = 90
_FOLD = """
WITH gone AS (
    DELETE FROM careplans_caretouch WHERE id IN (
        SELECT id FROM careplans_caretouch ORDER BY id LIMIT 50000 FOR UPDATE SKIP LOCKED
    ) RETURNING customer_id
)
INSERT INTO careplans_carelook AS l (customer_id, next_look)
SELECT DISTINCT c.id, %(today)s::date FROM gone JOIN customers_customer c ON c.id = gone.customer_id ORDER BY 1
ON CONFLICT (customer_id) DO UPDATE SET next_look = LEAST(l.next_look, EXCLUDED.next_look)
"""
_NEW = """
INSERT INTO careplans_carelook (customer_id, next_look)
SELECT c.id, %(today)s FROM customers_customer c
WHERE NOT EXISTS (SELECT 1 FROM careplans_carelook l WHERE l.customer_id = c.id) ORDER BY 1
ON CONFLICT (customer_id) DO NOTHING
"""
_LOOKS = """
INSERT INTO careplans_carelook (customer_id) SELECT id FROM customers_customer WHERE id = ANY(%(ids)s) ORDER BY 1
ON CONFLICT (customer_id) DO NOTHING
"""
#: What a crash of the server takes away of the last moments, the next run writes again: no batch waits for the disk.
_WAIT_FOR_NO_DISK = "SET LOCAL synchronous_commit = off"
#: A statutory task is the same for all: also for those that had no plan before it.
_STATUTORY = """
UPDATE careplans_carelook SET next_look = %(today)s
WHERE next_look IS NULL
    AND looked_on <= (SELECT (max(updated_at) AT TIME ZONE %(zone)s)::date FROM caremodels_statutorytask)
"""
_WRITE = """
UPDATE careplans_carelook l SET looked_on = %(today)s, next_look = seen.next_look
FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS seen (customer_id, next_look)
WHERE l.customer_id = seen.customer_id
"""


@dataclass(frozen=True, slots=True)
class CustomerEvaluation:
    """The plan of a customer and its evaluation, with coming windows as far as :func:`reach`."""

    customer: int
    plan: Plan
    evaluation: Evaluation


def reach(day: dt.date) -> dt.date:
    """Return how far windows are evaluated: on each day until the next look 90 days and the year are known."""
    longest = 2 * AT_LATEST
    return max(plus_days(day, AHEAD + longest), dt.date(plus_days(day, longest).year, 12, 31))


def care_refresh(customer_ids: Collection[int] | None = None, *, today: dt.date | None = None) -> int:
    """Evaluate these customers, or (None) all that have changed or reached the day of their next look; return how many.

    Runs at the same time are safe: those of all customers share them out.
    """
    today = today or clock.today()
    if customer_ids is None:
        _fold(today)
        with _one_run(), few_collections() as collect:
            return sum(_evaluate_due(today, collect))
    return sum(_evaluate(ids, today) for ids in parts(sorted(set(customer_ids)), BATCH))


def _fold(today: dt.date) -> None:
    """Make noted customers, and those without a look, due."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW, {"today": today})
        cursor.execute(_STATUTORY, {"today": today, "zone": settings.TIME_ZONE})
        cursor.execute(_FOLD, {"today": today})
        while cursor.rowcount:
            cursor.execute(_FOLD, {"today": today})


#: What followers keep from one batch of a run to the next, by their names for it.
_kept: ContextVar[dict[Any, Any] | None] = ContextVar("care_run", default=None)


@contextmanager
def _one_run() -> Iterator[None]:
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def kept_in_run(name: Any, make: Callable[[], T]) -> T:
    """Return what ``make`` returns, in a run of many batches what it returned in the first one."""
    kept = _kept.get()
    if kept is None:
        return make()
    if name not in kept:
        kept[name] = make()
    found: T = kept[name]
    return found


def _evaluate_due(today: dt.date, collect: Callable[[], None]) -> Iterator[int]:
    while True:
        collect()
        with transaction.atomic():
            due = CareLook.objects.filter(next_look__lte=today).order_by("next_look", "customer")
            ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
            if not ids:
                return
            with connection.cursor() as cursor:
                cursor.execute(_WAIT_FOR_NO_DISK)
            _follow(sorted(ids), today)
        yield len(ids)


@transaction.atomic
def _evaluate(ids: list[int], today: dt.date) -> int:
    """Evaluate a batch of customers that nobody else evaluates meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOKS, {"ids": ids})
    looks = CareLook.objects.filter(pk__any_of=ids).order_by("pk").select_for_update()
    known = list(looks.values_list("pk", flat=True))
    CareTouch.objects.filter(customer__any_of=known).delete()  # what is noted from now on is evaluated once more
    _follow(known, today)
    return len(known)


def _follow(ids: list[int], today: dt.date) -> None:
    """Evaluate customers of which the looks are locked, give them to the followers, and note when to look again."""
    plans = read_plans(ids, plus_days(today, 2 * AT_LATEST), computable)
    timetables = Timetables(reach(today))
    found = [one for pk in ids if (one := _evaluation(pk, plans[pk], today, timetables)) is not None]
    for follower in declared("CARE_EVALUATION_FOLLOWERS"):
        follower(found, today)
    days = {one.customer: _next_look(one, today) for one in found}
    failed = plus_days(today, 1)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"today": today, "ids": ids, "days": [days.get(pk, failed) for pk in ids]})


def _evaluation(customer: int, plan: Plan, today: dt.date, timetables: Timetables) -> CustomerEvaluation | None:
    """Return the evaluation of one customer; None, and a line in the log, if it fails: the others go on."""
    try:
        return CustomerEvaluation(customer, plan, evaluate(plan.record, today, timetables.until, timetables=timetables))
    except Exception:
        log.exception("care_evaluation_failed", customer=customer)
        return None


def _next_look(one: CustomerEvaluation, today: dt.date) -> dt.date | None:
    """Return the first later day on which the evaluation may differ, or the latest one; None: there is no plan."""
    if not one.plan.record.histories:
        return None
    latest = plus_days(today, AT_LATEST + one.customer % AT_LATEST)
    days = [next_look(one.plan.record, one.evaluation), *(look(one, today) for look in declared("CARE_NEXT_LOOKS"))]
    return min([latest, *(day for day in days if day is not None and day > today)])
