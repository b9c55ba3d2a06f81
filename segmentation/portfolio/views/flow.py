"""Sizes of segments and the flow between two days, the customers that a figure counts, sizes by owner and others."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.filters import FilterSet
from core.list_views import FilteredListView
from core.parameters import OneOfField, check_values, of_form
from customers.models import Customer
from offers.sales.reports.tables import ReportTable
from segmentation.membership.models import Membership
from segmentation.portfolio.diagrams import flow_diagram
from segmentation.portfolio.filters import FlowFilter, RowsFilter
from segmentation.portfolio.flow_tables import (
    by_table,
    customers_url,
    growth_table,
    moves_table,
    node_label,
    part_title,
    sizes_table,
)
from segmentation.portfolio.forms import FlowForm
from segmentation.portfolio.selectors.flow import Flow, flow_of
from segmentation.portfolio.selectors.moves import segment_name
from segmentation.portfolio.selectors.query import FlowQuery, end_of
from segmentation.portfolio.selectors.shares import DIMENSIONS
from segmentation.portfolio.tables import FLOW_CUSTOMERS, MEMBERSHIPS, neighbours_of
from segmentation.portfolio.views.base import FILES, TablesView

VIEW = "portfolio.view_segments"
#: What the page loads by requests of their own.
PARTS = ("growth", *DIMENSIONS)


class SegmentsView(TablesView):
    """Sizes and flow. ``?part=`` answers one more table alone: growth and retention, sizes by owner, group, …"""

    template_name = "portfolio/segments.html"
    permission_required = VIEW
    parameters = of_form(FlowForm) | FILES | {"part": OneOfField(*PARTS)}

    @cached_property
    def form(self) -> FlowForm:
        asked = set(FlowForm.base_fields) & set(self.request.GET)
        return FlowForm(self.request.GET if asked else None, auto_id="flow_%s")

    @cached_property
    def query(self) -> FlowQuery | None:
        return self.form.query()

    @cached_property
    def flow(self) -> Flow | None:
        return flow_of(self.query) if self.query else None

    @cached_property
    def tables(self) -> list[ReportTable]:  # type: ignore[override]
        part = self.request.GET.get("part")
        if part and self.query:
            return [self._part(part, self.query)]
        return [sizes_table(self.flow), moves_table(self.flow)] if self.flow else []

    def _part(self, name: str, query: FlowQuery) -> ReportTable:
        return growth_table(query) if name == "growth" else by_table(query, name)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.GET.get("part") or request.GET.get("export"):
            return super().get(request, *args, **kwargs)
        check_values(self.form)
        shown = [self.shown(table) for table in self.tables]
        context = {"shown": shown[0], "wider_url": request.path} if shown else {}
        return TemplateResponse(request, "portfolio/part.html", context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, flow = self.query, self.flow
        return super().get_context_data(
            title=_("Segments"),
            query=query,
            diagram=self._diagram(flow) if flow and flow.cells else None,
            moved=flow.moved if flow else 0,
            parts=[(part_title(name), self._part_url(name)) for name in PARTS] if query else [],
            **kwargs,
        )

    def _diagram(self, flow: Flow) -> Any:
        return flow_diagram(flow, node_label, lambda was, now: customers_url(flow.query, was, now))

    def _part_url(self, name: str) -> str:
        query = self.request.GET.copy()
        query["part"] = name
        return f"?{query.urlencode()}"


class FlowCustomersView(FilteredListView):
    """The customers that a figure of the flow counts, with their segments on both days."""

    model = Customer
    filterset_class = FlowFilter
    table = FLOW_CUSTOMERS
    title = gettext_lazy("Customers by segment over time")
    permission_required = VIEW
    main_filters = ("scheme", "first", "last", "was", "now", "owner")
    bulk_place = "customers"
    export_filters = ("scheme", "first", "last")
    empty = {"title": gettext_lazy("No customers here."), "icon": "users"}

    def get_queryset(self) -> QuerySet[Any]:
        return Customer.objects.visible_to(self.user)

    def get_filterset(self) -> FilterSet:
        self._filterset = super().get_filterset()
        return self._filterset

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        related = queryset.select_related("summary__owner", "summary__group", "municipality")
        query = self._filterset.flow_query() if self._filterset.is_valid() else None
        if query is None:
            return related.annotate(was_name=F("source"), now_name=F("source")).none()
        return related.annotate(
            was_name=_segment_on(query, end_of(query.first)), now_name=_segment_on(query, end_of(query.last))
        )

    def page_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.get_export_queryset(rows)


def _segment_on(query: FlowQuery, moment: Any) -> Subquery:
    held = Membership.objects.filter(scheme=query.scheme, customer=OuterRef("pk"), period__contains=moment)
    return segment_name(held)


class MembershipListView(FilteredListView):
    """Customers' times in segments: who came and went in a period, for which reason."""

    model = Membership
    filterset_class = RowsFilter
    table = MEMBERSHIPS
    title = gettext_lazy("Segment memberships")
    permission_required = VIEW
    main_filters = ("segment", "began_from", "began_to", "ended_from", "ended_to", "reason", "owner")
    empty = {"title": gettext_lazy("No memberships here."), "icon": "tags"}

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("customer__summary__owner", "segment", "reason", "decided_by")

    def page_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.get_export_queryset(rows)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        neighbours = neighbours_of(rows)
        for row in rows:
            row.before_segment, row.after_segment = neighbours[row.pk]["before"], neighbours[row.pk]["after"]
        return rows
