"""The columns of occurrences, on screen and in files."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.following import cells
from careplans.following.filters import NOBODY, holder_choices
from careplans.following.labels import holder_words
from careplans.following.models import CareOccurrence
from careplans.plans import cells as plan_cells
from core import cells as core_cells
from core.export_sql import path_sql
from core.tables import Column, Table
from customers import cells as customer_cells
from customers.tables import LETTERS, owner_sql, segment_letter


def _name_sql(user: Any) -> Any:
    names = [NullIf(path_sql(CareOccurrence, name), Value("")) for name in ("action", "own_action", "task")]
    return Coalesce(*names, F("code"), output_field=TextField())


def _holder_sql(user: Any) -> Any:
    """Return :func:`cells.holder_text`."""
    together = [When(holder=key, then=Value(holder_words(key))) for key, _label in holder_choices() if key != NOBODY]
    of_team = Coalesce(path_sql(CareOccurrence, "team"), path_sql(CareOccurrence, "unit"), F("holder"))
    return Case(
        When(user__isnull=False, then=path_sql(CareOccurrence, "user")),
        When(holder__startswith="team:", then=of_team),
        When(holder="", then=Value(holder_words(""))),
        *together,
        default=F("holder"),
        output_field=TextField(),
    )


OCCURRENCES = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.customer, long=True, sql="customer.name"),
        Column("action", _("Care action"), "name", cell=cells.action, long=True, sql=_name_sql),
        Column("first", _("Window opens"), cell=core_cells.short_date, wide=True),
        Column("due", _("Due"), sort="due", cell=core_cells.short_date),
        Column("last", _("Last day"), sort="last", cell=core_cells.short_date, wide=True),
        Column("state", _("State"), "get_state_display", cell=cells.state),
        Column("done", pgettext_lazy("care occurrence", "Done"), "done_on", cell=cells.done),
        Column("holder", _("Who has it"), "user", cell=cells.holder, wide=True, export=cells.holder_text,
               sql=_holder_sql),
        Column("team", _("Team"), wide=True, shown=False),
        Column("unit", _("Unit"), wide=True, shown=False),
        Column("segment", _("Segment"), wide=True, shown=False),
        Column("group", _("Customer group"), "node", wide=True, shown=False),
        Column("care_model", _("Care model"), wide=True, shown=False),
        Column("scope", _("Direction"), "get_scope_display", wide=True, shown=False),
        Column("is_mandatory", _("Mandatory"), wide=True, shown=False),
        Column("hours", _("Hours"), cell=cells.hours, numeric=True, wide=True, shown=False),
    ),
    "last",
    ("action", "due", "state"),
)  # fmt: skip


STRIP = Column(
    "strip", _("Contact in 52 weeks"), lambda row: "", cell=cells.strip, wide=True, sql=lambda user: Value("")
)  # fmt: skip
CONTACTS = Table(
    (
        Column("name", _("Customer"), sort="sort_key", cell=plan_cells.plan_link, long=True),
        Column("segment", _("Segm."), segment_letter, cell=customer_cells.segment,
               sql=lambda user: Left("summary__segment__code", LETTERS)),
        STRIP,
        Column("overdue_since", _("Overdue since"), "care_status.overdue_since", cell=cells.overdue),
        Column("last_contact", pgettext_lazy("column", "Last contact"), "summary.last_contact_at",
               sort="summary__last_contact_at", cell=core_cells.ago),
        Column("next_contact", pgettext_lazy("column", "Next contact"), "summary.next_contact_at",
               sort="summary__next_contact_at", cell=core_cells.day, wide=True),
        Column("next_due", _("Next due"), "care_status.next_due", cell=cells.day, wide=True),
        Column("owner", _("Owner"), "summary.owner", cell=customer_cells.owner, wide=True,
               export=customer_cells.owner_text, sql=lambda user: owner_sql()),
    ),
    "name",
    ("segment", "overdue_since", "last_contact"),
)  # fmt: skip
