"""What reports are made of: tables of values with their units, and how much of one stands on the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import ngettext

from offers.sales.charts import Chart
from offers.sales.selectors.reports import ReportQuery

#: Rows of a long table on the screen; a file has all.
SHOWN = 100
TEXT, COUNT, EUROS, PERCENT, DAYS, DATE = "text", "count", "euros", "percent", "days", "date"


@dataclass(frozen=True)
class ReportColumn:
    name: str
    label: Any
    unit: str = COUNT

    @property
    def is_numeric(self) -> bool:
        return self.unit not in (TEXT, DATE)


@dataclass(frozen=True)
class ReportTable:
    """Rows of values in the order of ``columns``; the first one says what the row is about, ``total`` stands below."""

    name: str
    label: Any
    columns: Sequence[ReportColumn]
    rows: list[list[Any]]
    total: list[Any] | None = None
    chart: Chart | None = None
    note: str = ""
    is_wide: bool = False

    @property
    def lines(self) -> list[list[Any]]:
        """All rows as a file has them."""
        return [*self.rows, *([self.total] if self.total else [])]


@dataclass(frozen=True)
class Report:
    """What a report is called, what its figures mean, and how they are computed for a query."""

    name: str
    title: Any
    text: Any
    make: Callable[[ReportQuery], list[ReportTable]]
    #: Filters that do not concern it.
    without: frozenset[str] = field(default_factory=frozenset)


def columns_of(*columns: tuple[str, Any, str]) -> list[ReportColumn]:
    return [ReportColumn(*column) for column in columns]


def shown_part(table: ReportTable) -> str:
    """Say how much of a long table is on the screen; nothing where all of it is."""
    if len(table.rows) <= SHOWN:
        return ""
    text = ngettext("The first %(shown)d of %(count)d row.", "The first %(shown)d of %(count)d rows.", len(table.rows))
    return text % {"shown": SHOWN, "count": len(table.rows)}
