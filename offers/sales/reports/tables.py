"""The parts of reports: tables of values with their units, and the part of a table that the screen shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import ngettext

from offers.sales.charts import Chart
from offers.sales.selectors.reports import ReportQuery

#: The number of rows of a long table on the screen; a file has all of them.
SHOWN = 100
TEXT, COUNT, EUROS, PERCENT, DAYS, DATE = "text", "count", "euros", "percent", "days", "date"
#: Per cent that are whole by their definition.
WHOLE_PERCENT = "whole_percent"


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
    """Rows of values in the order of ``columns``; the first value names the row, ``total`` is the last row."""

    name: str
    label: Any
    columns: Sequence[ReportColumn]
    rows: list[list[Any]]
    total: list[Any] | None = None
    chart: Chart | None = None
    note: str = ""
    is_wide: bool = False
    #: The lists of what the figures count, by the names of the columns, in the order of the rows.
    links: Sequence[Mapping[str, str]] = ()
    total_links: Mapping[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> Chart | None:
        """Return the chart with the addresses of its bars; its categories are rows of the table, by their names."""
        if self.chart is None:
            return None
        by_name = {str(row[0]): links for row, links in zip(self.rows, self.links, strict=False)}
        rows = list(self.links) if self.chart.is_of_time else [by_name.get(name, {}) for name in self.chart.categories]
        series = [
            replace(one, urls=[links.get(one.column, "") for links in rows]) if one.column and not one.urls else one
            for one in self.chart.series
        ]
        return replace(self.chart, series=series)

    @property
    def lines(self) -> list[list[Any]]:
        """Return all rows of the file, with the total."""
        return [*self.rows, *([self.total] if self.total else [])]


@dataclass(frozen=True)
class Report:
    """A report: its name and texts, and the function that makes its tables for a query."""

    name: str
    title: Any
    text: Any
    make: Callable[[ReportQuery], list[ReportTable]]
    #: The filters that do not apply to the report.
    without: frozenset[str] = field(default_factory=frozenset)


def columns_of(*columns: tuple[str, Any, str]) -> list[ReportColumn]:
    return [ReportColumn(*column) for column in columns]


def shown_part(table: ReportTable) -> str:
    """Return a sentence about the rows on the screen if they are only a part of the table, otherwise an empty text."""
    if len(table.rows) <= SHOWN:
        return ""
    text = ngettext("The first %(shown)d of %(count)d row.", "The first %(shown)d of %(count)d rows.", len(table.rows))
    return text % {"shown": SHOWN, "count": len(table.rows)}
