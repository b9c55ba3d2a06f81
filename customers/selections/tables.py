"""Columns of the list of selections."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.tables import Column, Table
from customers.selections import cells


def _words_sql(user: Any) -> Any:
    return F("words_en" if get_language() == "en" else "words_fi")


SELECTIONS = Table(
    (
        Column("name", _("Selection"), sort="sort_key", link=True),
        Column("folder", _("Folder"), wide=True),
        Column("words", _("Condition"), sql=_words_sql, grow=True, wide=True),
        Column("of", _("Rows"), "get_of_display", cell=cells.rows),
        Column("kind", _("Kind"), "get_kind_display", wide=True),
        Column("sharing", _("Who sees it"), "get_sharing_display", cell=cells.shared, wide=True),
        Column("owner", pgettext_lazy("selection", "Owner"), wide=True),
        Column("updated", _("Changed"), "updated_at", sort="updated_at", cell=core_cells.short_date, wide=True),
    ),
    default_sort="name",
    facts=("of", "sharing", "updated"),
)
