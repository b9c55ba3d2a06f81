"""What the criteria suggest, with the reasons; and those of which too little is known."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.list_views import TabbedListView
from core.numbers import parse_id
from core.tabs import PanelMixin
from core.views import VisibleObjectMixin
from customers.models import Customer
from segmentation.criteria.filters import EvaluationFilter
from segmentation.criteria.models import Evaluation
from segmentation.criteria.selectors import differing_suggestions, is_refused, metrics_asked
from segmentation.criteria.tables import SUGGESTIONS, prepared
from segmentation.metrics.selectors import shown_of
from segmentation.metrics.value_mode import visible_metrics
from segmentation.schemes.models import Scheme

VIEW = "criteria.view_suggestions"


class SuggestionListView(TabbedListView):
    """Suggestions that wait for somebody; with the filter ``decided`` those that somebody has decided against."""

    model = Evaluation
    filterset_class = EvaluationFilter
    table = SUGGESTIONS
    title = gettext_lazy("Suggestions")
    permission_required = VIEW
    main_filters = ("segment", "owner", "decided")
    bulk_place = "customers"
    bulk_path = "customer"
    bulk_first = ("customers.accept_suggestion",)
    list_tabs = {
        "open": gettext_lazy("Differ from the segment"),
        "unknown": gettext_lazy("Too little is known"),
    }
    empty = {
        "title": gettext_lazy("No suggestions here."),
        "text": gettext_lazy("The criteria in force are evaluated every night."),
        "icon": "bulb",
    }

    @cached_property
    def scheme(self) -> Scheme | None:
        """The scheme of all suggestions that are listed; None where there may be several."""
        segment = parse_id(self.request.GET.get("segment", ""))
        if segment:
            return Scheme.objects.in_use().filter(segments=segment).first()
        listed = self.get_queryset().order_by().filter(scheme=OuterRef("pk"))
        found = list(Scheme.objects.in_use().filter(Exists(listed))[:2])
        return found[0] if len(found) == 1 else None

    def get_bulk_operations(self) -> list[Any]:
        """Return the operations; suggestions are accepted where people decide about them."""
        found = super().get_bulk_operations()
        if self.tab == "open" and not (self.scheme and self.scheme.is_automatic):
            return found
        return [operation for operation in found if operation.name not in self.bulk_first]

    def bulk_initial(self) -> dict[str, Any]:
        """Begin with the scheme of the suggestions that are listed; where there are several, with all of them."""
        return {"scheme": self.scheme.pk if self.scheme else None}

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
