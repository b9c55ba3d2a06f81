"""Costs, soft values and a year of metrics for demo data."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext

from dateutil.relativedelta import relativedelta
from django.db import connection

from accounts.models import Role
from core import clock
from segmentation.metrics.models import HourCost, ServiceCost
from segmentation.metrics.services.nightly import metrics_nightly

#: Up to this many customers have a year of history: it takes a full computing for each month.
FEW = 5_000
MONTHS = 12
HOURS = {"account_manager": (52, 55), "key_account_manager": (61, 64), "management": (74, 78)}
OTHERS = (46, 48)
SERVICE = 120_000
#: Direct costs of nine orders of ten: a quarter to three fifths of the sum.
_ORDER_COSTS = """
    INSERT INTO metrics_ordercost (order_id, amount, source, version, created_at, updated_at)
    SELECT o.id, round(o.net * (0.25 + o.id %% 36 / 100.0), 2), 'Kirjanpito', 1, %(now)s, %(now)s
    FROM orders_order o WHERE o.is_demo AND o.id %% 10 <> 3
"""
#: Soft values of the customers that are known best, given by their owners: most within a year, a fifth earlier, of
#: which some have expired; of every fourth customer with the values of a year before.
_VALUES = """
    INSERT INTO metrics_ownvalue (
        metric_id, customer_id, number, day, given_on, expires_on, replaced_on, reason, source, given_by_id, given_at
    )
    SELECT m.id, c.id,
        CASE m.kind WHEN 'scale' THEN (c.id * 7 + m.id * 5 + 10 * n) %% 11 WHEN 'euros' THEN c.personnel * 36000 END,
        CASE m.kind WHEN 'day' THEN %(today)s - ((c.id * 131) %% 4000)::int END,
        given.day, (given.day + m.valid_months * interval '1 month')::date, CASE n WHEN 1 THEN given.day + 365 END,
        CASE m.kind WHEN 'scale' THEN 'Vuosikeskustelun perusteella' ELSE '' END,
        CASE m.kind WHEN 'scale' THEN '' ELSE 'Rekisteri' END, s.owner_id, %(now)s
    FROM customers_customer c JOIN customers_customersummary s ON s.customer_id = c.id
    CROSS JOIN metrics_ownmetric m
    CROSS JOIN generate_series(0, 1) n
    CROSS JOIN LATERAL (
        SELECT (%(today)s - ((c.id * 3 + m.id * 17) %% 340)::int - 365 * n
            - CASE WHEN (c.id + 3 * m.id) %% 5 = 0 THEN 300 + (c.id * 11 %% 700)::int ELSE 0 END) AS day
    ) given
    WHERE c.is_demo AND c.state = 'active' AND m.retired_at IS NULL AND (c.id + m.id) %% 3 > 0
        AND m.kind IN ('scale', 'euros', 'day') AND (m.kind <> 'euros' OR c.personnel IS NOT NULL)
        AND (s.ordered_12_months > 5000 OR c.id %% 40 = 0)
        AND (n = 0 OR (m.kind = 'scale' AND c.id %% 4 = 0))
"""


def metrics_load(customers: int) -> None:
    """Give costs and values, and compute the metrics at the ends of the last months, the present day last."""
    _costs_load()
    with connection.cursor() as cursor:
        for sql in (_ORDER_COSTS, _VALUES):
            cursor.execute(sql, {"today": clock.today(), "now": clock.now()})
    today = clock.today()
    for day in [*(_month_ends(today) if customers <= FEW else ()), today]:
        with clock.frozen(day) if day != today else nullcontext():
            metrics_nightly(day)


def _month_ends(today: dt.date) -> list[dt.date]:
    first = today.replace(day=1)
    return [first - relativedelta(months=back) - dt.timedelta(days=1) for back in range(MONTHS - 2, -1, -1)]


def _costs_load() -> None:
    """Give costs where there are none."""
    year = clock.today().year
    if not HourCost.objects.exists():
        HourCost.objects.bulk_create(
            HourCost(role=role, valid_from=dt.date(start, 1, 1), amount=amount)
            for role in Role.objects.all()
            for start, amount in zip((year - 4, year - 1), HOURS.get(role.name, OTHERS), strict=True)
        )
    if not ServiceCost.objects.exists():
        ServiceCost.objects.bulk_create(
            ServiceCost(year=year - back, amount=SERVICE - 4_000 * back) for back in range(4)
        )


def costs_remove() -> None:
    """Take the demo's costs away, unless somebody has changed them."""
    for role in Role.objects.all():
        HourCost.objects.filter(role=role, amount__in=HOURS.get(role.name, OTHERS), valid_from__month=1).delete()
    for cost in ServiceCost.objects.all():
        if (SERVICE - cost.amount) % 4_000 == 0 and 0 <= SERVICE - cost.amount <= 12_000:
            cost.delete()
