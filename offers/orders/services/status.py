"""The statuses of orders, the rules of changing them, and the customer's figures that depend on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import LONGEST_REASON, StatusMachine, check_reason
from customers.services.summaries import refresh_by
from offers.offers import validators
from offers.orders.enums import ORDER_TRANSITIONS, OrderStatus
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.products.enums import LineKind

#: How long users may undo their own change of status.
UNDO_WITHIN = dt.timedelta(minutes=15)
#: Moving an order to one of these needs a reason.
NEED_REASON = (OrderStatus.WAITING, OrderStatus.CANCELLED)
#: Reads an index of each customer's orders and writes only the rows that change.
_REFRESH = """
    UPDATE customers_customersummary AS kept
    SET ordered_12_months = fresh.ordered, first_order_on = fresh.first_on, last_order_on = fresh.last_on
    FROM (
        SELECT summary.customer_id, orders.ordered, orders.first_on, orders.last_on
        FROM customers_customersummary summary
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(o.net) FILTER (WHERE o.date > %(since)s AND o.date <= %(today)s), 0) AS ordered,
                min(o.date) AS first_on, max(o.date) AS last_on
            FROM orders_order o WHERE o.customer_id = summary.customer_id AND o.status <> 'cancelled'
        ) orders
        WHERE summary.customer_id = ANY(%(ids)s)
    ) AS fresh
    WHERE kept.customer_id = fresh.customer_id
        AND (kept.ordered_12_months, kept.first_order_on, kept.last_order_on)
            IS DISTINCT FROM (fresh.ordered, fresh.first_on, fresh.last_on)
"""


def order_sums_refresh(customer_ids: Collection[int | None] | None = None) -> None:
    """Recompute the orders of 12 months and the first and last order of these customers, or of all (None).

    Sums are in euros without VAT; cancelled orders are not counted. All customers are refreshed in batches, each in its
    own transaction, so that a nightly run adds orders when their day comes and removes those older than a year.
    """
    today = clock.today()
    refresh_by(_REFRESH, {"since": today - relativedelta(months=12), "today": today}, customer_ids)


class OrderStatusMachine(StatusMachine[Order]):
    """The statuses of orders."""

    transitions = ORDER_TRANSITIONS
    since = "status_since"
    history = OrderStatusChange
    owner = "order"

    def refusal(self, order: Order, status: OrderStatus) -> str:
        names = {"status": order.get_status_display(), "next": status.label}
        return _("An order with the status “%(status)s” cannot become “%(next)s”.") % names

    def enter(self, order: Order, status: OrderStatus, *, at: dt.datetime, reason: str) -> None:
        order.cancel_reason = reason[:LONGEST_REASON] if status == OrderStatus.CANCELLED else ""

    def follow(self, order: Order) -> None:
        order_sums_refresh([order.customer_id])


ORDER_STATUS = OrderStatusMachine()


@transaction.atomic
def order_set_status(
    *, order: Order, status: OrderStatus, user: User | None, reason: str = "", version: int | None = None
) -> Order:
    """Change the status of an order by :data:`ORDER_TRANSITIONS`; return it. The same status changes nothing.

    Returning to waiting (only if nothing was delivered, or after cancelling) and cancelling (only if nothing was
    invoiced) need a reason. The hand-over sets *invoiced*; a user can set it when nothing is left to invoice. An order
    without lines gets one line of its value when its delivery starts. Raises
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
    _check_lines_allow(order, status)
    if status == OrderStatus.IN_DELIVERY:
        add_value_line(order)
    return ORDER_STATUS.write(order, status, user=user, reason=reason)


@transaction.atomic
def order_step_undo(*, order: Order, user: User, change: int | None) -> Order:
    """Undo the order's last change of status, if it is ``change`` and ``user``'s own and recent; return the order.

    Raises :class:`BusinessRuleError`: ``nothing_to_undo``, and what the lines do not allow, as
    :func:`order_set_status`.
    """
    order = lock(order)
    last = order.status_changes.first()
    is_own = last is not None and last.pk == change and last.user_id == user.pk and last.from_status
    if last is None or not is_own or last.at < clock.now() - UNDO_WITHIN:
        raise BusinessRuleError("nothing_to_undo", _("It has been changed since. Nothing was undone."))
    _check_lines_allow(order, OrderStatus(last.from_status))
    cancelled = order.status_changes.filter(to_status=OrderStatus.CANCELLED).first()
    order = ORDER_STATUS.take_back(order, last, user=user)
    if order.status == OrderStatus.CANCELLED and cancelled is not None:
        order.cancel_reason = cancelled.reason[:LONGEST_REASON]
        order.save(update_fields=["cancel_reason"])
    return order


def _check_lines_allow(order: Order, status: OrderStatus) -> None:
    if status == OrderStatus.WAITING:
        if order.status == OrderStatus.CANCELLED:
            validators.check_customer(order.customer)
        elif order.lines.filter(delivered__gt=0).exists():
            message = _("Part of this order has been delivered: take the deliveries back first.")
            raise BusinessRuleError("order_delivered", message, field="status")
    elif status == OrderStatus.CANCELLED and order.lines.filter(invoiced__gt=0).exists():
        message = _("Part of this order has been invoiced. Remove what is left from its lines instead.")
        raise BusinessRuleError("order_invoiced", message, field="status")
    elif status == OrderStatus.INVOICED and has_left_to_invoice(order):
        message = _("Not everything has been invoiced yet. The order becomes invoiced when the rest is handed over.")
        raise BusinessRuleError("not_all_invoiced", message, field="status")


def has_left_to_invoice(order: Order) -> bool:
    """Return whether a line with a price is still to be invoiced."""
    priced = order.lines.exclude(kind=LineKind.HEADING).filter(net__gt=0)
    return priced.filter(invoiced__lt=F("quantity")).exists()


def finish_if_invoiced(order: Order, *, user: User | None, reason: str = "") -> Order:
    """Set a locked order in delivery to *invoiced* if all its lines with a price, at least one, have been invoiced."""
    is_begun = order.lines.filter(invoiced__gt=0).exists()
    if order.status != OrderStatus.IN_DELIVERY or not is_begun or has_left_to_invoice(order):
        return order
    return ORDER_STATUS.write(
        order, OrderStatus.INVOICED, user=user, reason=reason or _("Everything has been invoiced.")
    )


def add_value_line(order: Order) -> None:
    """Add a line without VAT to a locked order that has only a value, to be delivered and invoiced."""
    if order.estimate and not order.lines.exists():
        OrderLine.objects.create(
            order=order,
            position=1,
            kind=LineKind.FREE,
            name=order.title,
            unit_price=order.estimate,
            quantity=Decimal(1),
        )
