"""The columns of leads, on screen and in exports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.leads import cells
from core import cells as core_cells
from core.tables import Column, Table, Total

LEAD_TABLE = Table(
    (
        Column(
            "take_by", _("Claim by"), "lead.take_by", sort="lead__take_by",
            cell=cells.take_by, long=True,
        ),
        Column("title", pgettext_lazy("activity", "Title"), link=True, grow=True),
        Column("customer", _("Customer"), cell=core_cells.link, long=True),
        Column(
            "value", _("Estimated value"), "lead.value", sort="lead__value", numeric=True,
            cell=core_cells.whole_euros,
            total=Total("lead__value", _("Estimated values of all leads that match, in euros without VAT")),
        ),
        Column(
            "state", _("State"), "lead.get_state_display", cell=cells.state, inline="status", long=True,
            export=lambda row: row.lead.get_state_display(), sql="lead.get_state_display",
        ),
        Column("source", _("Source"), "lead.source", wide=True),
        Column("taken_by", _("Claimed by"), "lead.taken_by", wide=True),
        Column(
            "start", pgettext_lazy("lead", "Opened"), sort="start", cell=core_cells.ago,
            wide=True,
        ),
        Column("need", _("Need"), "lead.need", shown=False, wide=True),
        Column("offered_to", _("Offered to"), "lead.offered_to", shown=False, wide=True),
        Column("taken_at", pgettext_lazy("column", "Claimed"), "lead.taken_at", shown=False, wide=True),
        Column("close_reason", _("Reason for closing"), "lead.close_reason", shown=False, wide=True),
        Column("state_reason", _("Explanation"), "lead.state_reason", shown=False, wide=True),
        Column("created_by", _("Opened by"), shown=False, wide=True),
    ),
    "take_by",
    ("take_by", "customer", "state"),
)  # fmt: skip
