"""Bulk operation: the chosen rows of a list as a file, with the list's own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from django import forms
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import exports
from core.bulk.enums import BulkStatus
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Operation
from core.list_rows import list_of, list_view, no_access

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
        view, rows = self._list(run)
        chosen = run.rows.filter(status=BulkStatus.CHANGED).values("target_id")
        rows = view.get_export_queryset(rows.filter(**{f"{view.bulk_path}__in": chosen}))
        return exports.write_list(view, rows, kind), exports.file_name(view, kind)

    def _list(self, run: BulkRun) -> tuple[Any, Any]:
        """Return the list where the rows were chosen, with its columns and order, and the rows that it may have.

        Rows that were chosen themselves may be any of the list; of the records at ``bulk_path`` its filters say which.
        """
        path, _mark, query = (run.path or reverse(self.list_url_name)).partition("?")
        query = run.query or query
        try:
            bare = list_view(path, "", run.user)
        except Http404:
            raise no_access() from None
        if bare.bulk_path != "pk":
            return list_of(path, query, run.user)
        view, _rows = list_of(path, self._shown(bare, QueryDict(query)).urlencode(), run.user)
        return view, view.get_queryset()

    def _shown(self, view: Any, asked: QueryDict) -> QueryDict:
        """Return the columns, the order and what they depend on; of a list with a tab for all rows, that tab."""
        shown = QueryDict(mutable=True)
        for name in ("columns", "sort", "tab", *view.export_filters):
            if name in asked:
                shown.setlist(name, asked.getlist(name))
        if ALL_TAB in getattr(view, "list_tabs", {}):
            shown["tab"] = ALL_TAB
        return shown
