"""The columns of proposals, on screen and in exports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.tables import Column, Table
from segmentation.membership import cells

PROPOSALS = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.customer, long=True, sql="customer.name"),
        Column("segment", _("To segment"), "segment", long=True),
        Column("from_segment", _("From segment"), "from_segment", long=True, wide=True),
        Column("leaver", _("Makes room"), "leaver", long=True, wide=True),
        Column("status", _("Status"), "get_status_display", cell=cells.status),
        Column("proposed_by", _("Proposed by"), "proposed_by", wide=True),
        Column("proposed_at", _("Proposed"), "proposed_at", sort="proposed_at", cell=core_cells.ago),
        Column("reason", _("Reason"), "reason", wide=True),
        Column("text", _("Explanation"), "text", long=True, wide=True, shown=False),
        Column("decided_by", _("Decided by"), "decided_by", wide=True, shown=False),
        Column("decided_at", _("Decided"), "decided_at", wide=True, shown=False, cell=core_cells.day),
    ),
    "-proposed_at",
    ("segment", "status", "proposed_at"),
)
