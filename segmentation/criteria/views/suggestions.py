"""What the criteria suggest, with the reasons; and those of which too little is known."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.list_views import TabbedListView
from core.tabs import PanelMixin
from core.views import VisibleObjectMixin
from customers.models import Customer
from segmentation.criteria.filters import EvaluationFilter
from segmentation.criteria.models import Evaluation
from segmentation.criteria.selectors import differing_suggestions, is_refused, metrics_asked
from segmentation.criteria.tables import SUGGESTIONS, prepared
from segmentation.metrics.selectors import shown_of
from segmentation.metrics.value_mode import visible_metrics

VIEW = "criteria.view_suggestions"


class SuggestionListView(TabbedListView):
    """Suggestions that wait for somebody; with the filter ``decided`` those that somebody has decided against."""

    model = Evaluation
    filterset_class = EvaluationFilter
    table = SUGGESTIONS
    title = gettext_lazy("Suggestions")
    permission_required = VIEW
    main_filters = ("segment", "owner", "decided")
    list_tabs = {
        "open": gettext_lazy("Differ from the segment"),
        "unknown": gettext_lazy("Too little is known"),
    }
    empty = {
        "title": gettext_lazy("No suggestions here."),
        "text": gettext_lazy("The criteria in force are evaluated every night."),
        "icon": "bulb",
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows = Evaluation.objects.visible_to(self.user).filter(scheme__retired_at__isnull=True)
        shown: Any = rows.too_little() if self.tab == "unknown" else differing_suggestions(rows)
        return shown.select_related("customer__summary__owner", "segment", "criteria")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return prepared(rows)


class CustomerPanelView(VisibleObjectMixin, PanelMixin, TemplateView):
    """What the criteria of each scheme give one customer, and why."""

    model = Customer
    permission_required = VIEW
    template_name = "criteria/customer.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = Evaluation.objects.filter(customer=self.object, scheme__retired_at__isnull=True)
        rows = found.select_related("customer", "scheme", "segment", "criteria").order_by("scheme__order", "scheme")
        refused = set(found.suggestions().filter(is_refused()).values_list("pk", flat=True))
        about = {"customer": self.object, "rows": prepared(list(rows)), "refused": refused}
        return super().get_context_data(**about, **kwargs)


class CustomerMetricsPanelView(VisibleObjectMixin, PanelMixin, TemplateView):
    """The figures of a customer that the criteria in force ask about, with twelve months each."""

    model = Customer
    permission_required = VIEW
    template_name = "criteria/customer_metrics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = visible_metrics(self.user, self.object)
        asked = [seen[code] for code in metrics_asked() if code in seen]
        about = {"customer": self.object, "rows": shown_of(self.object, asked)}
        return super().get_context_data(**about, **kwargs)
