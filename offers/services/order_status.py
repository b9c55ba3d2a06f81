"""The status of an order: one table says what may follow what, one function writes it."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crm.exceptions import BusinessRuleError
from crm.services import check_version, lock
from offers import validators
from offers.enums import ORDER_TRANSITIONS, LineKind, OrderStatus
from offers.models import Order, OrderLine, OrderStatusChange
from offers.services.order_summaries import order_sums_refresh

#: These are told why.
NEED_REASON = (OrderStatus.WAITING, OrderStatus.CANCELLED)


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
    row = lock(order)
    check_version(row, version)
    if row.status == status:
        return row
    _check_transition(row, status)
    if (row.status, status) == (OrderStatus.INVOICED, OrderStatus.IN_DELIVERY):
        message = _("An invoiced order comes back into delivery only when its batch of invoices is taken back.")
        raise BusinessRuleError("status_not_allowed", message, field="status")
    if status in NEED_REASON:
        reason = validators.check_reason(reason)
    _check_lines(row, status)
    if status == OrderStatus.IN_DELIVERY:
        value_as_line(row)
    return order_status_write(row, status, user=user, reason=reason.strip())


def order_status_write(row: Order, status: OrderStatus, *, user: User | None, reason: str = "") -> Order:
    """Move a locked order to ``status`` with its history row. Raises ``status_not_allowed``."""
    _check_transition(row, status)
    now = timezone.now()
    OrderStatusChange.objects.create(
        order=row, from_status=row.status, to_status=status, user=user, reason=reason[:1_000], at=now
    )
    row.status, row.status_since = status, now
    row.cancel_reason = reason[:1_000] if status == OrderStatus.CANCELLED else ""
    row.version += 1
    row.save()
    order_sums_refresh([row.customer_id])
    return row


def _check_transition(row: Order, status: OrderStatus) -> None:
    if status not in ORDER_TRANSITIONS[OrderStatus(row.status)]:
        message = _("An order with the status “%(status)s” cannot become “%(next)s”.") % {
            "status": row.get_status_display(),
            "next": status.label,
        }
        raise BusinessRuleError("status_not_allowed", message, field="status")


def _check_lines(row: Order, status: OrderStatus) -> None:
    if status == OrderStatus.WAITING:
        if row.status == OrderStatus.CANCELLED:
            validators.check_customer(row.customer)
        elif row.lines.filter(delivered__gt=0).exists():
            message = _("Something of this order has been delivered: take the deliveries back first.")
            raise BusinessRuleError("order_delivered", message, field="status")
    elif status == OrderStatus.CANCELLED and row.lines.filter(invoiced__gt=0).exists():
        message = _("Something of this order has been invoiced. Take what is left off its lines instead.")
        raise BusinessRuleError("order_invoiced", message, field="status")
    elif status == OrderStatus.INVOICED and is_left(row):
        message = _("Not everything has been invoiced yet. It becomes invoiced when the rest is handed over.")
        raise BusinessRuleError("not_all_invoiced", message, field="status")


def is_left(order: Order) -> bool:
    """Whether something that costs is still to be invoiced."""
    costly = order.lines.exclude(kind=LineKind.HEADING).filter(net__gt=0)
    return costly.filter(invoiced__lt=F("quantity")).exists()


def finish_if_invoiced(row: Order, *, user: User | None, reason: str = "") -> Order:
    """Make a locked order in delivery *invoiced* when all that costs has been invoiced, something at least."""
    is_begun = row.lines.filter(invoiced__gt=0).exists()
    if row.status != OrderStatus.IN_DELIVERY or not is_begun or is_left(row):
        return row
    return order_status_write(row, OrderStatus.INVOICED, user=user, reason=reason or _("Everything is invoiced."))


def value_as_line(row: Order) -> None:
    """Give a locked order that has only a value the line that is delivered and invoiced for it: without VAT."""
    if row.estimate and not row.lines.exists():
        OrderLine.objects.create(
            order=row, position=1, kind=LineKind.FREE, name=row.title, unit_price=row.estimate, quantity=Decimal(1)
        )
