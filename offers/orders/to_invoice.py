"""All that can be invoiced of many orders: the sum, computed by the database, and the lines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import OperationalError
from django.db.models import (
    Case,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Ceil, Coalesce, Floor, Greatest, Least, Round

from core.paging import count_up_to
from core.timeouts import limited, took_too_long
from offers.orders.invoices import missing_of_customer, prefetch_invoicing
from offers.orders.models import InvoiceLine, Order, OrderLine
from offers.products.money import ZERO

#: The longest time of one statement, in seconds.
LONGEST = 3
NUMBER = DecimalField(max_digits=30, decimal_places=8)


@dataclass(frozen=True)
class ToInvoice:
    """How many orders there are, whether there are more of them, and their sum without VAT; none of too many."""

    orders: int
    are_more: bool = False
    net: Decimal | None = None


def sum_to_invoice(orders: QuerySet[Order]) -> ToInvoice:
    """Return the sum of what has been delivered and not yet invoiced of ``orders``, up to ``COUNT_LIMIT`` of them."""
    try:
        with limited(LONGEST):
            number, are_more = count_up_to(orders)
            if are_more:
                return ToInvoice(number, are_more)
            lines = OrderLine.objects.to_invoice().filter(order__in=orders.order_by().values("pk"))
            net = _with_net(lines).aggregate(net=Sum("next_net"))["net"]
            return ToInvoice(number, net=net or ZERO)
    except OperationalError as error:
        if took_too_long(error):
            return ToInvoice(0, are_more=True)
        raise


def _number(expression: Any) -> Any:
    return ExpressionWrapper(expression, output_field=NUMBER)


def _price(quantity: Any) -> Any:
    """Return the price of a quantity of a line, not rounded."""
    return _number(quantity * F("unit_price") * (Value(100, NUMBER) - F("discount")) / Value(100, NUMBER))


def _with_net(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    """Add ``next_net`` to lines: the amount of invoicing all that can be invoiced, as ``OrderParts.net_of`` says it."""
    valid = InvoiceLine.objects.filter(line=OuterRef("pk"), invoice__batch__taken_back_at=None).order_by()
    zero = Value(ZERO, NUMBER)
    of_line = valid.values("line").annotate(net_sum=Sum("net"), quantity_sum=Sum("quantity"))
    lines = lines.annotate(
        of_invoices=Coalesce(Subquery(of_line.values("net_sum"), output_field=NUMBER), zero),
        elsewhere=Greatest(F("invoiced") - Coalesce(Subquery(of_line.values("quantity_sum")), zero), zero),
        whole=Round(_price(F("quantity")), 2, output_field=NUMBER),
        reached=Round(_price(F("delivered")), 2, output_field=NUMBER),
        exact=_price(_number(F("delivered") - F("invoiced"))),
    )
    lines = lines.annotate(before=_number(F("of_invoices") + Round(_price(F("elsewhere")), 2, output_field=NUMBER)))
    lines = lines.annotate(left=_number(F("whole") - F("before")))
    cent = Value(100, NUMBER)
    low = _number(Floor(_number(F("exact") * cent), output_field=NUMBER) / cent)
    high = _number(Ceil(_number(F("exact") * cent), output_field=NUMBER) / cent)
    part = Greatest(low, Least(high, _number(F("reached") - F("before"))))
    return lines.annotate(
        next_net=Case(
            When(delivered__gte=F("quantity"), then=F("left")),
            default=Greatest(zero, Least(F("left"), part)),
            output_field=NUMBER,
        )
    )


def lines_to_invoice(orders: QuerySet[Order], most: int) -> tuple[list[OrderLine], list[Any]]:
    """Return up to ``most`` + 1 lines that can be invoiced of ``orders``, the oldest orders first.

    Those of customers with invoices that would lack something are left out; these customers are returned too.
    """
    found = OrderLine.objects.to_invoice().filter(order__in=orders.order_by().values("pk"))
    ordered = found.select_related("order__customer").order_by("order__status_since", "order_id", "position", "pk")
    lines = list(ordered[: most + 1])
    by_pk: dict[int, Order] = {}
    for line in lines:
        line.order = by_pk.setdefault(line.order_id, line.order)
    prefetch_invoicing(list(by_pk.values()))
    customers = {order.customer_id: order.customer for order in by_pk.values()}
    blocked = {pk: one for pk, one in customers.items() if any(item.blocks for item in missing_of_customer(one))}
    return [line for line in lines if line.order.customer_id not in blocked], list(blocked.values())
