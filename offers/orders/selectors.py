"""Reads of orders: what may be invoiced now, what may follow, what was delivered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.paging import count_up_to
from customers.models import Customer
from offers.orders.enums import ORDER_TRANSITIONS, OrderStatus
from offers.orders.invoices import Missing, missing_of_customer, with_invoicing
from offers.orders.models import Order, OrderLine
from offers.products.enums import LineKind
from offers.products.models import Product
from offers.products.money import ZERO, line_net

COUNTED = 99

#: What the button to each status says.
STEPS: dict[OrderStatus, Any] = {
    OrderStatus.WAITING: pgettext_lazy("order", "Back to waiting"),
    OrderStatus.IN_DELIVERY: pgettext_lazy("order", "Start delivery"),
    OrderStatus.INVOICED: pgettext_lazy("order", "Nothing left to invoice"),
    OrderStatus.CLOSED: pgettext_lazy("order", "Close the order"),
    OrderStatus.CANCELLED: pgettext_lazy("order", "Cancel the order"),
}
#: These ask for a reason first: the name of the form's address.
ASKED = {OrderStatus.WAITING: "orders:wait", OrderStatus.CANCELLED: "orders:cancel"}


@dataclass(frozen=True)
class Step:
    """A button that moves an order on."""

    status: OrderStatus
    label: Any
    ask_url: str = ""


def next_steps(order: Order) -> list[Step]:
    """Return the buttons of an order: the statuses that may follow now, in the order of the table."""
    lines = [line for line in order.lines.all() if line.kind != LineKind.HEADING]
    hidden = {status for status, is_possible in _possible(order, lines) if not is_possible}
    following = [status for status in ORDER_TRANSITIONS[OrderStatus(order.status)] if status not in hidden]
    return [Step(status, STEPS[status], _ask_url(order, status)) for status in following]


def _ask_url(order: Order, status: OrderStatus) -> str:
    return reverse(ASKED[status], args=[order.pk]) if status in ASKED else ""


def _possible(order: Order, lines: list[OrderLine]) -> Iterable[tuple[OrderStatus, bool]]:
    """What the table allows but the order's lines forbid, as ``order_set_status`` checks it."""
    is_delivered, is_invoiced = any(line.delivered for line in lines), any(line.invoiced for line in lines)
    is_left = any(line.net and line.invoiced < line.quantity for line in lines)
    yield OrderStatus.WAITING, order.status == OrderStatus.CANCELLED or not is_delivered
    yield OrderStatus.CANCELLED, not is_invoiced
    yield OrderStatus.INVOICED, not is_left
    yield OrderStatus.IN_DELIVERY, order.status == OrderStatus.WAITING


def orders_to_invoice(user: Any) -> QuerySet[Order]:
    """Return the orders that the user sees of which something may be invoiced now."""
    return Order.objects.visible_to(user).filter(
        Exists(OrderLine.objects.filter(order=OuterRef("pk"), delivered__gt=F("invoiced"))),
        status=OrderStatus.IN_DELIVERY,
    )


def chosen_lines(user: Any, pks: list[int]) -> list[OrderLine]:
    """Return lines by id, of orders that the user sees, with what the preview of invoices shows; by order."""
    found = OrderLine.objects.filter(pk__in=pks, order__in=Order.objects.visible_to(user))
    names = ("unit", "product__vat_class", "order__customer", "order__contact", "order__owner")
    lines = list(found.select_related(*names).order_by("order__status_since", "order_id", "position", "pk"))
    orders: dict[int, Order] = {}
    for line in lines:
        line.order = orders.setdefault(line.order_id, line.order)
    with_invoicing(list(orders.values()))
    return lines


def to_invoice_count(user: Any) -> tuple[int, bool]:
    """Return how many orders wait for invoicing, up to 99, and whether there are more."""
    return count_up_to(orders_to_invoice(user), COUNTED)


@dataclass
class Waiting:
    """What may be invoiced of an order now."""

    order: Order
    lines: list[OrderLine]

    @property
    def net(self) -> Decimal:
        return sum((line_net(line.to_invoice, line.unit_price, line.discount) for line in self.lines), ZERO)


@dataclass
class CustomerToInvoice:
    """A customer with its orders that wait, and what its invoices lack."""

    customer: Customer
    waiting: list[Waiting] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        return any(one.blocks for one in self.missing)

    @property
    def net(self) -> Decimal:
        return sum((one.net for one in self.waiting), ZERO)


def by_customer(orders: list[Order]) -> list[CustomerToInvoice]:
    """Group ``orders`` by customer in the order in which customers come first; each with the lines that wait."""
    with_invoicing(orders)
    lines: dict[int, list[OrderLine]] = {}
    found = OrderLine.objects.to_invoice().filter(order__in=orders).select_related("unit").order_by("position", "pk")
    for line in found:
        lines.setdefault(line.order_id, []).append(line)
    groups: dict[int, CustomerToInvoice] = {}
    for order in orders:
        group = groups.get(order.customer_id)
        if group is None:
            group = CustomerToInvoice(order.customer, missing=missing_of_customer(order.customer))
            groups[order.customer_id] = group
        group.waiting.append(Waiting(order, lines.get(order.pk, [])))
    return list(groups.values())


def orders_with_product(product: Product) -> int:
    """Return on how many orders the product is."""
    return OrderLine.objects.filter(product=product).values("order").distinct().count()


def is_ordered(product: Product) -> bool:
    """Return whether the product is on a line of an order."""
    return OrderLine.objects.filter(product=product).exists()
