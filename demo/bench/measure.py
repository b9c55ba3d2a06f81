"""Times, queries and memory of one request, the floors under it, and the results as a Markdown table."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client, override_settings

from demo.bench import bare

LONGEST = 20.0  # seconds for all rounds of one measure
FEWEST = 5


@dataclass(frozen=True)
class Figures:
    """Milliseconds."""

    median: float
    p95: float


@dataclass(frozen=True)
class Result:
    name: str
    customers: int
    page: Figures
    queries: int | None
    memory: int
    sql: Figures | None = None
    bare: Figures | None = None


@dataclass(frozen=True)
class Case:
    """A request to measure. ``send`` makes it with a signed-in client; ``status`` is the good answer."""

    name: str
    send: Callable[[Client], Any]
    status: int = 200


@dataclass
class Recorder:
    """Notes every query that Django sends."""

    queries: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries.append((sql, params))
        return execute(sql, params, many, context)

    def main(self) -> tuple[str, Any] | None:
        """Return the longest statement that reads rows or, where something was written, the longest insert."""
        inserts = [query for query in self.queries if query[0].startswith("INSERT")]
        reads = [query for query in self.queries if re.match(r"\(?SELECT", query[0])]
        return max(inserts or reads, key=lambda query: len(query[0]), default=None)


def measure(case: Case, client: Client, customers: int, rounds: int) -> Result:
    """Return the figures of a case: first a round to warm up and to see its queries, then the timed rounds."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        _send(case, client)
    with peak_memory() as memory:
        page = timed(lambda: _send(case, client), rounds)
    main = recorder.main()
    return Result(
        name=case.name,
        customers=customers,
        page=page,
        queries=sum(not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN")) for sql, _params in recorder.queries),
        memory=memory(),
        sql=timed(lambda: run_bare(*main), rounds) if main else None,
        bare=_bare_page(main, rounds) if main and not main[0].startswith("INSERT") else None,
    )


def _send(case: Case, client: Client) -> None:
    response = case.send(client)
    if response.status_code != case.status:
        raise RuntimeError(f"{case.name}: answered {response.status_code} instead of {case.status}")


def timed(action: Callable[[], Any], rounds: int) -> Figures:
    """Return median and 95th percentile of so many rounds, fewer when they take long."""
    taken: list[float] = []
    while len(taken) < rounds and (len(taken) < FEWEST or sum(taken) < LONGEST):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    worst = statistics.quantiles(taken, n=20, method="inclusive")[-1] if len(taken) > 1 else taken[0]
    return Figures(statistics.median(taken) * 1000, worst * 1000)


def run_bare(sql: str, params: Any) -> list[Any]:
    """Run a statement with psycopg2 alone; what it writes is taken back."""
    with transaction.atomic(), connection.connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
        transaction.set_rollback(sql.startswith("INSERT"))
    return rows


def _bare_page(main: tuple[str, Any], rounds: int) -> Figures:
    """Time a Django view without middleware that runs the main query and puts its rows into a plain table."""
    bare.query = main
    with override_settings(ROOT_URLCONF="demo.bench.bare", MIDDLEWARE=[]):
        client = Client()
        return timed(lambda: client.get("/"), rounds)


@contextmanager
def peak_memory() -> Iterator[Callable[[], int]]:
    """Yield a function that returns this process's largest resident size (MB) from here on; 0 where it is not known."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        yield lambda: 0
        return
    yield _largest


def _largest() -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


HEAD = (
    "| what | customers | median ms | p95 ms | queries | memory MB | bare SQL ms | × | bare Django ms | × |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
)


def table(results: Iterable[Result]) -> str:
    """Return the table; × is how many times longer the product takes than the floor before it."""
    return "\n".join([*HEAD, *map(_table_line, results)])


def _table_line(result: Result) -> str:
    cells = [
        result.name,
        f"{result.customers:,}",
        _number(result.page.median),
        _number(result.page.p95),
        "" if result.queries is None else str(result.queries),
        str(result.memory),
        *_beside(result.page, result.sql),
        *_beside(result.page, result.bare),
    ]
    return "| " + " | ".join(cells) + " |"


def _beside(page: Figures, floor: Figures | None) -> tuple[str, str]:
    if floor is None:
        return "", ""
    return _number(floor.median), f"{page.median / floor.median:.1f}"


def _number(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"
