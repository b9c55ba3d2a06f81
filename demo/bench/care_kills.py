"""The night of care plans in a process that is killed again and again, and what was lost or doubled."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable

from django.db import connection, connections

from demo.bench.measure import Bulk

KILLS, SEED = 20, 1
#: What a night leaves, without ids and without the days on which work is put: these depend on what is there already.
_LEFT = """
    SELECT count(*),
        sum(hashtext(concat_ws('|', customer_id, code, kind, start, event, first, due, last, state, holder)))
    FROM carefollow_careoccurrence
    UNION ALL SELECT count(*), sum(hashtext(concat_ws('|', customer_id, code, start, due, state, person_id, list_key)))
    FROM carework_carework
    UNION ALL SELECT count(*), 0 FROM carework_carework w JOIN activities_activity a ON a.id = w.activity_id
    UNION ALL SELECT sum(done + late + missed + coming), 0 FROM carefollow_caresum
"""
Left = list[tuple[int, int]]


def what_is_left() -> Left:
    """Return how many occurrences, works, activities of works and sums there are, with a figure of what they say."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        return [(int(count or 0), int(figure or 0)) for count, figure in cursor.fetchall()]


def measure_care_kills(
    customers: int, expected: Left, seconds: float, empty: Callable[[], None], night: Callable[[], int]
) -> Bulk:
    """Kill the night 20 times, let it end, and compare what it left with what an undisturbed one did.

    ``seconds`` is what that took: the kills come at random moments of it.
    """
    empty()
    chance = random.Random(SEED)
    began = time.perf_counter()
    for _number in range(KILLS):
        _killed_after(chance.uniform(0.2, 1.6) * seconds / KILLS, night)
    rows = night()
    left = what_is_left()
    return Bulk(
        f"Care plans of all customers, killed {KILLS} times",
        customers,
        rows,
        time.perf_counter() - began,
        0,
        aim="nothing lost, nothing doubled",
        is_missed=left != expected,
    )


def _killed_after(seconds: float, night: Callable[[], int]) -> None:
    connections.close_all()  # each process has its own
    worker = multiprocessing.get_context("fork").Process(target=night)
    worker.start()
    worker.join(seconds)
    worker.kill()
    worker.join()
