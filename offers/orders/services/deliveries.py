"""What has been delivered of an order, line by line. Each function locks the order first: its lines are read after."""

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
    """Write that ``quantity`` of a line was delivered on ``day``. Errors as :func:`deliveries_add`."""
    return deliveries_add(order=line.order, quantities={line.pk: quantity}, day=day, user=user, note=note)[0]


@transaction.atomic
def deliveries_add(
    *, order: Order, quantities: Mapping[int, Decimal], day: dt.date, user: User, note: str = ""
) -> list[Delivery]:
    """Write what was delivered on ``day``: quantities by the id of the order's line.

    Raises :class:`BusinessRuleError`: ``order_not_in_delivery``, ``nothing_delivered``, ``day_not_allowed``,
    ``line_unknown``, ``quantity_not_allowed``, ``more_than_ordered`` (at ``line_<id>``).
    """
    row = _locked(order)
    if not quantities:
        raise BusinessRuleError("nothing_delivered", _("Give the quantity of at least one line."))
    if not FIRST_DAY <= day <= clock.today():
        message = _("Give the delivery date: today or earlier.")
        raise BusinessRuleError("day_not_allowed", message, field="day")
    lines = row.lines.exclude(kind=LineKind.HEADING).in_bulk(list(quantities))
    for pk, quantity in quantities.items():
        if pk not in lines:
            raise BusinessRuleError("line_unknown", _("Choose lines of this order."))
        line = lines[pk]
        check_quantity(quantity, most=line.to_deliver, field=f"line_{pk}", code="more_than_ordered")
        line.delivered += quantity
    OrderLine.objects.bulk_update(lines.values(), ["delivered"])
    return Delivery.objects.bulk_create(
        Delivery(line=lines[pk], day=day, quantity=quantity, note=note.strip()[:500], user=user)
        for pk, quantity in quantities.items()
    )


@transaction.atomic
def deliver_all(*, order: Order, day: dt.date, user: User, note: str = "") -> list[Delivery]:
    """Write that everything that is left was delivered on ``day``. Errors as :func:`deliveries_add`."""
    row = _locked(order)
    left = {line.pk: line.to_deliver for line in row.lines.exclude(kind=LineKind.HEADING) if line.to_deliver}
    return deliveries_add(order=row, quantities=left, day=day, user=user, note=note)


@transaction.atomic
def delivery_remove(*, delivery: Delivery, user: User) -> None:
    """Take a delivery back, as long as what it brought has not been invoiced; taken back already, it changes nothing.

    Raises :class:`BusinessRuleError`: ``order_not_in_delivery``, ``delivery_invoiced``.
    """
    _locked(delivery.line.order)
    found = Delivery.objects.filter(pk=delivery.pk).first()
    if found is None:
        return
    line = OrderLine.objects.get(pk=found.line_id)
    if line.delivered - found.quantity < line.invoiced:
        message = _("This delivery has been invoiced, so it cannot be taken back.")
        raise BusinessRuleError("delivery_invoiced", message)
    line.delivered -= found.quantity
    line.save(update_fields=["delivered"])
    found.delete()


def _locked(order: Order) -> Order:
    row = lock(order)
    if row.status != OrderStatus.IN_DELIVERY:
        message = _("Deliveries can be recorded only for an order in delivery: its status is “%(status)s”.") % {
            "status": row.get_status_display()
        }
        raise BusinessRuleError("order_not_in_delivery", message)
    return row
