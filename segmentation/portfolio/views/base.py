"""A page of tables that are also files: what the pages of segments and of the portfolio share."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.generic import TemplateView

from core.exports import MEDIA_TYPES
from core.parameters import OneOfField, QueryFormMixin, TextField, check_values
from core.permissions import PermissionMixin
from offers.sales.reports.tables import SHOWN, ReportTable, shown_part
from offers.sales.views.reports import cells_of, table_file

FILES: dict[str, Any] = {"export": OneOfField(*MEDIA_TYPES), "table": TextField()}


class TablesView(QueryFormMixin, PermissionMixin, TemplateView):
    """A page with tables: ``?export=csv|xlsx&table=`` gives one of them as a file.

    The subclass has a ``form`` filled from the address and makes the ``tables`` of it.
    """

    form: Any
    tables: list[ReportTable]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.GET.get("export"):
            return super().get(request, *args, **kwargs)
        check_values(self.form)
        table = next((table for table in self.tables if table.name == request.GET.get("table")), None)
        if table is None:
            raise Http404
        return table_file(table, request.GET["export"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form, tables=[self.shown(table) for table in self.tables], wider_url=self.request.path, **kwargs
        )

    def shown(self, table: ReportTable) -> dict[str, Any]:
        """Return a table as its template draws it."""
        part = table.rows[:SHOWN]
        return {
            "table": table,
            "rows": [cells_of(table, row, links) for row, links in zip_longest(part, table.links[: len(part)])],
            "total": cells_of(table, table.total, table.total_links) if table.total else [],
            "chart": table.drawn,
            "part": shown_part(table),
            "files": {kind: self.file_url(table, kind) for kind in MEDIA_TYPES},
        }

    def file_url(self, table: ReportTable, kind: str) -> str:
        query = self.request.GET.copy()
        query["export"], query["table"] = kind, table.name
        return f"?{query.urlencode()}"
