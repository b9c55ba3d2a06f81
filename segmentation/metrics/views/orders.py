"""The direct cost of an order: a panel on the order's page, and its form."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.history import history_of
from core.permissions import allowed
from core.tabs import PanelMixin
from core.views import ServiceFormView, VisibleObjectMixin
from offers.orders.models import Order
from segmentation.metrics.forms import OrderCostForm
from segmentation.metrics.models import OrderCost
from segmentation.metrics.services.costs import order_cost_set


class OrderCostMixin(VisibleObjectMixin):
    model = Order

    def get_queryset(self) -> QuerySet[Any]:
        return Order.objects.visible_to(self.user).select_related("customer", "owner")

    @property
    def cost(self) -> OrderCost | None:
        return OrderCost.objects.filter(order=self.object).select_related("given_by").first()


class OrderCostPanel(PanelMixin, OrderCostMixin, TemplateView):
    template_name = "metrics/order_cost.html"
    permission_required = "metrics.view_order_cost"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Direct cost"),
            order=self.object,
            cost=self.cost,
            may_edit=allowed(self.user, "metrics.edit_order_cost", self.object),
            **kwargs,
        )


class OrderCostHistoryView(OrderCostMixin, TemplateView):
    """What the direct cost of an order has been, also where it was taken away."""

    template_name = "generic/history_page.html"
    permission_required = "metrics.view_order_cost"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % _("Direct cost"),
            back=self.object.get_absolute_url(),
            entries=history_of(OrderCost(order_id=self.object.pk), ()),
            **kwargs,
        )


class OrderCostEditView(OrderCostMixin, ServiceFormView):
    undoable = True
    form_class = OrderCostForm
    permission_required = "metrics.edit_order_cost"
    title = gettext_lazy("Direct cost")
    success_message = gettext_lazy("The direct cost was saved.")

    def get_initial(self) -> dict[str, Any]:
        cost = self.cost
        return {"amount": cost.amount, "source": cost.source, "version": cost.version} if cost else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_cancel_url(self) -> str:
        return reverse("orders:detail", args=[self.object.pk])

    get_success_url = get_cancel_url

    def perform(self, form: OrderCostForm) -> Order:
        order_cost_set(order=self.object, user=self.user, **form.cleaned_data)
        order: Order = self.object
        return order
