"""Sales reports: their list, and each report with its charts, tables and files."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import zip_longest
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core import clock
from core.exceptions import ParameterError
from core.exports import MEDIA_TYPES, write_rows
from core.parameters import OneOfField, QueryFormMixin, TextField, check_values, of_form
from core.permissions import PermissionMixin
from core.templatetags.portaali import euros, number
from offers.sales.charts import former_series
from offers.sales.forms import ReportForm
from offers.sales.reports import REPORTS
from offers.sales.reports.tables import (
    COUNT,
    DATE,
    DAYS,
    EUROS,
    PERCENT,
    SHOWN,
    TEXT,
    WHOLE_PERCENT,
    Report,
    ReportTable,
    shown_part,
)
from offers.sales.selectors.reports import year_before


@dataclass(frozen=True)
class ReportCell:
    """A value as shown on the screen, with the URL of the page that it links to and the name of its column."""

    text: str
    is_numeric: bool = False
    url: str = ""
    label: Any = ""


#: The formats of the units.
FORMATS: dict[str, Callable[[Any], str]] = {
    EUROS: lambda value: euros(value, 0),
    PERCENT: lambda value: f"{number(value, 1)} %",
    WHOLE_PERCENT: lambda value: f"{number(value)} %",
    DAYS: lambda value: number(value, 1),
    COUNT: number,
    DATE: lambda value: date_format(value, "SHORT_DATE_FORMAT"),
    TEXT: str,
}


def cells_of(table: ReportTable, row: list[Any], links: Mapping[str, str] | None = None) -> list[ReportCell]:
    """Return a row of a report as it is shown; figures link to what they count, names of customers to their pages."""
    links = links or {}
    cells = []
    for column, value in zip(table.columns, row, strict=True):
        text = "–" if value is None else FORMATS[column.unit](value)
        has_page = column.unit == TEXT and hasattr(value, "get_absolute_url")
        url = value.get_absolute_url() if has_page else links.get(column.name, "")
        url = url if value or column.unit == TEXT else ""
        cells.append(ReportCell(text, column.is_numeric, url, column.label))
    return cells


def check_filters(report: Report, query: Any) -> None:
    """Raise ParameterError if a query has a filter that the report does not have."""
    lost = [name for name in sorted(report.without) if query.get(name)]
    if lost:
        text = _("This report has no filter “%(name)s”.")
        raise ParameterError({name: text % {"name": name} for name in lost})


class ReportsView(PermissionMixin, TemplateView):
    template_name = "sales/reports/list.html"
    permission_required = "offers.view_offer"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=_("Sales reports"), reports=list(REPORTS.values()), **kwargs)


class ReportView(QueryFormMixin, PermissionMixin, TemplateView):
    """One report. ``?export=csv|xlsx&table=`` gives one of its tables as a file."""

    template_name = "sales/reports/report.html"
    permission_required = "offers.view_offer"
    parameters = of_form(ReportForm) | {
        "export": TextField(),
        "table": TextField(),
        "former": TextField(),
        "chart": OneOfField("1"),
    }
    wrong_kind = gettext_lazy("Choose csv or xlsx.")

    @cached_property
    def report(self) -> Report:
        if self.kwargs["name"] not in REPORTS:
            raise Http404
        return REPORTS[self.kwargs["name"]]

    @cached_property
    def form(self) -> ReportForm:
        check_filters(self.report, self.request.GET)
        data = self.request.GET if set(ReportForm.base_fields) & set(self.request.GET) else None
        return ReportForm(data, user=self.user, without=self.report.without, auto_id="report_%s")

    @cached_property
    def tables(self) -> list[ReportTable]:
        query = self.form.query()
        return self.report.make(query) if query else []

    def former(self, name: str) -> HttpResponse:
        """Answer the totals of a table for the same days a year before, as a row of the table.

        With ``?chart=1`` answer the lighter series of its chart, as JSON.
        """
        check_values(self.form)
        query = self.form.query()
        tables = self.report.make(year_before(query)) if query and "first" not in self.report.without else []
        table = next((table for table in tables if table.name == name), None)
        if table is None:
            raise Http404
        if self.request.GET.get("chart"):
            return self._former_chart(table)
        row = [_("A year before"), *(table.total or [None] * len(table.columns))[1:]]
        return TemplateResponse(self.request, "sales/reports/former.html", {"row": cells_of(table, row)})

    def _former_chart(self, before: ReportTable) -> HttpResponse:
        now = next((table for table in self.tables if table.name == before.name), None)
        series = former_series(now.chart, before.chart) if now and now.chart else []
        return JsonResponse({"series": [asdict(one) for one in series]})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("former"):
            return self.former(request.GET["former"])
        if not request.GET.get("export"):
            return super().get(request, *args, **kwargs)
        check_values(self.form)
        if request.GET["export"] not in MEDIA_TYPES:
            return HttpResponse(str(self.wrong_kind), status=400, content_type="text/plain; charset=utf-8")
        table = next((table for table in self.tables if table.name == request.GET.get("table")), None)
        if table is None:
            raise Http404
        return table_file(table, request.GET["export"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.report.title,
            report=self.report,
            form=self.form,
            query=self.form.query(),
            tables=[self._table_context(table) for table in self.tables],
            wider_url=self._wider_url(),
            others=[(report, self._url_of(report)) for report in REPORTS.values()],
            **kwargs,
        )

    def _wider_url(self) -> str:
        """Return the page with the same filters about the last three years."""
        query, today = self.request.GET.copy(), clock.today()
        query["first"], query["last"] = dt.date(today.year - 2, 1, 1).isoformat(), today.isoformat()
        return f"?{query.urlencode()}"

    def _url_of(self, report: Report) -> str:
        """Return the page of another report with those of the present filters that it has too."""
        query = self.request.GET.copy()
        for name in report.without:
            query.pop(name, None)
        return reverse("sales:report", args=[report.name], query=query)

    def _former_url(self, table: ReportTable, **more: str) -> str:
        """Return the address of the figures of a year before; a report without a period has none."""
        if "first" in self.report.without:
            return ""
        query = self.request.GET.copy()
        query.update({"former": table.name, **more})
        return f"?{query.urlencode()}"

    def _table_context(self, table: ReportTable) -> dict[str, Any]:
        query = self.request.GET.copy()
        files = {}
        for kind in MEDIA_TYPES:
            query["export"], query["table"] = kind, table.name
            files[kind] = f"?{query.urlencode()}"
        return {
            "table": table,
            "rows": [
                cells_of(table, row, links)
                for row, links in zip_longest(table.rows[:SHOWN], table.links[: len(table.rows[:SHOWN])])
            ],
            "total": cells_of(table, table.total, table.total_links) if table.total else [],
            "chart": table.drawn,
            "chart_url": self._former_url(table, chart="1") if table.chart else "",
            "part": shown_part(table),
            "former_url": self._former_url(table) if table.total else "",
            "files": files,
        }


def table_file(table: ReportTable, kind: str) -> HttpResponse:
    """Return a table of a report as a file, with formulas escaped."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=5_000_000)  # noqa: SIM115
    write_rows(kind, file, [column.label for column in table.columns], table.lines)
    file.seek(0)
    name = f"{slugify(str(table.label)) or table.name}-{clock.user_today():%Y-%m-%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPES[kind])  # type: ignore[return-value]
