"""The flow between segments in a year: how many customers went from which segment to which, and who they are."""

from __future__ import annotations

import time
from collections.abc import Iterator

from core import clock
from core.paging import COUNT_LIMIT
from demo.bench.measure import Bulk, peak_memory
from segmentation.portfolio.selectors.flow import customers_of, flow_of
from segmentation.portfolio.selectors.query import GONE, NEW, NONE, FlowQuery
from segmentation.schemes.models import Scheme

NAME = "Flow of a year"
#: The longest time for a million customers, in seconds; and for the customers of one cell.
LONGEST, CELL, MILLION = 4, 2, 1_000_000


def measure_flow(customers: int) -> Iterator[Bulk]:
    """Count the flow of the primary scheme in a year, then find the customers of its largest move."""
    scheme = Scheme.objects.primary().first()
    if scheme is None:
        return
    today = clock.today()
    query = FlowQuery(scheme=scheme, first=clock.year_earlier(today), last=today)
    began = time.perf_counter()
    with peak_memory() as memory:
        flow = flow_of(query)
    taken = time.perf_counter() - began
    yield _line(f"{NAME} between segments", customers, sum(flow.cells.values()), taken, LONGEST, memory())
    moves = {(was, now): number for (was, now), number in flow.cells.items() if was != now}
    moves = {cell: number for cell, number in moves.items() if not {NONE, NEW, GONE} & set(cell)} or moves
    if moves:
        was, now = max(moves, key=lambda cell: moves[cell])
        began = time.perf_counter()
        found = customers_of(query, [was], [now]).order_by("sort_key", "pk").values_list("pk", flat=True)
        rows = len(found[:COUNT_LIMIT])
        taken = time.perf_counter() - began
        yield _line(f"{NAME}: customers of its largest move", customers, rows, taken, CELL, 0)


def _line(name: str, customers: int, rows: int, taken: float, longest: int, memory: int) -> Bulk:
    most = longest * max(customers, MILLION) / MILLION
    return Bulk(name, customers, rows, taken, memory, aim=f"≤ {longest} s", is_missed=taken > most)
