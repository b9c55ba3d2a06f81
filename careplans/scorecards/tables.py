"""The columns of scorecards, on screen and in files."""

from __future__ import annotations

from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.scorecards import cells
from core import cells as core_cells
from core.tables import Column, Table


def _subject_sql(user: Any) -> Any:
    return Coalesce(F("customer__name"), F("team__name"), Value(str(_("Customer strategy"))), output_field=TextField())


SCORECARDS = Table(
    (
        Column("subject", _("Scorecard"), cell=cells.subject, long=True, sql=_subject_sql),
        Column("year", _("Year"), sort="year"),
        Column("kind", _("Type"), "get_kind_display"),
        Column("status", _("Status"), "get_status_display", cell=cells.status),
        Column("responsible", pgettext_lazy("scorecard", "Responsible"), wide=True),
        Column("approved_by", _("Approved by"), wide=True),
        Column("approved_at", pgettext_lazy("when", "Approved"), cell=core_cells.day, wide=True),
    ),
    "-year",
    ("year", "kind", "status"),
)  # fmt: skip
