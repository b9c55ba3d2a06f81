"""Customers that have been unprofitable for two years, and what was decided about each."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ObjectFormView, VisibleObjectMixin
from customers.models import Customer
from segmentation.metrics.columns import figure
from segmentation.metrics.models import CustomerMetrics
from segmentation.portfolio.filters import UnprofitableFilter
from segmentation.portfolio.forms import DecisionForm
from segmentation.portfolio.models import ProfitDecision
from segmentation.portfolio.querysets import valued_customers
from segmentation.portfolio.services import decision_make
from segmentation.portfolio.tables import UNPROFITABLE, decisions_of

VIEW = "portfolio.view_portfolio"


def unprofitable(customers: Any) -> Any:
    """Return those of the customers that have been unprofitable for two years."""
    rows = CustomerMetrics.objects.filter(Exact(figure("unprofitable_years"), 1), customer=OuterRef("pk"))
    return customers.filter(Exists(rows))


class UnprofitableView(FilteredListView):
    model = Customer
    filterset_class = UnprofitableFilter
    table = UNPROFITABLE
    title = gettext_lazy("Unprofitable customers")
    permission_required = VIEW
    main_filters = ("decision", "mine", "owner", "segment", "cause")
    bulk_place = "customers"
    empty = {
        "title": gettext_lazy("No customers here."),
        "text": gettext_lazy("Customers come here when both of two years are known and below zero."),
        "icon": "check",
    }

    def get_queryset(self) -> QuerySet[Any]:
        return unprofitable(valued_customers(self.user))

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("metrics", "summary__owner", "summary__segment")

    def page_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.get_export_queryset(rows)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return decisions_of(rows)


class DecisionMixin(VisibleObjectMixin):
    model = Customer

    def get_queryset(self) -> QuerySet[Any]:
        return Customer.objects.visible_to(self.user).select_related("metrics", "summary__owner")


class DecisionView(DecisionMixin, TemplateView):
    """The decisions about a customer's profitability, the newest first."""

    template_name = "portfolio/decision.html"
    permission_required = "portfolio.view_decision"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        return super().get_context_data(
            title=_("Profitability: %s") % customer,
            customer=customer,
            values=getattr(getattr(customer, "metrics", None), "values", {}),
            decisions=customer.profit_decisions.select_related("decided_by").order_by("-decided_at", "-pk"),
            may_decide=allowed(self.user, "portfolio.decide", customer),
            **kwargs,
        )


class DecideView(DecisionMixin, ObjectFormView):
    """Decide about a customer: cause, action, day of the review."""

    form_class = DecisionForm
    permission_required = "portfolio.decide"
    success_message = gettext_lazy("The decision was saved.")

    def get_queryset(self) -> QuerySet[Any]:
        return Customer.objects.visible_to(self.user)

    @property
    def title(self) -> str:
        return _("Decide about profitability: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": ProfitDecision(customer=self.object)}

    def get_cancel_url(self) -> str:
        return reverse("portfolio:decision", args=[self.object.pk])

    def perform(self, form: Any) -> ProfitDecision:
        data = {name: form.cleaned_data[name] for name in ("cause", "action", "review_on")}
        return decision_make(customer=self.object, user=self.user, **data)
