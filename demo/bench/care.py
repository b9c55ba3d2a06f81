"""Care plans of all customers: days under models, evaluation into empty tables, a quiet night, one customer."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import time
from collections.abc import Callable, Iterator

from django.db import connection, connections

from activities.log.models import Activity
from careplans.following.models import CareOccurrence
from careplans.plans.evaluations import care_refresh
from careplans.plans.models import ModelStay
from careplans.plans.services.stays import stays_refresh
from core import clock
from demo.bench.care_kills import measure_care_kills, what_is_left
from demo.bench.measure import Bulk, peak_memory

CARE = "Care plans"
#: The aims at a million customers: seconds from nothing, in a quiet night, and of one customer.
NOTHING, NIGHT, ONE = 900, 180, 0.05
#: Up to so many customers the night is killed again and again too.
FEW, BATCH = 100_000, 5_000


def measure_care(customers: int) -> Iterator[Bulk]:
    """Evaluate all customers into empty tables, then in the next night, then one of them."""
    today = clock.today()
    stays_refresh()
    _empty()
    first = _timed(f"{CARE} of all customers, into empty tables", customers, lambda: _night_of_two(today), NOTHING)
    yield first
    if customers <= FEW:
        yield measure_care_kills(customers, what_is_left(), first.seconds, _empty, lambda: _night(today))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) carefollow_careoccurrence, carefollow_caresum, careplans_carelook")
        cursor.execute("VACUUM (ANALYZE) carework_carework, activities_activity, activities_participation")
    with clock.frozen(today + dt.timedelta(days=1)):
        tomorrow = clock.today()
        yield _timed(f"{CARE} of all customers, the next night", customers, lambda: _night_of_two(tomorrow), NIGHT)
    yield _of_one(customers)


def _empty() -> None:
    """Leave nothing of what follows from care plans, nor the activities that were made of it."""
    made = Activity.objects.filter(care_work__isnull=False).order_by("pk").values_list("pk", flat=True)
    while some := list(made[:BATCH]):
        Activity.objects.filter(pk__in=some).delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE carefollow_careoccurrence, carefollow_caresum, carefollow_carestatus")
        cursor.execute("TRUNCATE carefollow_carereach, careplans_carelook, careplans_caretouch, carework_carework")


def _night(day: dt.date) -> int:
    stays_refresh(today=day)
    care_refresh(today=day)
    return CareOccurrence.objects.count()


def _night_of_two(day: dt.date) -> int:
    """Evaluate in two processes, as the workers do."""
    stays_refresh(today=day)
    connections.close_all()  # each process has its own
    helper = multiprocessing.get_context("fork").Process(target=care_refresh, kwargs={"today": day})
    helper.start()
    care_refresh(today=day)
    helper.join()
    return CareOccurrence.objects.count()


def _of_one(customers: int) -> Bulk:
    ids = list(ModelStay.objects.filter(last__isnull=True).order_by("pk").values_list("customer", flat=True)[:5])
    began = time.perf_counter()
    for pk in ids:
        care_refresh([pk])
    taken = (time.perf_counter() - began) / max(len(ids), 1)
    return Bulk(f"{CARE} of one customer", customers, len(ids), taken, 0, aim="≤ 50 ms", is_missed=taken > ONE)


def _timed(name: str, customers: int, work: Callable[[], int], most: int) -> Bulk:
    began = time.perf_counter()
    with peak_memory() as memory:
        rows = work()
    taken, used = time.perf_counter() - began, memory()
    return Bulk(name, customers, rows, taken, used, aim=f"≤ {most} s at a million", is_missed=taken > most)
