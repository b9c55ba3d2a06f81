"""Reports of orders: recurring buyers, and product groups by segment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from offers.products.money import ZERO
from offers.sales.charts import Chart, Series, figures
from offers.sales.reports.tables import COUNT, DATE, EUROS, PERCENT, TEXT, ReportColumn, ReportTable, columns_of
from offers.sales.selectors.buyers import (
    LINELESS,
    TAILORED,
    UNGROUPED,
    buyers_by_times,
    groups_by_segment,
    recurring_buyers,
)
from offers.sales.selectors.reports import ReportQuery, percent

# Recurring buyers


def recurring(query: ReportQuery) -> list[ReportTable]:
    return [_times_table(query), _buyers_table(query)]


def _times_table(query: ReportQuery) -> ReportTable:
    classes = buyers_by_times(query)
    columns = columns_of(
        ("times", _("Orders in the period"), TEXT),
        ("customers", _("Customers"), COUNT),
        ("orders", _("Orders"), COUNT),
        ("net", pgettext("orders", "Value"), EUROS),
        ("share", _("Share of the value"), PERCENT),
    )
    value = sum((row.net for row in classes), ZERO)
    labels = [_("One"), _("Two"), _("3–5"), _("More than five")]
    rows = [
        [text, row.customers, row.orders, row.net, percent(row.net, value)]
        for text, row in zip(labels, classes, strict=True)
    ]
    total = [_("Total"), sum(row.customers for row in classes), sum(row.orders for row in classes), value, None]
    label = _("How often customers buy")
    series = [
        Series(_("Customers"), [row.customers for row in classes]),
        Series(pgettext("orders", "Value"), figures([row.net for row in classes]), EUROS, line=True),
    ]
    return ReportTable("times", label, columns, rows, total, Chart(label, labels, series))


def _buyers_table(query: ReportQuery) -> ReportTable:
    columns = columns_of(
        ("customer", _("Customer"), TEXT),
        ("orders", _("Orders"), COUNT),
        ("net", pgettext("orders", "Value"), EUROS),
        ("first", _("First in the period"), DATE),
        ("last", _("Last in the period"), DATE),
    )
    rows: list[list[Any]] = [
        [row.customer, row.orders, row.net, row.first, row.last] for row in recurring_buyers(query)
    ]
    return ReportTable("buyers", _("Recurring buyers"), columns, rows)


# Product groups and segments


def segments(query: ReportQuery) -> list[ReportTable]:
    matrix = groups_by_segment(query)
    special = {
        TAILORED: _("Tailored"), UNGROUPED: _("Products without a group"), LINELESS: _("Orders without lines"),
    }  # fmt: skip
    names = [str(segment) if segment else _("No segment") for segment in matrix.segments]
    columns = [
        ReportColumn("group", _("Product group"), TEXT),
        *(ReportColumn(f"segment_{segment.code if segment else 'none'}", name, EUROS)
          for segment, name in zip(matrix.segments, names, strict=True)),
        ReportColumn("total", _("Total"), EUROS),
    ]  # fmt: skip
    labels = [special[key] if isinstance(key, str) else str(key) for key, _sums in matrix.rows]
    rows = [[label, *sums, sum(sums, ZERO)] for label, (_key, sums) in zip(labels, matrix.rows, strict=True)]
    totals = matrix.totals
    series = [
        Series(name, figures([sums[at] for _key, sums in matrix.rows]), EUROS, stack="net")
        for at, name in enumerate(names)
        if totals[at]
    ]
    label = _("Orders by product group and segment")
    chart = Chart(label, labels, series, horizontal=True)
    return [
        ReportTable("segments", label, columns, rows, [_("Total"), *totals, sum(totals, ZERO)], chart, is_wide=True)
    ]
