"""Deliveries of an order by line. Each function locks the order before it reads the lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from offers.orders.enums import OrderStatus
from offers.orders.lines import check_quantity
from offers.orders.models import Delivery, Order, OrderLine
from offers.products.enums import LineKind

FIRST_DAY = dt.date(2000, 1, 1)


def delivery_add(*, line: OrderLine, quantity: Decimal, day: dt.date, user: User, note: str = "") -> Delivery:
    """Record a delivery of ``quantity`` of a line on ``day``. Raises as :func:`deliveries_add`."""
    return deliveries_add(order=line.order, quantities={line.pk: quantity}, day=day, user=user, note=note)[0]


@transaction.atomic
def deliveries_add(
    *, order: Order, quantities: Mapping[int, Decimal], day: dt.date, user: User, note: str = ""
) -> list[Delivery]:
    """Record the deliveries of ``day``: quantities by the id of the order's line.

    Raises :class:`BusinessRuleError`: ``order_not_in_delivery``, ``nothing_delivered``, ``day_not_allowed``,
    ``line_unknown``, ``quantity_not_allowed``, ``more_than_ordered`` (at ``line_<id>``).
    """
    order = _lock_in_delivery(order)
    if not quantities:
        raise BusinessRuleError("nothing_delivered", _("Enter the quantity of at least one line."))
    if not FIRST_DAY <= day <= clock.today():
        message = _("Enter the delivery date: today or earlier.")
        raise BusinessRuleError("day_not_allowed", message, field="day")
    lines = order.lines.exclude(kind=LineKind.HEADING).in_bulk(list(quantities))
    for pk, quantity in quantities.items():
        if pk not in lines:
            raise BusinessRuleError("line_unknown", _("Choose lines of this order."))
        line = lines[pk]
        check_quantity(quantity, maximum=line.to_deliver, field=f"line_{pk}", code="more_than_ordered")
        line.delivered += quantity
    OrderLine.objects.bulk_update(lines.values(), ["delivered"])
    return Delivery.objects.bulk_create(
        Delivery(line=lines[pk], day=day, quantity=quantity, note=note.strip()[:500], user=user)
        for pk, quantity in quantities.items()
    )


@transaction.atomic
def deliver_all(*, order: Order, day: dt.date, user: User, note: str = "") -> list[Delivery]:
    """Record the delivery of everything that is left on ``day``. Raises as :func:`deliveries_add`."""
    order = _lock_in_delivery(order)
    left = {line.pk: line.to_deliver for line in order.lines.exclude(kind=LineKind.HEADING) if line.to_deliver}
    return deliveries_add(order=order, quantities=left, day=day, user=user, note=note)


@transaction.atomic
def delivery_remove(*, delivery: Delivery, user: User) -> None:
    """Take back a delivery that has not been invoiced. Do nothing if it has been taken back already.

    Raises :class:`BusinessRuleError`: ``order_not_in_delivery``, ``delivery_invoiced``.
    """
    _lock_in_delivery(delivery.line.order)
    present = Delivery.objects.filter(pk=delivery.pk).first()
    if present is None:
        return
    line = OrderLine.objects.get(pk=present.line_id)
    if line.delivered - present.quantity < line.invoiced:
        message = _("This delivery has been invoiced, so it cannot be taken back.")
        raise BusinessRuleError("delivery_invoiced", message)
    line.delivered -= present.quantity
    line.save(update_fields=["delivered"])
    present.delete()


def _lock_in_delivery(order: Order) -> Order:
    order = lock(order)
    if order.status != OrderStatus.IN_DELIVERY:
        message = _("Deliveries can be recorded only for an order in delivery: its status is “%(status)s”.") % {
            "status": order.get_status_display()
        }
        raise BusinessRuleError("order_not_in_delivery", message)
    return order
