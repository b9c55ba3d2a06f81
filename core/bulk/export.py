"""Bulk operation: the chosen rows of a list as a file, with the list's own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import exports
from core.bulk.enums import BulkStatus
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Operation
from core.list_rows import list_of, list_view

ALL_TAB = "all"


class ExportForm(BulkForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("xlsx", "Excel"), ("csv", "CSV")],
        initial="xlsx",
        widget=forms.RadioSelect,
    )


class ExportOperation(Operation):
    """A subclass says place, model and list."""

    icon, order = "download", 70
    label = gettext_lazy("Export")
    form_class = ExportForm

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Export as %(kind)s") % {"kind": {"xlsx": "Excel", "csv": "CSV"}[content["kind"]]}

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        return Applied(changed=ids)

    def finish(self, run: BulkRun) -> tuple[IO[bytes], str]:
        kind = self.content(run.params, run.user, is_started=True)["kind"]
        path, shown = self._list(run)
        view, _rows = list_of(path, shown.urlencode(), run.user)
        if ALL_TAB in getattr(view, "list_tabs", {}):  # the rows may be of any tab
            shown["tab"] = ALL_TAB
            view, _rows = list_of(path, shown.urlencode(), run.user)
        chosen = run.rows.filter(status=BulkStatus.CHANGED).values("target_id")
        rows = view.get_export_queryset(view.get_queryset().filter(**{f"{view.bulk_path}__in": chosen}))
        return exports.write_list(view, rows, kind), exports.file_name(view, kind)

    def _list(self, run: BulkRun) -> tuple[str, QueryDict]:
        """Return the path of the list where the rows were chosen, and the columns and the order that it showed."""
        path, _mark, query = (run.path or reverse(self.list_url_name)).partition("?")
        asked, shown = QueryDict(run.query or query), QueryDict(mutable=True)
        for name in ("columns", "sort", "tab", *list_view(path, "", run.user).export_filters):
            if name in asked:
                shown.setlist(name, asked.getlist(name))
        return path, shown
