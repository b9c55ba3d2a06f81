"""Reads of orders: the possible next statuses, the orders and lines to invoice, the use of products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.permissions import allowed
from core.steps import Step
from customers.models import Customer
from offers.orders.enums import ORDER_TRANSITIONS, OrderStatus
from offers.orders.invoices import Missing, drafts_of, missing_of_customer, prefetch_invoicing
from offers.orders.models import Order, OrderLine
from offers.products.enums import LineKind
from offers.products.models import Product
from offers.products.money import ZERO

#: The label of the button to each status.
STEP_LABELS: dict[OrderStatus, Any] = {
    OrderStatus.WAITING: pgettext_lazy("order", "Back to waiting"),
    OrderStatus.IN_DELIVERY: pgettext_lazy("order", "Start delivery"),
    OrderStatus.INVOICED: pgettext_lazy("order", "Nothing left to invoice"),
    OrderStatus.CLOSED: pgettext_lazy("order", "Close the order"),
    OrderStatus.CANCELLED: pgettext_lazy("order", "Cancel the order"),
}
#: The URL names of the forms of statuses that need a reason.
REASON_FORMS = {OrderStatus.WAITING: "orders:wait", OrderStatus.CANCELLED: "orders:cancel"}


#: The status that follows when everything goes as it should: its button is the main one of the page.
FORWARD = {
    OrderStatus.WAITING: OrderStatus.IN_DELIVERY,
    OrderStatus.IN_DELIVERY: OrderStatus.INVOICED,
    OrderStatus.INVOICED: OrderStatus.CLOSED,
}


def next_steps(order: Order, user: Any) -> list[Step]:
    """Return the buttons of an order's page, the main one first: what brings the order forward from its state.

    In delivery that is to record what has not been delivered yet, then to hand over to invoicing what is not invoiced.
    """
    lines = [line for line in order.lines.all() if line.kind != LineKind.HEADING]
    hidden = {status for status, is_possible in _line_conditions(order, lines) if not is_possible}
    status = OrderStatus(order.status)
    steps = [_status_step(order, to) for to in ORDER_TRANSITIONS[status] if to not in hidden]
    if status == OrderStatus.IN_DELIVERY:
        steps = [*_delivery_steps(order, user, lines), *steps]
    return sorted(steps, key=lambda step: not step.is_main)


def _status_step(order: Order, to: OrderStatus) -> Step:
    if to in REASON_FORMS:
        return Step(label=STEP_LABELS[to], url=reverse(REASON_FORMS[to], args=[order.pk]), asks=True)
    is_main = FORWARD.get(OrderStatus(order.status)) == to
    url = reverse("orders:status", args=[order.pk])
    return Step(label=STEP_LABELS[to], url=url, values={"status": to}, is_main=is_main)


def _delivery_steps(order: Order, user: Any, lines: list[OrderLine]) -> list[Step]:
    if any(line.to_deliver for line in lines):
        url = reverse("orders:deliver", args=[order.pk])
        return [Step(label=_("Record a delivery"), url=url, icon="plus", asks=True, is_main=True)]
    if any(line.delivered > line.invoiced for line in lines) and allowed(user, "orders.hand_over"):
        url = reverse("orders:invoicing", query={"customer": order.customer_id})
        return [Step(label=_("To invoicing"), url=url, icon="file-invoice", is_page=True, is_main=True)]
    return []


def _line_conditions(order: Order, lines: list[OrderLine]) -> Iterable[tuple[OrderStatus, bool]]:
    """Return whether the order's lines allow each status, as ``order_set_status`` checks it."""
    is_delivered, is_invoiced = any(line.delivered for line in lines), any(line.invoiced for line in lines)
    has_left_to_invoice = any(line.net and line.invoiced < line.quantity for line in lines)
    yield OrderStatus.WAITING, order.status == OrderStatus.CANCELLED or not is_delivered
    yield OrderStatus.CANCELLED, not is_invoiced
    yield OrderStatus.INVOICED, not has_left_to_invoice
    yield OrderStatus.IN_DELIVERY, order.status == OrderStatus.WAITING


def orders_to_invoice(user: Any) -> QuerySet[Order]:
    """Return the orders visible to the user that have something to invoice now."""
    return Order.objects.visible_to(user).filter(
        Exists(OrderLine.objects.filter(order=OuterRef("pk"), delivered__gt=F("invoiced"))),
        status=OrderStatus.IN_DELIVERY,
    )


def chosen_lines(user: Any, pks: list[int]) -> list[OrderLine]:
    """Return the lines of visible orders by id, with the data of the invoice preview, sorted by order."""
    visible = OrderLine.objects.filter(pk__in=pks, order__in=Order.objects.visible_to(user))
    names = ("unit", "product__vat_class", "order__customer", "order__contact", "order__owner")
    lines = list(visible.select_related(*names).order_by("order__status_since", "order_id", "position", "pk"))
    orders: dict[int, Order] = {}
    for line in lines:
        line.order = orders.setdefault(line.order_id, line.order)
    prefetch_invoicing(list(orders.values()))
    return lines


@dataclass
class OrderToInvoice:
    """An order with the lines that can be invoiced now, and what they come to."""

    order: Order
    lines: list[OrderLine]
    net: Decimal


@dataclass
class CustomerToInvoice:
    """A customer with its orders to invoice and the missing data of its invoices."""

    customer: Customer
    orders: list[OrderToInvoice] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        return any(missing.blocks for missing in self.missing)

    @property
    def net(self) -> Decimal:
        return sum((order.net for order in self.orders), ZERO)


def group_by_customer(orders: list[Order]) -> list[CustomerToInvoice]:
    """Group ``orders`` by customer, in the order of each customer's first order, with the lines to invoice."""
    prefetch_invoicing(orders)
    lines = list(
        OrderLine.objects.to_invoice().filter(order__in=orders).select_related("unit").order_by("position", "pk")
    )
    by_pk = {order.pk: order for order in orders}
    for line in lines:
        line.order = by_pk[line.order_id]
    drafts = {draft.order.pk: draft for draft in drafts_of(lines, {line.pk: line.to_invoice for line in lines})}
    groups: dict[int, CustomerToInvoice] = {}
    for order in orders:
        group = groups.get(order.customer_id)
        if group is None:
            group = CustomerToInvoice(order.customer, missing=missing_of_customer(order.customer))
            groups[order.customer_id] = group
        draft = drafts.get(order.pk)
        own = [draft_line.line for draft_line in draft.lines] if draft else []
        group.orders.append(OrderToInvoice(order, own, draft.totals.net if draft else ZERO))
    return list(groups.values())


def orders_with_product(product: Product) -> int:
    """Return the number of orders that have the product."""
    return OrderLine.objects.filter(product=product).values("order").distinct().count()


def is_ordered(product: Product) -> bool:
    """Return whether any order has the product."""
    return OrderLine.objects.filter(product=product).exists()
