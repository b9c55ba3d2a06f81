"""The columns of absences, on screen and in exports."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.work import cells
from careplans.work.models import Absence
from careplans.work.querysets import told_to
from core import cells as core_cells
from core.export_sql import path_sql
from core.tables import Column, Table


def _if_told(path: str) -> Any:
    """Return what says a text of an absence to those who know the reason."""

    def sql(user: Any) -> Any:
        known = told_to(user)
        text = Coalesce(path_sql(Absence, path), Value(""))
        return Case(When(known, then=text), default=Value("")) if known else text

    return sql


ABSENCES = Table(
    (
        Column("person", _("Person"), "person", long=True),
        Column("first", pgettext_lazy("absence", "From"), "first", sort="first", cell=core_cells.day),
        Column("last", pgettext_lazy("absence", "To"), "last", cell=core_cells.day),
        Column("kind", _("Type"), lambda row: str(row.kind) if row.is_told else "", sql=_if_told("kind"), wide=True),
        Column("substitute", _("Substitute"), "substitute", long=True),
        Column("note", _("Note"), lambda row: row.note if row.is_told else "", sql=_if_told("note"), long=True,
               wide=True, shown=False),
        Column("steps", _("Change"), lambda row: "", cell=cells.steps, sql=lambda user: Value("")),
    ),
    "-first",
    ("first", "last", "steps"),
)  # fmt: skip


def _listed(row: Any) -> str:
    """Return the name of the list on the page, its key in a file."""
    return getattr(row, "list_words", row.list_key)


LISTED = Table(
    (
        Column("work", _("Work"), str, cell=cells.work_link, long=True, sql=lambda user: F("written_title")),
        Column("customer", _("Customer"), "customer", long=True, sql="customer.name"),
        Column("list", _("Shared list"), _listed, long=True, sql=lambda user: F("list_key")),
        Column("due", _("Due"), "due", sort="due", cell=core_cells.day),
        Column("since", _("Waits since"), "listed_on", cell=core_cells.day, wide=True),
        Column("steps", _("Claim"), lambda row: "", cell=cells.claim, sql=lambda user: Value("")),
    ),
    "due",
    ("customer", "due", "steps"),
)
