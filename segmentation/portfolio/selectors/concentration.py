"""How orders are spread over customers: the Gini coefficient, the curve, and the share of the biggest customers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from segmentation.portfolio.querysets import valued_customers

#: The points of the curve, per cent of the customers from the smallest; and the classes of the biggest, per cent.
STEPS = 20
TOPS = (1, 5, 10, 20, 50, 100)
_SQL = """
WITH orders AS MATERIALIZED ({rows}), ranked AS (
    SELECT ordered, row_number() OVER w AS place, sum(ordered) OVER w AS cumulated, count(*) OVER () AS number
    FROM orders WINDOW w AS (ORDER BY ordered, customer ROWS UNBOUNDED PRECEDING)
)
SELECT place, cumulated, number, (SELECT sum(place * ordered) FROM ranked) FROM ranked
WHERE place = number OR place = ANY(SELECT floor(number * step / {steps}.0) FROM generate_series(1, {steps}) step)
ORDER BY place
"""


@dataclass(frozen=True)
class Top:
    """The biggest customers: how many per cent, how many, the least that they ordered and the sum."""

    percent: int
    number: int
    least: Decimal
    ordered: Decimal


@dataclass(frozen=True)
class Concentration:
    """``gini``: 0 if all ordered alike, near 1 if one ordered all; none without orders."""

    number: int
    ordered: Decimal
    gini: float | None
    curve: list[float]
    tops: list[Top]


def gini_of(amounts: list[Any]) -> float | None:
    """Return the Gini coefficient of some amounts: 2 Σ i·xᵢ / (n Σ x) − (n + 1) / n, the xᵢ in ascending order."""
    ordered = sorted(amounts)
    weighted = sum(place * amount for place, amount in enumerate(ordered, 1))
    return _gini(len(ordered), sum(ordered), weighted)


def _gini(number: int, whole: Any, weighted: Any) -> float | None:
    if not number or not whole:
        return None
    return float(2 * weighted / (number * whole)) - (number + 1) / number


def concentration_of(user: Any, condition: Q) -> Concentration:
    """Return the concentration of the orders of 12 months among the customers that ordered. Few queries."""
    customers = valued_customers(user).filter(condition, summary__ordered_12_months__gt=0).order_by()
    sql, parameters = customers.values_list("pk", "summary__ordered_12_months").query.sql_with_params()
    inner = f"SELECT x.* FROM ({sql}) AS x (customer, ordered)"  # noqa: S608 - written by Django
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(rows=inner, steps=STEPS), parameters)
        rows = cursor.fetchall()
    if not rows:
        return Concentration(0, Decimal(0), None, [0.0] * (STEPS + 1), [])
    _place, whole, number, weighted = rows[-1]
    cumulated = {place: part for place, part, _number, _weighted in rows}
    parts = [cumulated.get(math.floor(number * step / STEPS), Decimal(0)) for step in range(STEPS + 1)]
    curve = [round(float(100 * part / whole), 1) for part in parts]
    return Concentration(number, whole, _gini(number, whole, weighted), curve, _tops(customers, number))


def _tops(customers: Any, number: int) -> list[Top]:
    """Return the classes of the biggest: so many per cent, rounded up, and who ordered as much as the last of them."""
    path = "summary__ordered_12_months"
    found = []
    for percent in TOPS:
        rank = math.ceil(number * percent / 100)
        least = customers.order_by(f"-{path}").values_list(path, flat=True)[rank - 1]
        sums = customers.filter(**{f"{path}__gte": least}).aggregate(number=Count("pk"), ordered=Sum(path))
        found.append(Top(percent, sums["number"], least, sums["ordered"]))
    return found
