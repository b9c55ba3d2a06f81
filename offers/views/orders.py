"""The list of orders, and an order's page: a head with the steps that may follow, and tabs that apps register."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import registry
from crm.actions import Action
from crm.document_views import DocumentsOf, DocumentsTab
from crm.history import status_history_of
from crm.permissions import allowed
from crm.tabs import TabView
from crm.views import TabbedListView, VisibleObjectMixin
from offers.filters_orders import ORDER_TABS, OrderFilter
from offers.invoices import billing_of, missing_of_customer, with_invoicing
from offers.models import Delivery, Invoice, Order, OrderLine
from offers.money import totals
from offers.selectors_orders import next_steps
from offers.tables_orders import ORDER_TABLE

PLACE = "order"
CHANGES, DELIVERIES = 20, 100
NAMES = ("customer", "contact", "owner", "type", "trainer")


class OrderListView(TabbedListView):
    model = Order
    filterset_class = OrderFilter
    table = ORDER_TABLE
    title = gettext_lazy("Orders")
    permission_required = "offers.view_order"
    empty = {
        "title": gettext_lazy("No orders here."),
        "text": gettext_lazy("An order is made when a customer accepts an offer. It can also be added directly."),
    }
    main_filters = ("status", "owner", "type", "customer", "date_from", "delivery_from")
    primary_action = Action(gettext_lazy("New order"), "offers:order_create", rule="offers.add_order")
    list_tabs: ClassVar[dict[str, Any]] = {
        "running": pgettext_lazy("orders", "Running and coming"),
        "mine": pgettext_lazy("orders", "Mine"),
        "all": gettext_lazy("All"),
    }

    def default_tab(self) -> str:
        """Whoever asks for one customer or status sees all of them."""
        return "all" if {"customer", "status"} & self.request.GET.keys() else "running"

    def get_queryset(self) -> QuerySet[Any]:
        user = self.user
        return Order.objects.visible_to(user).select_related(*NAMES).filter(ORDER_TABS[self.tab](user))


class OrderMixin(VisibleObjectMixin):
    """A page about one order that the user may see, with what its head shows."""

    model = Order
    permission_required = "offers.view_order"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*NAMES, "created_by", "offer", "offer_version")


class OrderTabView(OrderMixin, TabView):
    template_name = "offers/orders/page.html"
    place = PLACE

    @cached_property
    def may_move(self) -> bool:
        return allowed(self.user, "offers.move_order", self.object)

    def get_page_context(self) -> dict[str, Any]:
        return {
            **super().get_page_context(),
            "title": str(self.object),
            "may_edit": allowed(self.user, "offers.edit_order", self.object),
            "steps": next_steps(self.object) if self.may_move else [],
        }


class OverviewView(OrderTabView):
    tab = "overview"
    content_template = "offers/orders/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        order, user = self.object, self.user
        with_invoicing([order])
        lines = list(order.lines.select_related("unit", "product", "responsible"))
        return {
            "lines": lines,
            "totals": totals((line.net, line.vat_rate) for line in lines if not line.is_heading),
            "has_left": any(line.to_deliver for line in lines if not line.is_heading),
            "deliveries": Delivery.objects.filter(line__order=order).select_related("line", "user")[:DELIVERIES],
            "invoices": self._invoices(),
            "billing": billing_of(order.customer),
            "missing": missing_of_customer(order.customer),
            "may_bill": allowed(user, "offers.edit_billing", order),
            "may_see_batches": allowed(user, "offers.view_invoicing"),
            **registry.placed_panels(PLACE, user, order),
            "may_move": self.may_move,
            "changes": order.status_changes.select_related("user")[:CHANGES],
        }

    def _invoices(self) -> QuerySet[Invoice]:
        made = Invoice.objects.filter(order=self.object)
        return made.select_related("batch").order_by("-batch__created_at", "-pk")


class OrderDocuments(DocumentsOf):
    model = Order
    permission_required = "offers.attach_to_order"
    tab_url = "offers:order_documents"


class DocumentsView(DocumentsTab, OrderTabView):
    documents = OrderDocuments


class HistoryView(OrderTabView):
    """Who changed what: the order, its lines and deliveries, and why its status changed."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        return {"entries": status_history_of(self.object, (OrderLine,), viewer=self.user)}
