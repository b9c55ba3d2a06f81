"""The list of customers with their metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.metrics import Metric, fixed_metrics
from core.tables import Column, Table
from customers import cells
from customers.tables import CUSTOMERS
from segmentation.metrics.columns import missing_of, missing_sql, rounded, value_of
from segmentation.metrics.selectors import needed_metrics
from segmentation.metrics.texts import value_text
from segmentation.metrics.value_mode import without_value

SHOWN = ("personnel", "ordered_12", "contacts_12", "days_since_contact")
NAME, OWNER = (next(column for column in CUSTOMERS.columns if column.name == name) for name in ("name", "owner"))


def _figure_cell(value: Any, row: Any, *, metric: Metric) -> str:
    return "–" if value is None else value_text(metric, value)


def metric_column(metric: Metric) -> Column:
    return Column(
        metric.code,
        metric.label,
        partial(value_of, metric=metric),
        cell=partial(_figure_cell, metric=metric),
        numeric=True,
        shown=metric.code in SHOWN,
        wide=True,
        sql=lambda user: rounded(metric.code, "metrics__values", metric.unit.digits),
    )


def metrics_table(metrics: Iterable[Metric]) -> Table:
    """Return the table of customers with these metrics as columns, and what is missing."""
    shown: Sequence[Metric] = [metric for metric in metrics if not metric.is_helper]
    needed = needed_metrics(shown)
    missing = Column(
        "missing",
        _("Missing information"),
        lambda row: missing_of(row, needed),
        cell=core_cells.joined,
        export=lambda row: ", ".join(missing_of(row, needed)),
        long=True,
        sql=lambda user: missing_sql(needed),
    )
    return Table(
        (
            Column("name", _("Customer"), sort="sort_key", cell=cells.name, link=True, long=True),
            Column(
                "owner", OWNER.label, OWNER.value, cell=OWNER.cell, wide=True, export=OWNER.export, sql=OWNER.sql
            ),
            missing,
            *(metric_column(metric) for metric in shown),
        ),
        default_sort="name",
        facts=("owner", "missing", "ordered_12"),
    )  # fmt: skip


def base_table() -> Table:
    """Return the table of the declared metrics without value figures."""
    return metrics_table(without_value(fixed_metrics()).values())
