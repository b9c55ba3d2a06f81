"""The list of customers with their metrics and what is missing, and the definitions of all metrics."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.actions import Action
from core.list_views import FilteredListView
from core.metrics import Section
from core.permissions import PermissionMixin
from customers.models import Customer
from segmentation.metrics.filters import MetricsFilter
from segmentation.metrics.tables import base_table, metrics_table
from segmentation.metrics.value_mode import visible_metrics


class MetricsListView(FilteredListView):
    """Active customers with the metrics that the user sees as columns; *missing information* is a filter."""

    model = Customer
    filterset_class = MetricsFilter
    table: Any = SimpleLazyObject(base_table)
    title = gettext_lazy("Customers by metrics")
    permission_required = "metrics.view_metrics"
    main_filters = ("mine", "owner", "missing", "selection")
    bulk_place = "customers"
    secondary_actions = (
        Action(gettext_lazy("Definitions"), "metrics:definitions", icon="info-circle", rule="metrics.view_metrics"),
        Action(gettext_lazy("Settings"), "metrics:settings", icon="settings", rule="metrics.edit_settings"),
    )
    empty = {
        "title": gettext_lazy("No customers here."),
        "text": gettext_lazy("Nothing is missing, or the filters leave nobody."),
        "icon": "list-numbers",
    }

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if request.user.is_authenticated:
            self.table = metrics_table(visible_metrics(request.user).values())
        super().setup(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return Customer.objects.visible_to(self.user).active()

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("metrics", "summary__owner")

    def page_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.get_export_queryset(rows)


class DefinitionsView(PermissionMixin, TemplateView):
    """All metrics that the user sees, with definition, unit, source and what no data means."""

    template_name = "metrics/definitions.html"
    permission_required = "metrics.view_metrics"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        metrics = list(visible_metrics(self.user).values())
        groups = [(section, [one for one in metrics if one.section == section]) for section in Section]
        return super().get_context_data(
            title=_("Metric definitions"), groups=[(section, rows) for section, rows in groups if rows], **kwargs
        )
