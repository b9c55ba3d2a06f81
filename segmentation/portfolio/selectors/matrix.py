"""The portfolio matrix: current profitability × business potential, four fields, and where customers were a year ago.

Only customers of which both are known are in a field. The potential is entered by hand and so known of few: they are
found by those entries, and no page looks at the figures of all customers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import F, Min, Q
from django.db.models.functions import Abs
from django.db.models.lookups import GreaterThanOrEqual, IsNull

from core import clock
from segmentation.metrics.columns import figure
from segmentation.metrics.models import MetricHistory, OwnMetric, OwnValue
from segmentation.metrics.selectors import month_of
from segmentation.portfolio.enums import Field
from segmentation.portfolio.querysets import valued_customers

CURRENT, POTENTIAL = "profit_12", "own_business_potential"
POTENTIAL_METRIC = "business-potential"
#: How many customers of each field are drawn; the table beside has as many.
MOST = 15


@dataclass(frozen=True, kw_only=True)
class MatrixQuery:
    """Where the fields meet (euros in 12 months, number of the scale) and which customers are looked at."""

    user: Any
    current: Decimal
    potential: Decimal
    condition: Q = field(default_factory=Q)

    def field_of(self, current: Decimal, potential: Decimal) -> Field:
        """Return the field of two figures; one that is equal to its limit is above it."""
        if potential >= self.potential:
            return Field.VALUABLE if current >= self.current else Field.POTENTIAL
        return Field.KEEP if current >= self.current else Field.IMPROVE


@dataclass(frozen=True)
class Place:
    """A customer's figures now and, if both were known, a year ago."""

    customer: Any
    current: Decimal
    potential: Decimal
    was_current: Decimal | None = None
    was_potential: Decimal | None = None

    @property
    def has_trail(self) -> bool:
        return self.was_current is not None and self.was_potential is not None


def _known(query: MatrixQuery) -> Any:
    """Return the customers with both figures, as ``now_current`` and ``now_potential``."""
    given = OwnValue.objects.filter(metric__code=POTENTIAL_METRIC, replaced_on__isnull=True).order_by()
    rows = valued_customers(query.user).filter(query.condition, pk__in=given.values("customer"))
    current, potential = (figure(code, "metrics__values") for code in (CURRENT, POTENTIAL))
    rows = rows.filter(IsNull(current, False), IsNull(potential, False))
    return rows.annotate(now_current=current, now_potential=potential)


def customers_in(query: MatrixQuery, name: str) -> Any:
    """Return exactly the customers that a field counts."""
    is_current = Q(GreaterThanOrEqual(F("now_current"), query.current))
    is_potential = Q(GreaterThanOrEqual(F("now_potential"), query.potential))
    fields = {
        Field.VALUABLE: is_current & is_potential,
        Field.POTENTIAL: ~is_current & is_potential,
        Field.KEEP: is_current & ~is_potential,
        Field.IMPROVE: ~is_current & ~is_potential,
    }
    return _known(query).filter(fields[Field(name)]) if name else _known(query)


def matrix_of(query: MatrixQuery) -> tuple[dict[Field, int], dict[Field, Decimal]]:
    """Return the number of customers and the sum of current profitability by field. One query."""
    numbers = dict.fromkeys(Field, 0)
    sums = dict.fromkeys(Field, Decimal(0))
    for current, potential in _known(query).order_by().values_list("now_current", "now_potential"):
        name = query.field_of(current, potential)
        numbers[name] += 1
        sums[name] += current
    return numbers, sums


def places_of(query: MatrixQuery, month: dt.date) -> list[Place]:
    """Return the customers of the greatest profit or loss of each field, with their figures of a month. Few queries."""
    places = [Place(row, row.now_current, row.now_potential) for name in Field for row in _greatest(query, name)]
    before = _figures_in([place.customer.pk for place in places], month)
    return [
        replace(
            place,
            was_current=before.get((place.customer.pk, CURRENT)),
            was_potential=before.get((place.customer.pk, POTENTIAL)),
        )
        for place in places
    ]


def _greatest(query: MatrixQuery, name: Field) -> Any:
    rows = customers_in(query, name).select_related("summary__segment")
    return rows.order_by(Abs("now_current").desc(), "pk")[:MOST]


def month_before(query: MatrixQuery) -> dt.date:
    """Return the month a year ago, or the first one of which figures are known if that is later. One query."""
    year_ago = month_of(clock.today() - relativedelta(years=1))
    since = _known(query).order_by().aggregate(since=Min("metrics__since"))["since"]
    return max(year_ago, since or year_ago)


def _figures_in(ids: list[int], month: dt.date) -> dict[tuple[int, str], Decimal]:
    """Return the figures of customers at the end of a month, by customer and code."""
    rows = MetricHistory.objects.filter(
        Q(to_month__isnull=True) | Q(to_month__gte=month),
        customer_id__in=ids,
        code__in=(CURRENT, POTENTIAL),
        from_month__lte=month,
    )
    return {(row.customer_id, row.code): row.value for row in rows}


def has_potential() -> bool:
    """Return whether the metric of potential is in use: it is data, and may have been retired."""
    return OwnMetric.objects.filter(code=POTENTIAL_METRIC, retired_at__isnull=True).exists()
