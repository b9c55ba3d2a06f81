"""Figures of requests and of bulk work, what they ought to be, and both as Markdown tables."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.bench.client import BARE_CASE, Caller, Case, Crowd
from demo.bench.server import Server

LONGEST = 20.0  # seconds for all rounds of one measure
FEWEST = 5
RATE_SECONDS = 1.5
TOO_SLOW = 2_000  # milliseconds: eight at once would wait for a minute


@dataclass(frozen=True)
class Figures:
    """Milliseconds."""

    median: float
    p95: float


@dataclass(frozen=True)
class Result:
    """What was measured of one request. ``bare`` and ``bare_rate`` are the bare view's in the same seconds.

    ``cpu`` is the median of the processor milliseconds of server and database: on a busy machine it says more.
    """

    name: str
    customers: int
    page: Figures
    cpu: float
    rate: float | None
    queries: int | None
    wire: int
    size: int
    memory: int
    bare: Figures
    bare_rate: float | None

    @property
    def times_bare(self) -> float:
        return self.page.median / self.bare.median

    @property
    def rate_share(self) -> float | None:
        return self.rate / self.bare_rate if self.rate and self.bare_rate else None


@dataclass(frozen=True)
class Aim:
    """What a request may take; what is None is not asked. ``rate`` is a share of the bare view's requests/s."""

    bare: float | None = None
    ms: float | None = None
    queries: int | None = None
    rate: float | None = None
    kilobytes: float | None = None

    def __str__(self) -> str:
        words = (
            (self.bare, "≤ {:g} ×"),
            (self.ms, "≤ {:g} ms"),
            (self.queries, "≤ {:g} queries"),
            (self.rate, "≥ {:.2f} of its requests/s"),
            (self.kilobytes, "≤ {:g} kB"),
        )
        return ", ".join(text.format(value) for value, text in words if value is not None)

    def misses(self, result: Result) -> list[str]:
        """Return what misses, each with how many times it is over."""
        over = (
            ("×", result.times_bare, self.bare),
            ("ms", result.page.median, self.ms),
            ("queries", result.queries, self.queries),
            ("requests/s", self.rate, result.rate_share),
            ("kB", result.size / 1000, self.kilobytes),
        )
        return [f"{name} {value / limit:.1f}" for name, value, limit in over if value and limit and value > limit]


@dataclass(frozen=True)
class Bulk:
    """Work on many rows. ``aim`` is what it ought to be, in words, and ``is_missed`` whether it is not."""

    name: str
    customers: int
    rows: int
    seconds: float
    memory: int
    floor: float | None = None
    aim: str = ""
    is_missed: bool = False


@dataclass(frozen=True)
class Pairs:
    """How the pairs of filters of one list did; times in seconds."""

    name: str
    customers: int
    count: int
    slow: int
    worst: str
    worst_seconds: float
    median: float


class Bench:
    """Measures requests of one signed-in user, each beside the bare view."""

    def __init__(self, server: Server, cookie: str, customers: int, rounds: int) -> None:
        self.server, self.customers, self.rounds = server, customers, rounds
        self.caller, self.crowd = Caller(server.port, cookie), Crowd(server.port, cookie)

    def measure(self, case: Case) -> Result:
        """Return the figures of a case: first one that counts, then rounds beside the bare view, then eight at once."""
        first = self.caller.send(case, counted=case is not BARE_CASE)
        self.server.reset_memory()
        page, cpu, bare = self._timed(case)
        rate, bare_rate = self._rates(case) if page.median < TOO_SLOW else (None, None)
        return Result(
            name=case.name,
            customers=self.customers,
            page=page,
            cpu=cpu,
            rate=rate,
            queries=first.queries,
            wire=first.wire,
            size=first.size,
            memory=self.server.memory(),
            bare=bare,
            bare_rate=bare_rate,
        )

    def _timed(self, case: Case) -> tuple[Figures, float, Figures]:
        """Return the times of the case, its processor time and the times of the bare view; fewer if they take long."""
        taken: list[float] = []
        cpu: list[float] = []
        bare: list[float] = []
        while len(taken) < self.rounds and (len(taken) < FEWEST or sum(taken) < LONGEST):
            before = self.server.cpu()
            taken.append(self.caller.send(case).seconds)
            cpu.append(self.server.cpu() - before)
            bare.append(self.caller.send(BARE_CASE).seconds)
        page = figures(taken)
        return page, statistics.median(cpu) * 1000, page if case is BARE_CASE else figures(bare)

    def _rates(self, case: Case) -> tuple[float | None, float | None]:
        """Return requests/s of the case and of the bare view; what writes is not asked by eight."""
        if case.form is not None:
            return None, None
        rate = self.crowd.rate(case, RATE_SECONDS)
        return rate, rate if case is BARE_CASE else self.crowd.rate(BARE_CASE, RATE_SECONDS)

    def close(self) -> None:
        self.caller.close()
        self.crowd.close()


def figures(seconds: list[float]) -> Figures:
    """Return median and 95th percentile."""
    worst = statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Figures(statistics.median(seconds) * 1000, worst * 1000)


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
    "| request | customers | median ms | p95 ms | CPU ms | × bare | requests/s | of bare | queries | kB sent | kB "
    "| memory MB | aim | missed by × |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|---|",
)
BULK_HEAD = (
    "| work | customers | rows | seconds | rows/s | memory MB | floor s | × floor | aim | |",
    "|---|--:|--:|--:|--:|--:|--:|--:|---|---|",
)


PAIRS_HEAD = (
    "| pairs of filters | customers | pairs | too slow | median ms | slowest ms | slowest pair | aim | missed by × |",
    "|---|--:|--:|--:|--:|--:|---|---|---|",
)
PAIRS_LIMIT = 0.5  # seconds


def tables(results: Iterable[Result | Pairs | Bulk], aim_of: Callable[[str], Aim | None]) -> str:
    """Return the tables of requests, of pairs of filters and of bulk work; an aim that is missed is marked."""
    requests, pairs, bulk = [], [], []
    for result in results:
        if isinstance(result, Result):
            requests.append(_line(result, aim_of(result.name) or Aim()))
        elif isinstance(result, Pairs):
            pairs.append(_pairs_line(result))
        else:
            bulk.append(_bulk_line(result))
    parts = ((HEAD, requests), (PAIRS_HEAD, pairs), (BULK_HEAD, bulk))
    return "\n\n".join("\n".join([*head, *lines]) for head, lines in parts if lines)


def _line(result: Result, aim: Aim) -> str:
    misses = aim.misses(result)
    share = result.rate_share
    cells = [
        result.name,
        f"{result.customers:,}",
        _number(result.page.median),
        _number(result.page.p95),
        _number(result.cpu),
        f"{result.times_bare:.1f}",
        "" if result.rate is None else f"{result.rate:.1f}",
        "" if share is None else f"{share:.2f}",
        "" if result.queries is None else str(result.queries),
        f"{result.wire / 1000:.1f}",
        f"{result.size / 1000:.1f}",
        str(result.memory),
        str(aim),
        f"**{', '.join(misses)}**" if misses else "",
    ]
    return "| " + " | ".join(cells) + " |"


def _pairs_line(pairs: Pairs) -> str:
    cells = [
        pairs.name,
        f"{pairs.customers:,}",
        str(pairs.count),
        str(pairs.slow),
        _number(pairs.median * 1000),
        _number(pairs.worst_seconds * 1000),
        pairs.worst,
        f"≤ {PAIRS_LIMIT * 1000:.0f} ms",
        f"**{pairs.worst_seconds / PAIRS_LIMIT:.1f}**" if pairs.slow else "",
    ]
    return "| " + " | ".join(cells) + " |"


def _bulk_line(work: Bulk) -> str:
    cells = [
        work.name,
        f"{work.customers:,}",
        f"{work.rows:,}",
        f"{work.seconds:,.1f}",
        f"{work.rows / work.seconds:,.0f}",
        str(work.memory),
        "" if not work.floor else f"{work.floor:,.1f}",
        "" if not work.floor else f"{work.seconds / work.floor:.1f}",
        work.aim,
        "**missed**" if work.is_missed else "",
    ]
    return "| " + " | ".join(cells) + " |"


def _number(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"
