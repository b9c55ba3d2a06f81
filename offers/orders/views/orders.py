"""Orders: the list, an order's page with its tabs, adding and changing; and the customer's tab of offers and orders."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import clock, registry
from core.actions import Action
from core.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf, DocumentsTab
from core.grouping import by_month
from core.history import status_history_of
from core.list_views import TabbedListView
from core.numbers import parse_id
from core.parameters import visible
from core.permissions import allowed
from core.tabs import TabView
from core.views import ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect
from customers.groupings import by_segment, by_user
from customers.models import Customer
from customers.views.tabs import CustomerTabView
from offers.offers.acting import mark_offers
from offers.offers.enums import UNDECIDED
from offers.offers.models import Offer
from offers.offers.selectors import owner_for
from offers.offers.views.offers import LinesFormMixin
from offers.orders.enums import UNFINISHED_ORDERS
from offers.orders.filters import ORDER_TABS, OrderFilter
from offers.orders.forms import OrderChangeForm, OrderForm
from offers.orders.invoices import billing_of, missing_of_customer, prefetch_invoicing
from offers.orders.models import Delivery, Order, OrderLine
from offers.orders.selectors import next_steps
from offers.orders.services.orders import order_change, order_create
from offers.orders.tables import ORDER_TABLE
from offers.products.money import totals

PLACE = "order"
MAX_CHANGES, MAX_DELIVERIES, MAX_ROWS = 20, 100, 20
RELATED = ("customer", "contact", "owner", "type", "trainer")


class OrderListView(TabbedListView):
    model = Order
    filterset_class = OrderFilter
    table = ORDER_TABLE
    bulk_place = "orders"
    title = gettext_lazy("Orders")
    permission_required = "orders.view_order"
    empty = {
        "title": gettext_lazy("No orders here."),
        "text": gettext_lazy("An order is created when a customer accepts an offer. It can also be added directly."),
    }
    main_filters = ("status", "owner", "type", "customer", "date_from", "delivery_from", "customer_state")
    groupings = (
        by_user("owner", "owner", gettext_lazy("Account manager")),
        by_segment("customer__"),
        by_month("date", "date", gettext_lazy("Month")),
    )
    primary_action = Action(gettext_lazy("New order"), "orders:create", rule="orders.add_order")
    list_tabs: ClassVar[dict[str, Any]] = {
        "running": pgettext_lazy("orders", "In progress and upcoming"),
        "mine": pgettext_lazy("orders", "Mine"),
        "all": gettext_lazy("All"),
    }

    def default_tab(self) -> str:
        """Return *all* if the list is filtered by customer or status, otherwise the orders in progress."""
        return "all" if {"customer", "status"} & self.request.GET.keys() else "running"

    def get_queryset(self) -> QuerySet[Any]:
        user = self.user
        return Order.objects.visible_to(user).select_related(*RELATED).filter(ORDER_TABS[self.tab](user))


class OrderMixin(VisibleObjectMixin):
    """A page about one visible order, with the data of its head."""

    model = Order
    permission_required = "orders.view_order"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*RELATED, "created_by", "offer", "offer_version")


class OrderTabView(OrderMixin, TabView):
    template_name = "orders/orders/page.html"
    place = PLACE

    @cached_property
    def may_move(self) -> bool:
        return allowed(self.user, "orders.move_order", self.object)

    def get_page_context(self) -> dict[str, Any]:
        return {
            **super().get_page_context(),
            "title": str(self.object),
            "may_edit": allowed(self.user, "orders.edit_order", self.object),
            "steps": next_steps(self.object, self.user) if self.may_move else [],
        }


class OverviewView(OrderTabView):
    tab = "overview"
    content_template = "orders/orders/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        order, user = self.object, self.user
        prefetch_invoicing([order])
        lines = list(order.lines.select_related("unit", "product", "responsible"))
        return {
            "lines": lines,
            "totals": totals((line.net, line.vat_rate) for line in lines if not line.is_heading),
            "has_left": any(line.to_deliver for line in lines if not line.is_heading),
            "deliveries": Delivery.objects.filter(line__order=order).select_related("line", "user")[:MAX_DELIVERIES],
            "invoices": order.invoices.select_related("batch").order_by("-batch__created_at", "-pk"),
            "billing": billing_of(order.customer),
            "missing": missing_of_customer(order.customer),
            "may_bill": allowed(user, "orders.edit_billing", order),
            "may_see_batches": allowed(user, "orders.view_invoicing"),
            **registry.placed_panels(PLACE, user, order),
            "may_move": self.may_move,
            "changes": order.status_changes.select_related("user")[:MAX_CHANGES],
        }


class OrderDocuments(DocumentsOf):
    model = Order
    permission_required = "orders.attach_to_order"
    tab_url = "orders:documents"


class DocumentsView(DocumentsTab, OrderTabView):
    documents = OrderDocuments


class OrderDocumentAddView(OrderDocuments, DocumentAddView):
    pass


class OrderDocumentRemoveView(OrderDocuments, DocumentRemoveView):
    pass


class HistoryView(OrderTabView):
    """The changes of the order, its lines and deliveries, and the reasons of its statuses."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        return {"entries": status_history_of(self.object, (OrderLine,), viewer=self.user)}


class OrderCreateView(LinesFormMixin, ServiceFormView):
    """Add an order; ``?customer=`` preselects its customer."""

    template_name = "orders/orders/form.html"
    form_class = OrderForm
    permission_required = "orders.add_order"
    parameters = {"customer": visible(Customer)}
    title = gettext_lazy("New order")
    submit_label = gettext_lazy("Save order")
    success_message = gettext_lazy("The order was saved.")

    @cached_property
    def customer(self) -> Customer | None:
        pk = parse_id(self.request.GET.get("customer"))
        return Customer.objects.visible_to(self.user).filter(pk=pk).first() if pk else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_initial(self) -> dict[str, Any]:
        customer = {"customer": self.customer.pk} if self.customer else {}
        return customer | {"owner": owner_for(self.user, self.customer).pk, "date": clock.today()}

    def get_cancel_url(self) -> str:
        return reverse("orders:list")

    def perform(self, form: OrderForm) -> Order:
        return order_create(order=form.order(), user=self.user, lines=form.lines)


class OrderChangeView(LinesFormMixin, OrderMixin, ObjectFormView):
    """Change an unfinished order. If it has been finished in the meantime, the form shows the reason and the input."""

    template_name = "orders/orders/form.html"
    form_class = OrderChangeForm
    permission_required = "orders.move_order"
    success_message = gettext_lazy("The order was changed.")
    undoable = True

    @property
    def title(self) -> str:
        return _("Change order %(number)s") % {"number": self.object.number}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.status not in UNFINISHED_ORDERS:
            messages.error(request, _("This order is finished and can no longer be changed."))
            return redirect(request, self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def content_to_send(self, content: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return content without the ids of lines that the change removed: they are added again."""
        ids = {str(pk) for pk in self.object.lines.values_list("pk", flat=True)}
        return {name: sent for name, sent in content.items() if not name.endswith("-ref") or sent[0] in ids}

    def perform(self, form: OrderChangeForm) -> Order:
        return order_change(order=self.object, user=self.user, changes=form.changes(), lines=form.lines)


class CustomerOffersView(CustomerTabView):
    permission_required = "offers.view_offer"
    content_template = "orders/customer/tab.html"
    tab = "offers"

    def get_tab_context(self) -> dict[str, Any]:
        customer, user = self.object, self.user
        offers = Offer.objects.filter(customer=customer).select_related("customer", "type", "owner", "lost_reason")
        open_offers = list(offers.filter(status__in=UNDECIDED).order_by("expected_close", "-date", "-pk")[:MAX_ROWS])
        mark_offers(user, open_offers)
        orders = Order.objects.filter(customer=customer).select_related("type", "owner")
        query = {"customer": customer.pk}
        may_offer = not customer.is_passive and allowed(user, "offers.add_offer")
        return {
            "running": orders.filter(status__in=UNFINISHED_ORDERS).order_by("delivery_start", "-date", "-pk")[
                :MAX_ROWS
            ],
            "open_offers": open_offers,
            "past_offers": offers.exclude(status__in=UNDECIDED).order_by("-date", "-pk")[:MAX_ROWS],
            "past_orders": orders.exclude(status__in=UNFINISHED_ORDERS).order_by("-date", "-pk")[:MAX_ROWS],
            "all_offers_url": reverse("offers:list", query=query),
            "all_orders_url": reverse("orders:list", query=query),
            "create_url": reverse("offers:create", query=query) if may_offer else "",
            "order_url": reverse("orders:create", query=query) if may_offer else "",
        }
