"""Columns and filters of bulk operations and of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, JSONArray
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import cells
from core.bulk.enums import BulkState, BulkStatus, BulkUndo
from core.bulk.models import BulkRow, BulkRun
from core.bulk.operations import operations
from core.filters import FilterSet, SearchFilter
from core.html import html
from core.tables import Column, Table
from core.templatetags import portaali

STATE_KINDS = {"done": "ok", "stopped": "late", "draft": "muted", "undone": "muted"}
STATUS_KINDS = {"changed": "ok", "refused": "late", "unchanged": "muted", "waiting": "warn"}


def state_cell(value: Any, run: BulkRun) -> SafeString:
    return portaali.status(STATE_KINDS.get(run.real_state, "warn"), run.real_state.label)


def _status_cell(value: Any, row: BulkRow) -> SafeString:
    return portaali.status(STATUS_KINDS[row.status], row.get_status_display())


def _undo_cell(value: Any, row: BulkRow) -> Any:
    if not row.undo:
        return cells.EMPTY
    return portaali.status("muted" if row.undo == BulkUndo.UNDONE else "late", row.get_undo_display())


def _moment_cell(value: Any, row: Any = None) -> SafeString:
    return cells.moment(value)


def _name_cell(value: Any, row: Any) -> Any:
    """Return the name with a link, where the page has found that the user may see the row."""
    url = getattr(row, "target_url", "")
    return html('<a href="{}">{}</a>', url, value) if url else value


def reason_of(row: BulkRow) -> str:
    """Return why a row was left out or was not undone, in the reader's language."""
    return _reason_text([row.run.operation, row.reason, row.undo_reasons])


def _reason_text(values: Sequence[Any]) -> str:
    name, code, kept = values
    operation = operations().get(name)
    if operation is None:
        return str(code)
    texts = [operation.reason_text(code), *(operation.undo_text(item) for item in kept or [])]
    return " ".join([text for text in texts if text])


def _text_cell(value: Any, row: Any = None) -> Any:
    return html('<span class="d-block text-wrap">{}</span>', value) if value else cells.EMPTY


def _title_sql(user: Any) -> Any:
    """Return the title in the language of the page."""
    return Coalesce(KeyTextTransform((get_language() or "")[:2], "titles"), "title", output_field=TextField())


RUNS = Table(
    [
        Column("title", _("Operation"), value="words", sql=_title_sql, link=True, grow=True, cell=None),
        Column("created_at", _("Started"), sort="created_at", cell=_moment_cell),
        Column("state", _("State"), value="get_state_display", cell=state_cell),
        Column("total", _("Rows"), numeric=True, cell=cells.number),
        Column("changed", _("Done"), numeric=True, cell=cells.number),
        Column("refused", _("Left out"), numeric=True, wide=True, cell=cells.number),
        Column("undone", _("Undone"), numeric=True, wide=True, cell=cells.number),
    ],
    default_sort="-created_at",
    facts=("created_at", "state", "changed"),
)
ROWS = Table(
    [
        Column("label", _("Name"), sort="label", grow=True, cell=_name_cell),
        Column("status", _("Result"), cell=_status_cell, value="get_status_display"),
        Column("undo", pgettext_lazy("column", "Undo"), cell=_undo_cell, value="get_undo_display", wide=True),
        Column(
            "reason",
            _("Reason"),
            value=reason_of,
            cell=_text_cell,
            sql=lambda user: JSONArray("run__operation", "reason", "undo_reasons"),
            finish=_reason_text,
        ),
    ],
    default_sort="label",
    facts=("status", "undo", "reason"),
)


class RunFilter(FilterSet):
    q = SearchFilter(method="search", label=_("Search"))
    state = django_filters.ChoiceFilter(choices=BulkState.choices, label=_("State"))

    class Meta:
        model = BulkRun
        fields = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.alias(words=_title_sql(self.user)).filter(words__icontains=value)


class RowFilter(FilterSet):
    q = SearchFilter(field_name="label", lookup_expr="icontains", label=_("Name"))
    status = django_filters.ChoiceFilter(choices=BulkStatus.choices, label=_("Result"))
    undo = django_filters.ChoiceFilter(
        choices=[(item.value, item.label) for item in BulkUndo if item], label=pgettext_lazy("column", "Undo")
    )
    reason = django_filters.CharFilter(label=_("Reason"))

    class Meta:
        model = BulkRow
        fields = ()


class PageRowFilter(RowFilter):
    """The filters of a run's page: the reasons are those that its rows have."""

    reason = django_filters.ChoiceFilter(label=_("Reason"))

    def __init__(self, *args: Any, reasons: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("reason", reasons)
