"""The results as one Markdown table."""

from __future__ import annotations

from collections.abc import Iterable

from demo.bench.measure import Figures, Result

HEAD = (
    "| what | customers | median ms | p95 ms | queries | memory MB | bare SQL ms | × | bare Django ms | × |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
)


def table(results: Iterable[Result]) -> str:
    """Return the table; × is how many times longer the product takes than the floor before it."""
    return "\n".join([*HEAD, *map(_line, results)])


def _line(result: Result) -> str:
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
