"""What pages and the API show of a customer's metrics: values with their trends, history, entered values."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Q

from core import clock
from core.metrics import Metric, Missing, Section
from customers.models import Customer
from segmentation.metrics.models import CustomerMetrics, MetricHistory, OwnMetric, OwnValue
from segmentation.metrics.texts import number_of, value_text

TREND = 12
#: The size of a drawn trend.
WIDTH, HEIGHT, MARGIN = 72, 18, 2


@dataclass(frozen=True)
class Period:
    """The value of a figure in the months from ``first`` to ``last`` (none: until now)."""

    first: dt.date
    last: dt.date | None
    value: Decimal | None


@dataclass
class Shown:
    """A figure of a customer with its months, and what was entered for it."""

    metric: Metric
    value: Decimal | None
    months: list[Decimal | None] = field(default_factory=list)
    own: OwnMetric | None = None
    given: OwnValue | None = None

    @property
    def text(self) -> str:
        return value_text(self.metric, self.value)

    @property
    def is_known(self) -> bool:
        return self.value is not None

    @cached_property
    def trend(self) -> Trend | None:
        """The drawn months; none where there is nothing to compare."""
        known = [value for value in self.months if value is not None]
        return Trend(self.metric, self.months) if len(known) > 1 and self.metric.keeps_history else None


@dataclass(frozen=True)
class Trend:
    metric: Metric
    months: Sequence[Decimal | None]

    @property
    def points(self) -> str:
        """The points of a line from the oldest known month to the newest."""
        known = [(number, value) for number, value in enumerate(self.months) if value is not None]
        low, high = min(value for _n, value in known), max(value for _n, value in known)
        return " ".join(f"{self._x(number)},{self._y(value, low, high)}" for number, value in known)

    def _x(self, number: int) -> str:
        step = Decimal(WIDTH - 2 * MARGIN) / max(len(self.months) - 1, 1)
        return f"{MARGIN + number * step:.1f}"

    @staticmethod
    def _y(value: Decimal, low: Decimal, high: Decimal) -> str:
        share = (value - low) / (high - low) if high > low else Decimal("0.5")
        return f"{HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN):.1f}"

    @property
    def first_text(self) -> str:
        return value_text(self.metric, next(value for value in self.months if value is not None))

    @property
    def last_text(self) -> str:
        return value_text(self.metric, next(value for value in reversed(self.months) if value is not None))


@dataclass(frozen=True)
class Group:
    """The figures under one heading."""

    section: Section
    rows: list[Shown]


def month_of(day: dt.date, back: int = 0) -> dt.date:
    """Return the first day of the month of ``day``, or of one so many months before."""
    first: dt.date = day.replace(day=1) - relativedelta(months=back)
    return first


def shown_of(customer: Customer, metrics: Iterable[Metric]) -> list[Shown]:
    """Return the figures of a customer with twelve months each. Four queries."""
    wanted = list(metrics)
    kept = CustomerMetrics.objects.filter(customer=customer).first()
    values: dict[str, Any] = kept.values if kept else {}
    months = months_of(customer, wanted, kept)
    owned = {own.metric_code: own for own in OwnMetric.objects.filter(retired_at__isnull=True)}
    given = OwnValue.objects.current().filter(customer=customer).select_related("given_by", "metric")
    by_own = {value.metric_id: value for value in given}
    return [
        Shown(
            metric=metric,
            value=number_of(values.get(metric.code)),
            months=months.get(metric.code, []),
            own=owned.get(metric.code),
            given=by_own.get(owned[metric.code].pk) if metric.code in owned else None,
        )
        for metric in wanted
    ]


def grouped(rows: Sequence[Shown]) -> list[Group]:
    """Return the figures by heading, in the order of the headings."""
    found: dict[Section, list[Shown]] = defaultdict(list)
    for row in rows:
        found[row.metric.section].append(row)
    return [Group(section, found[section]) for section in Section if found[section]]


def months_of(
    customer: Customer, metrics: Sequence[Metric], kept: CustomerMetrics | None
) -> dict[str, list[Decimal | None]]:
    """Return the values at the ends of the last twelve months by metric, the oldest first. One query."""
    if kept is None:
        return {}
    first = month_of(clock.today(), TREND - 1)
    rows = MetricHistory.objects.filter(
        Q(to_month__isnull=True) | Q(to_month__gte=first), customer_id=customer.pk
    ).order_by("from_month")
    by_code: dict[str, list[MetricHistory]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    months = [month for number in range(TREND) if (month := first + relativedelta(months=number)) >= kept.since]
    return {
        metric.code: [_value_in(by_code[metric.code], month, metric) for month in months]
        for metric in metrics
        if metric.keeps_history
    }


def _value_in(rows: Sequence[MetricHistory], month: dt.date, metric: Metric) -> Decimal | None:
    """Return the value at the end of a month: what no data means where the history has no row."""
    for row in rows:
        if row.from_month <= month and (row.to_month is None or row.to_month >= month):
            return row.value
    return Decimal(0) if metric.missing == Missing.ZERO else None


def periods_of(customer: Customer, metric: Metric) -> list[Period]:
    """Return the values of a figure with their months, the newest first. Two queries."""
    kept = CustomerMetrics.objects.filter(customer=customer).first()
    if kept is None or not metric.keeps_history:
        return []
    rows = MetricHistory.objects.filter(customer_id=customer.pk, code=metric.code).order_by("from_month")
    blank = Decimal(0) if metric.missing == Missing.ZERO else None
    return list(reversed(_filled(list(rows), kept.since, blank)))


def _filled(rows: Sequence[MetricHistory], since: dt.date, blank: Decimal | None) -> list[Period]:
    """Return the rows with the months between them, in which the value was what no data means."""
    periods: list[Period] = []
    month: dt.date | None = since
    for row in rows:
        if month is not None and row.from_month > month:
            periods.append(Period(month, row.from_month - relativedelta(months=1), blank))
        periods.append(Period(row.from_month, row.to_month, row.value))
        month = row.to_month + relativedelta(months=1) if row.to_month else None
    if month is not None and month <= month_of(clock.today()):
        periods.append(Period(month, None, blank))
    return periods


def given_values(customer: Customer, own: OwnMetric) -> list[OwnValue]:
    """Return what was entered for an own metric, the newest first, with who did."""
    values = OwnValue.objects.filter(customer=customer, metric=own).select_related("given_by", "metric")
    return list(values.order_by("-given_on", "-pk")[:100])


def own_metric_of(code: str) -> OwnMetric | None:
    """Return the own metric in use behind a metric's code."""
    used = OwnMetric.objects.filter(retired_at__isnull=True).prefetch_related("levels")
    return next((own for own in used if own.metric_code == code), None)


def needed_metrics(metrics: Iterable[Metric]) -> list[Metric]:
    """Return the metrics that are missing information where they are not known."""
    return [metric for metric in metrics if metric.is_needed]
