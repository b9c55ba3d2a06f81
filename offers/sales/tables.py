"""The columns of the pipeline as a table, for screen and export."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import cells as core_cells
from core.tables import Column, Table
from offers.offers.tables import days_in_status_sql, likely_sql
from offers.sales import cells
from offers.sales.board import warnings_of

PIPELINE_TABLE = Table(
    (
        Column("number", _("Number"), link=True),
        Column("title", pgettext_lazy("offer", "Title"), link=True, grow=True),
        Column("customer", _("Customer"), cell=cells.customer, long=True),
        Column("status", _("Stage"), lambda offer: offer.get_status_display(), sql="get_status_display"),
        Column(
            "since", _("Days at stage"), "days_in_status", sort="status_since", numeric=True,
            cell=cells.days, sql=lambda user: days_in_status_sql(),
        ),
        Column("net", _("Value"), sort="net", numeric=True, cell=core_cells.whole_euros),
        Column("likely", pgettext_lazy("column", "Probab., %"), numeric=True, wide=True, sql=lambda user: likely_sql()),
        Column("weighted", _("Weighted value"), numeric=True, cell=core_cells.whole_euros, wide=True),
        Column("expected_close", _("Expected close"), sort="expected_close", cell=cells.expected),
        Column("valid_until", _("Valid until"), sort="valid_until", cell=cells.valid, shown=False, wide=True),
        Column("next_step", _("Next step"), cell=cells.next_step, long=True, wide=True),
        Column("owner", _("Account manager"), long=True, wide=True),
        Column("type", _("Type"), shown=False, wide=True),
        Column("warnings", _("Needs attention"), lambda offer: warnings_of(offer), shown=False, wide=True,
            cell=cells.warnings),
    ),
    "since",
    ("customer", "net", "expected_close"),
)  # fmt: skip
