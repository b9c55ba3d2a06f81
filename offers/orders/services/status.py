"""The status of an order: one table lists what may follow what, one machine writes it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import LONGEST_REASON, StatusMachine, check_reason
from offers.offers import validators
from offers.orders.enums import ORDER_TRANSITIONS, OrderStatus
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.orders.services.summaries import order_sums_refresh
from offers.products.enums import LineKind

#: Moving an order to one of these needs a reason.
NEED_REASON = (OrderStatus.WAITING, OrderStatus.CANCELLED)


class OrderStatusMachine(StatusMachine[Order]):
    """The statuses of orders."""

    transitions = ORDER_TRANSITIONS
    since = "status_since"
    history = OrderStatusChange
    owner = "order"

    def refusal(self, order: Order, status: OrderStatus) -> str:
        words = {"status": order.get_status_display(), "next": status.label}
        return _("An order with the status “%(status)s” cannot become “%(next)s”.") % words

    def enter(self, order: Order, status: OrderStatus, *, at: dt.datetime, reason: str) -> None:
        order.cancel_reason = reason[:LONGEST_REASON] if status == OrderStatus.CANCELLED else ""

    def follow(self, order: Order) -> None:
        order_sums_refresh([order.customer_id])


ORDER_STATUS = OrderStatusMachine()


@transaction.atomic
def order_set_status(
    *, order: Order, status: OrderStatus, user: User | None, reason: str = "", version: int | None = None
) -> Order:
    """Move an order to ``status`` by :data:`ORDER_TRANSITIONS`; return the new row. Its present status changes nothing.

    Back to waiting (only while nothing was delivered, or after cancelling) and cancelling (only while nothing was
    invoiced) need a reason. *Invoiced* comes by the hand-over; by hand it is given when nothing is left to invoice. An
    order without lines that comes into delivery gets one line of its value. Raises
    :class:`BusinessRuleError`: ``status_not_allowed``, ``reason_required``, ``order_delivered``, ``order_invoiced``,
    ``not_all_invoiced``, ``customer_passive``; :class:`StaleVersionError`.
    """
    order = lock(order)
    check_version(order, version)
    if order.status == status:
        return order
    ORDER_STATUS.check(order, status)
    if (order.status, status) == (OrderStatus.INVOICED, OrderStatus.IN_DELIVERY):
        message = _("An invoiced order returns to delivery only when its invoice batch is taken back.")
        raise BusinessRuleError("status_not_allowed", message, field="status")
    if status in NEED_REASON:
        reason = check_reason(reason)
    _check_lines(order, status)
    if status == OrderStatus.IN_DELIVERY:
        value_as_line(order)
    return ORDER_STATUS.write(order, status, user=user, reason=reason)


def _check_lines(order: Order, status: OrderStatus) -> None:
    if status == OrderStatus.WAITING:
        if order.status == OrderStatus.CANCELLED:
            validators.check_customer(order.customer)
        elif order.lines.filter(delivered__gt=0).exists():
            message = _("Part of this order has been delivered: take the deliveries back first.")
            raise BusinessRuleError("order_delivered", message, field="status")
    elif status == OrderStatus.CANCELLED and order.lines.filter(invoiced__gt=0).exists():
        message = _("Part of this order has been invoiced. Remove what is left from its lines instead.")
        raise BusinessRuleError("order_invoiced", message, field="status")
    elif status == OrderStatus.INVOICED and is_left(order):
        message = _("Not everything has been invoiced yet. The order becomes invoiced when the rest is handed over.")
        raise BusinessRuleError("not_all_invoiced", message, field="status")


def is_left(order: Order) -> bool:
    """Whether something that costs is still to be invoiced."""
    costly = order.lines.exclude(kind=LineKind.HEADING).filter(net__gt=0)
    return costly.filter(invoiced__lt=F("quantity")).exists()


def finish_if_invoiced(order: Order, *, user: User | None, reason: str = "") -> Order:
    """Make a locked order in delivery *invoiced* when all that costs has been invoiced, something at least."""
    is_begun = order.lines.filter(invoiced__gt=0).exists()
    if order.status != OrderStatus.IN_DELIVERY or not is_begun or is_left(order):
        return order
    return ORDER_STATUS.write(
        order, OrderStatus.INVOICED, user=user, reason=reason or _("Everything has been invoiced.")
    )


def value_as_line(order: Order) -> None:
    """Give a locked order that has only a value the line that is delivered and invoiced for it: without VAT."""
    if order.estimate and not order.lines.exists():
        OrderLine.objects.create(
            order=order,
            position=1,
            kind=LineKind.FREE,
            name=order.title,
            unit_price=order.estimate,
            quantity=Decimal(1),
        )
