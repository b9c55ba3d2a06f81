"""The contributions of orders to other pages: navigation, commands, search, tabs, notifications, offer actions."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.recent import RecordKind
from core.registry import Command, NavItem, NotificationKind, Panel, SearchHit, SearchSource, Tab
from customers.page_commands import subject_of_row
from offers.offers.enums import LinkAnswer, OfferStatus
from offers.offers.steps import StepPage
from offers.orders.bulk import ExportOrders, StatusOperation
from offers.orders.conditions import CONDITION_FIELDS  # noqa: F401 - declared
from offers.orders.metrics import METRIC_SOURCES, METRICS  # noqa: F401 - declared
from offers.orders.models import Order
from offers.orders.selectors import is_ordered, orders_to_invoice, orders_with_product
from offers.orders.services.orders import accept_by_link
from offers.products.selectors import ProductUse

PAGE_SUBJECTS = (subject_of_row("orders/<int:pk>/", Order, "customer"),)
VIEW, VIEW_INVOICES = "orders.view_order", "orders.view_invoicing"


def find_orders(user: Any, text: str, limit: int) -> list[SearchHit]:
    """Return the newest orders that match ``text``, with customer, status and date."""
    orders = Order.objects.visible_to(user).select_related("customer").search(text, brief=True).order_by("-date", "-pk")
    hits = []
    for order in orders[:limit]:
        details = (order.customer, order.get_status_display(), date_format(order.date, "SHORT_DATE_FORMAT"))
        hits.append(SearchHit(str(order), " · ".join(map(str, details)), order.get_absolute_url(), "checklist"))
    return hits


#: Accepting an offer makes an order, by the button of the offer's page or by the answer of a personal link.
OFFER_STEPS = (
    (OfferStatus.ORDER, StepPage("orders:accept", pgettext_lazy("offer step", "Mark as accepted…"), "check")),
)
LINK_DECISIONS = ((LinkAnswer.ACCEPTED, accept_by_link),)
PRODUCT_USES = (ProductUse(label=gettext_lazy("In orders"), count=orders_with_product, is_used=is_ordered),)

SEARCHES = (SearchSource(name="orders", label=gettext_lazy("Orders"), find=find_orders, order=36),)

#: Other apps may add tabs at the place ``order`` too.
TABS = (
    Tab(
        place="customer",
        name="offers",
        label=gettext_lazy("Offers and orders"),
        url_name="orders:customer_tab",
        permission="offers.view_offer",
        order=45,
        count=lambda user, customer: customer.summary.open_offers or None,
    ),
    Tab(
        place="order",
        name="overview",
        label=gettext_lazy("Overview"),
        url_name="orders:detail",
        permission=VIEW,
        order=10,
    ),
    Tab(
        place="order",
        name="documents",
        label=gettext_lazy("Documents"),
        url_name="orders:documents",
        permission=VIEW,
        order=900,
    ),
    Tab(
        place="order",
        name="history",
        label=gettext_lazy("History"),
        url_name="orders:history",
        permission=VIEW,
        order=990,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="order_made",
        label=pgettext_lazy("notifications", "Offers that became orders"),
        text=lambda data: _("An offer became an order: %(order)s (%(customer)s)") % data,
        icon="checklist",
        order=60,
    ),
    NotificationKind(
        name="order_to_deliver",
        label=pgettext_lazy("notifications", "Orders assigned to me for delivery"),
        text=lambda data: _("%(user)s made you responsible for the delivery of %(order)s (%(customer)s)") % data,
        icon="checklist",
        order=60,
    ),
)

PANELS = (
    Panel(
        place="customer",
        name="money",
        label=gettext_lazy("Money"),
        url_name="orders:customer_money",
        permission=VIEW,
        order=10,
        aside=True,
    ),
    Panel(
        place="start",
        name="start_to_invoice",
        label=gettext_lazy("To invoice"),
        url_name="orders:start_to_invoice",
        permission=VIEW_INVOICES,
        order=20,
    ),
)

NAV = (
    NavItem(
        name="orders",
        label=gettext_lazy("Orders"),
        url_name="orders:list",
        permission=VIEW,
        icon="checklist",
        section="sales",
        order=54,
    ),
    NavItem(
        name="invoicing",
        label=gettext_lazy("Invoicing"),
        url_name="orders:invoicing",
        permission=VIEW_INVOICES,
        icon="file-invoice",
        section="sales",
        order=56,
        count=orders_to_invoice,
        count_label=gettext_lazy("to invoice"),
    ),
)

COMMANDS = (
    *(Command.opening(item) for item in NAV),
    Command(
        name="order_create",
        label=gettext_lazy("New order"),
        url_name="orders:create",
        permission="orders.add_order",
        icon="plus",
        order=55,
    ),
    Command(
        name="invoice_batches",
        label=gettext_lazy("Invoice batches"),
        url_name="orders:batches",
        permission=VIEW_INVOICES,
        icon="file-invoice",
        order=57,
    ),
)
RECORD_KINDS = (RecordKind(Order, pgettext_lazy("noun", "Order"), "checklist"),)
BULK_OPERATIONS = (StatusOperation(), ExportOrders())
