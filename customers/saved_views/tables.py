"""Columns of the list of saved views."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.tables import Column, Table
from customers.saved_views import cells
from customers.saved_views.lists import list_label


def _words_sql(user: Any) -> Any:
    return F("words_en" if get_language() == "en" else "words_fi")


VIEWS = Table(
    (
        Column("name", _("Saved view"), sort="sort_key", link=True),
        Column("list", _("List"), "list_label", cell=cells.rows, sql="list", finish=list_label),
        Column("folder", _("Folder"), wide=True),
        Column("words", pgettext_lazy("view", "Shows"), sql=_words_sql, grow=True, wide=True),
        Column("sharing", _("Who sees it"), "get_sharing_display", cell=cells.shared, wide=True),
        Column("owner", pgettext_lazy("selection", "Owner"), wide=True),
        Column("updated", _("Changed"), "updated_at", sort="updated_at", cell=core_cells.short_date, wide=True),
    ),
    default_sort="name",
    facts=("list", "sharing", "updated"),
)
