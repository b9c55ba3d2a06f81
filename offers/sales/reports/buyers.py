"""Reports of orders: recurring buyers, and product groups by segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from offers.orders.filters import TIMES
from offers.products.money import ZERO
from offers.sales.charts import Chart, Series, figures
from offers.sales.reports.links import orders_url
from offers.sales.reports.tables import COUNT, DATE, EUROS, PERCENT, TEXT, ReportColumn, ReportTable, columns_of
from offers.sales.selectors.buyers import (
    LINELESS,
    TAILORED,
    UNGROUPED,
    SegmentMatrix,
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
        Series(_("Customers"), [row.customers for row in classes], column="customers"),
        Series(pgettext("orders", "Value"), figures([row.net for row in classes]), EUROS, line=True, column="net"),
    ]
    links = [_order_links(query, "times", times=times) for times in TIMES]
    chart = Chart(label, labels, series)
    return ReportTable("times", label, columns, rows, total, chart, links=links, total_links=_order_links(query))


def _order_links(query: ReportQuery, head: str = "", **filters: Any) -> dict[str, str]:
    """Return the list of the orders that a row is about, for its name and its figures."""
    names = [name for name in (head, "customers", "orders", "net") if name]
    return dict.fromkeys(names, orders_url(query, **filters))


def _buyers_table(query: ReportQuery) -> ReportTable:
    columns = columns_of(
        ("customer", _("Customer"), TEXT),
        ("orders", _("Orders"), COUNT),
        ("net", pgettext("orders", "Value"), EUROS),
        ("first", _("First in the period"), DATE),
        ("last", _("Last in the period"), DATE),
    )
    buyers = recurring_buyers(query)
    rows: list[list[Any]] = [[row.customer, row.orders, row.net, row.first, row.last] for row in buyers]
    links = [_order_links(query, customer=row.customer.pk) for row in buyers]
    return ReportTable("buyers", _("Recurring buyers"), columns, rows, links=links)


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
        Series(
            name,
            figures([sums[at] for _key, sums in matrix.rows]),
            EUROS,
            stack="net",
            column=columns[at + 1].name,
        )
        for at, name in enumerate(names)
        if totals[at]
    ]
    label = _("Orders by product group and segment")
    chart = Chart(label, labels, series, horizontal=True)
    total = [_("Total"), *totals, sum(totals, ZERO)]
    links = [_group_links(query, matrix, columns, key) for key, _sums in matrix.rows]
    whole = _group_links(query, matrix, columns, None)
    return [ReportTable("segments", label, columns, rows, total, chart, is_wide=True, links=links, total_links=whole)]


def _group_links(
    query: ReportQuery, matrix: SegmentMatrix, columns: Sequence[ReportColumn], key: Any
) -> dict[str, str]:
    """Return the lists of the orders with a product of a group, by segment; without a ``key``, of all groups.

    What belongs to no group has no list.
    """
    if isinstance(key, str):
        return {}
    group = {"group": key.pk} if key else {}
    segments = [{"segment": node.pk} if node else {"no_segment": "true"} for node in matrix.segments]
    links = {
        column.name: orders_url(query, **group, **segment)
        for column, segment in zip(columns[1:-1], segments, strict=True)
    }
    return links | dict.fromkeys(["group", "total"] if key else ["total"], orders_url(query, **group))
