"""The inputs of profitability: cost of an hour, service cost of a year, direct cost of an order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from activities.log.metrics import DONE, HOURS
from core import clock
from core.metrics import customers_touched
from core.services import check_version, versioned_save
from offers.orders.models import Order
from segmentation.metrics.engine import parameters
from segmentation.metrics.models import OrderCost, ServiceCost

_HOURS_BY_YEAR = f"""
    SELECT extract(year FROM a.start AT TIME ZONE %(zone)s)::int, sum({HOURS})
    FROM activities_activity a JOIN activities_activitytype t ON t.id = a.type_id
    JOIN activities_participation w ON w.activity_id = a.id
    WHERE {DONE} AND t.counts_as_work AND a.customer_id IS NOT NULL AND a.start >= %(first)s
    GROUP BY 1
"""  # noqa: S608


def service_rates_refresh(day: dt.date | None = None) -> None:
    """Compute what an hour of work for customers costs in each year: its service cost ÷ its hours until ``day``.

    Of the year of ``day`` the part of the cost is shared that has gone by. Years without hours have no rate. The hours
    of all years are read at once.
    """
    day = day or clock.today()
    costs = list(ServiceCost.objects.order_by("year"))
    hours = _hours_by_year(costs[0].year, day) if costs else {}
    for cost in costs:
        rate = _rate(cost, day, hours.get(cost.year))
        if rate != cost.rate:
            ServiceCost.objects.filter(pk=cost.pk).update(rate=rate)


def _hours_by_year(first: int, day: dt.date) -> dict[int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_HOURS_BY_YEAR, {**parameters(day), "first": _start(dt.date(first, 1, 1))})
        return dict(cursor.fetchall())


def _rate(cost: ServiceCost, day: dt.date, hours: Decimal | None) -> Decimal | None:
    if cost.year > day.year or not hours:
        return None
    first, end = dt.date(cost.year, 1, 1), dt.date(cost.year + 1, 1, 1)
    gone_by = Decimal(min((end - first).days, (day - first).days + 1)) / (end - first).days
    return (cost.amount * gone_by / hours).quantize(Decimal("0.0001"))


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


@transaction.atomic
def order_cost_set(
    *, order: Order, amount: Decimal | None, user: User | None, source: str = "", version: int | None = None
) -> OrderCost | None:
    """Set the direct cost of an order, or take it away (None); return it. The same amount changes nothing.

    Raises ``ValidationError``, :class:`StaleVersionError`.
    """
    cost = OrderCost.objects.select_for_update().filter(order=order).first()
    if cost is not None:
        check_version(cost, version)
    if amount is None:
        if cost is not None:
            cost.delete()
            customers_touched([order.customer_id])
        return None
    if cost is not None and cost.amount == amount:
        return cost
    cost = cost or OrderCost(order=order)
    cost.amount, cost.source, cost.given_by = amount, source, user
    cost.full_clean(validate_unique=False)
    _save(cost)
    customers_touched([order.customer_id])
    return cost


def _save(cost: OrderCost) -> None:
    if cost._state.adding:
        cost.save()
    else:
        versioned_save(cost)
