"""Figures of orders: by the number of a customer's orders, and by product group and segment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Left

from customers.models import Customer
from offers.orders.models import OrderLine
from offers.products.enums import LineKind
from offers.products.models import ProductGroup
from offers.products.money import ZERO
from offers.sales.selectors.reports import ReportQuery, orders_of
from segmentation.schemes.models import Segment

#: The classes of customers by the number of their orders in the period: the largest number of each class.
TIMES = (1, 2, 5, None)


@dataclass(frozen=True)
class Buyers:
    """Customers of one class of :data:`TIMES`, with their orders."""

    maximum: int | None
    customers: int
    orders: int
    net: Decimal


@dataclass(frozen=True)
class Buyer:
    customer: Customer
    orders: int
    net: Decimal
    first: dt.date
    last: dt.date


def _by_customer(query: ReportQuery) -> QuerySet[Any]:
    figures = {"orders": Count("pk"), "total": Sum("net"), "first": Min("date"), "last": Max("date")}
    return orders_of(query).values("customer").annotate(**figures).order_by()


def buyers_by_times(query: ReportQuery) -> list[Buyers]:
    """Return a row for each class of :data:`TIMES`, in one query."""
    figures: dict[str, Any] = {}
    for number, (after, maximum) in enumerate(zip((0, *TIMES), TIMES, strict=False)):
        times = Q(orders__gt=after) & (Q(orders__lte=maximum) if maximum else Q())
        figures[f"customers_{number}"] = Count("customer", filter=times)
        figures[f"orders_{number}"] = Coalesce(Sum("orders", filter=times), 0)
        figures[f"net_{number}"] = Coalesce(Sum("total", filter=times), ZERO)
    sums = _by_customer(query).aggregate(**figures)
    parts = ("customers", "orders", "net")
    return [Buyers(maximum, *(sums[f"{part}_{number}"] for part in parts)) for number, maximum in enumerate(TIMES)]


def recurring_buyers(query: ReportQuery, limit: int | None = None) -> list[Buyer]:
    """Return the visible customers with two or more orders in the period, the largest buyers first."""
    visible = Customer.objects.visible_to(query.reader).values("pk")
    rows = _by_customer(query).filter(orders__gte=2, customer__in=visible).order_by("-total", "customer")[:limit]
    customers = Customer.objects.in_bulk([row["customer"] for row in rows])
    return [
        Buyer(customers[row.pop("customer")], row["orders"], row["total"], row["first"], row["last"]) for row in rows
    ]


@dataclass(frozen=True)
class SegmentMatrix:
    """Ordered euros without VAT by product group (rows) and segment (columns, None: without a segment)."""

    segments: list[Segment | None]
    rows: list[tuple[Any, list[Decimal]]]

    @property
    def totals(self) -> list[Decimal]:
        return [sum((row[at] for _label, row in self.rows), ZERO) for at in range(len(self.segments))]


#: Sums that belong to no group: tailored lines, products without a group, orders without lines.
TAILORED, UNGROUPED, LINELESS = "tailored", "ungrouped", "lineless"


def groups_by_segment(query: ReportQuery) -> SegmentMatrix:
    """Return the orders of the period by top-level product group and the customer's current segment.

    The sum of the matrix is the sum of the orders.
    """
    sums: dict[Any, dict[Any, Decimal]] = {}
    for key, segment, net in [*_line_sums(query), *_lineless_sums(query)]:
        sums.setdefault(key, {})[segment] = net
    segments: list[Segment | None] = [*Segment.objects.primary(), None]
    ids = [segment.pk if segment else None for segment in segments]
    tops = {group.path: group for group in ProductGroup.objects.filter(depth=1)}
    known = [*((group, path) for path, group in tops.items()), *((key, key) for key in (TAILORED, UNGROUPED, LINELESS))]
    rows = [(label, [sums[key].get(pk, ZERO) for pk in ids]) for label, key in known if key in sums]
    return SegmentMatrix(segments, sorted(rows, key=lambda row: -sum(row[1])))


def _line_sums(query: ReportQuery) -> list[tuple[Any, int | None, Decimal]]:
    top = Left("product__group__path", ProductGroup.steplen)
    group = Case(
        When(product__isnull=True, then=Value(TAILORED)),
        When(product__group__isnull=True, then=Value(UNGROUPED)),
        default=top,
    )
    lines = OrderLine.objects.order_by().filter(order__in=orders_of(query).values("pk")).exclude(kind=LineKind.HEADING)
    if query.group:
        lines = lines.filter(product__group__in=ProductGroup.objects.get_tree(query.group).order_by().values("pk"))
    return list(lines.values_list(group, "order__customer__summary__segment").annotate(Sum("net")))


def _lineless_sums(query: ReportQuery) -> list[tuple[Any, int | None, Decimal]]:
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    orders = orders_of(query).filter(~Exists(lines))
    return list(orders.values_list(Value(LINELESS), "customer__summary__segment").annotate(Sum("net")))
