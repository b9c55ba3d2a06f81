"""Metrics of orders: how much, how often, how long and how many kinds of things a customer buys."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.metrics import IN_12, IN_24, IN_36, Metric, MetricSource, Missing, Section, Unit, helper, listed
from offers.orders.enums import OrderStatus

ORDERS = MetricSource(
    name="orders",
    label=_("Orders that are not cancelled, by the day of the order; euros without VAT"),
    rows="orders_order o",
    customer="o.customer_id",
    where="o.status <> 'cancelled' AND o.date <= %(day)s",
)
ORDER_LINES = MetricSource(
    name="order_lines",
    label=_("Products on the lines of orders that are not cancelled"),
    rows="orders_order o JOIN orders_orderline l ON l.order_id = o.id JOIN products_product p ON p.id = l.product_id",
    customer="o.customer_id",
    where=f"o.status <> 'cancelled' AND o.date <= %(day)s AND {IN_36.format('o.date')}",
)
METRIC_SOURCES = (ORDERS, ORDER_LINES)

_12, _24, _36 = (part.format("o.date") for part in (IN_12, IN_24, IN_36))
_BEFORE = f"{_24} AND o.date <= %(since_12)s"
_COUNTED = [status.value for status in OrderStatus if status != OrderStatus.CANCELLED]


def _rows(months: int | None) -> Any:
    return listed("orders:list", "date_from", "date_to", months, tab="all", status=_COUNTED)


def _order(code: str, sql: str, label: Any, definition: Any, **about: Any) -> Metric:
    return Metric(code=code, source="orders", sql=sql, label=label, definition=definition, **about)


#: What is read of the lines of orders: 0 without orders, not known where there are orders without products.
_KNOWN = "CASE WHEN {{orders_36}} > 0 THEN {{{}}} ELSE 0 END"

METRICS = (
    _order(
        "ordered_12", f"coalesce(sum(o.net) FILTER (WHERE {_12}), 0)", _("Ordered in 12 months"),
        _("Orders of the last 12 months, euros without VAT; cancelled orders are not counted."),
        unit=Unit.EUROS, order=10, rows=_rows(12), is_asked=False,
    ),
    _order(
        "ordered_before_12", f"coalesce(sum(o.net) FILTER (WHERE {_BEFORE}), 0)",
        _("Ordered in the 12 months before"),
        _("Orders of the 12 months before the last 12 months, euros without VAT."), unit=Unit.EUROS, order=11,
    ),
    Metric(
        code="ordered_change", label=_("Change of orders"),
        definition=_(
            "Orders of the last 12 months compared with the 12 months before, per cent; not known if nothing was "
            "ordered then."
        ),
        sql="({ordered_12} - {ordered_before_12}) * 100 / nullif({ordered_before_12}, 0)", unit=Unit.PERCENT,
        missing=Missing.UNKNOWN, order=12,
    ),
    _order(
        "ordered_36", f"coalesce(sum(o.net) FILTER (WHERE {_36}), 0)", _("Ordered in 36 months"),
        _("Orders of the last 36 months, euros without VAT; cancelled orders are not counted."),
        unit=Unit.EUROS, order=13, rows=_rows(36),
    ),
    _order(
        "orders_12", f"count(*) FILTER (WHERE {_12})", _("Orders in 12 months"),
        _("Number of orders of the last 12 months; cancelled ones are not counted."), order=20, rows=_rows(12),
    ),
    _order(
        "orders_24", f"count(*) FILTER (WHERE {_24})", _("Orders in 24 months"),
        _("Number of orders of the last 24 months; cancelled ones are not counted."), order=20, rows=_rows(24),
    ),
    _order(
        "orders_36", f"count(*) FILTER (WHERE {_36})", _("Orders in 36 months"),
        _("Number of orders of the last 36 months; cancelled ones are not counted."), order=21, rows=_rows(36),
    ),
    _order(
        "orders_total", "count(*)", _("Orders so far"),
        _("Number of all orders so far; cancelled ones are not counted."), order=22, rows=_rows(None),
    ),
    _order(
        "order_periods_36",
        f"(count(*) FILTER (WHERE {_12}) > 0)::int + (count(*) FILTER (WHERE {_BEFORE}) > 0)::int"
        f" + (count(*) FILTER (WHERE {_36} AND o.date <= %(since_24)s) > 0)::int",
        _("Recurrence of orders"),
        _("In how many of the last three 12-month periods the customer has ordered, 0–3."), order=23,
    ),
    helper("orders_before_12", "orders", f"count(*) FILTER (WHERE {_BEFORE})"),
    Metric(
        code="retained", label=_("Stayed as a buyer"),
        definition=_(
            "Yes, if the customer ordered in both of the last two 12-month periods; not known if it did not order in "
            "the first of them. Retention is the share of yes."
        ),
        sql="CASE WHEN {orders_before_12} > 0 THEN {orders_12} > 0 END", unit=Unit.YES, missing=Missing.UNKNOWN,
        order=24,
    ),
    _order(
        "months_since_order",
        "extract(year FROM age(%(day)s, max(o.date))) * 12 + extract(month FROM age(%(day)s, max(o.date)))",
        _("Months since the last order"), _("Full months from the last order; not known if there is none."),
        unit=Unit.MONTHS, missing=Missing.UNKNOWN, keeps_history=False, order=25,
    ),
    helper("first_order_on", "orders", "min(o.date)", Missing.UNKNOWN),
    Metric(
        code="relation_years", label=_("Length of the relationship"),
        definition=_(
            "Full years from the first order or the first contact that took place, whichever came first; not known if "
            "there is neither."
        ),
        sql="extract(year FROM age(%(day)s, least({first_order_on}, {first_contact_on})))", unit=Unit.YEARS,
        missing=Missing.UNKNOWN, section=Section.RELATION, order=10,
    ),
    _order(
        "participants_12", f"coalesce(sum(o.participants) FILTER (WHERE {_12}), 0)", _("Participants in 12 months"),
        _("Participants of the orders of the last 12 months; orders without a number count as 0."),
        unit=Unit.PERSONS, order=30, rows=_rows(12),
    ),
    _order(
        "participants_36", f"coalesce(sum(o.participants) FILTER (WHERE {_36}), 0)", _("Participants in 36 months"),
        _("Participants of the orders of the last 36 months; orders without a number count as 0."),
        unit=Unit.PERSONS, order=31, rows=_rows(36),
    ),
    _order(
        "delivery_days_36", f"avg(o.delivery_end - o.delivery_start + 1) FILTER (WHERE {_36})",
        _("Length of deliveries"),
        _("Days from the first to the last day of delivery, both included: the mean of the orders of the last 36 "
          "months that have both days."),
        unit=Unit.DAYS, missing=Missing.UNKNOWN, order=32,
    ),
    helper(
        "groups_sold_36", "order_lines", "nullif(count(DISTINCT p.group_id), 0)", Missing.UNKNOWN
    ),
    helper("products_sold_36", "order_lines", "count(DISTINCT l.product_id)", Missing.UNKNOWN),
    Metric(
        code="product_groups_36", label=_("Product groups in 36 months"),
        definition=_(
            "From how many product groups the customer has ordered in the last 36 months; not known if none of the "
            "orders names a product with a group."
        ),
        sql=_KNOWN.format("groups_sold_36"), missing=Missing.UNKNOWN, section=Section.VARIETY, order=10,
    ),
    Metric(
        code="products_36", label=_("Products in 36 months"),
        definition=_(
            "How many different products the customer has ordered in the last 36 months; not known if none of the "
            "orders names a product."
        ),
        sql=_KNOWN.format("products_sold_36"), missing=Missing.UNKNOWN, section=Section.VARIETY, order=11,
    ),
    Metric(
        code="variety_36", label=_("Variety of cooperation"),
        definition=_(
            "Product groups ordered in the last 36 months, and other kinds of cooperation, such as guest lectures, "
            "company visits and material purchases, by the keywords of activities; not known where the product "
            "groups are not."
        ),
        sql="{product_groups_36} + {variety_kinds_36}", missing=Missing.UNKNOWN, section=Section.VARIETY, order=13,
    ),
)  # fmt: skip
