"""The columns of occurrences, on screen and in files."""

from __future__ import annotations

from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.following import cells
from careplans.following.models import CareOccurrence
from careplans.following.strip import Strip, strips_of
from careplans.plans import cells as plan_cells
from core import cells as core_cells
from core import clock
from core.export_sql import path_sql
from core.tables import Column, Table
from customers import cells as customer_cells
from customers.tables import LETTERS, owner_sql, segment_letter


def _name_sql(user: Any) -> Any:
    names = [NullIf(path_sql(CareOccurrence, name), Value("")) for name in ("action", "own_action", "task")]
    return Coalesce(*names, F("code"), output_field=TextField())


OCCURRENCES = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.customer, long=True, sql="customer.name"),
        Column("action", _("Care action"), "name", cell=cells.action, long=True, sql=_name_sql),
        Column("first", _("Window opens"), cell=core_cells.short_date, wide=True),
        Column("due", _("Due"), sort="due", cell=core_cells.short_date),
        Column("last", _("Last day"), sort="last", cell=core_cells.short_date, wide=True),
        Column("state", _("State"), "get_state_display", cell=cells.state),
        Column("done", pgettext_lazy("care occurrence", "Done"), "done_on", cell=cells.done),
        Column("holder", _("Who has it"), "user", cell=cells.holder, wide=True),
        Column("team", _("Team"), wide=True, shown=False),
        Column("unit", _("Unit"), wide=True, shown=False),
        Column("segment", _("Segment"), wide=True, shown=False),
        Column("group", _("Customer group"), "node", wide=True, shown=False),
        Column("care_model", _("Care model"), wide=True, shown=False),
        Column("scope", _("Direction"), "get_scope_display", wide=True, shown=False),
        Column("is_mandatory", _("Mandatory"), wide=True, shown=False),
    ),
    "due",
    ("action", "due", "state"),
)  # fmt: skip


def _strip(row: Any) -> Strip:
    """Return the strip of a customer; a page reads those of all of its rows at once."""
    if not hasattr(row, "strip"):
        row.strip = strips_of([row.pk], clock.today())[row.pk]
    found: Strip = row.strip
    return found


CONTACTS = Table(
    (
        Column("name", _("Customer"), sort="sort_key", cell=plan_cells.plan_link, long=True),
        Column("segment", _("Segm."), segment_letter, cell=customer_cells.segment,
               sql=lambda user: Left("summary__segment__code", LETTERS)),
        Column("strip", _("Contact in 52 weeks"), _strip, cell=cells.strip, export=lambda row: _strip(row).text,
               wide=True),
        Column("overdue_since", _("Contact overdue since"), "care_status.overdue_since", cell=cells.overdue),
        Column("last_contact", pgettext_lazy("column", "Last contact"), "summary.last_contact_at",
               sort="summary__last_contact_at", cell=core_cells.ago),
        Column("next_contact", pgettext_lazy("column", "Next contact"), "summary.next_contact_at",
               sort="summary__next_contact_at", cell=core_cells.day, wide=True),
        Column("next_due", _("Next due"), "care_status.next_due", cell=core_cells.short_date, wide=True),
        Column("owner", _("Owner"), "summary.owner", cell=customer_cells.owner, wide=True,
               export=customer_cells.owner_text, sql=lambda user: owner_sql()),
    ),
    "name",
    ("segment", "overdue_since", "last_contact"),
)  # fmt: skip
