"""Figures for scorecards that add up the metrics of customers, each defined where its metric is declared.

Metrics of 12 months are those at the year's end: the calendar year itself; while it runs, the last 12 months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, FloatField, IntegerField, Q, Sum, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from core.metrics import Unit, shown_metrics
from customers.scores import OF_MANY, Scope, ScoreMetric, Year
from segmentation.metrics.models import CustomerMetrics, MetricHistory

_NUMBER: Any = DecimalField(max_digits=20, decimal_places=2)
Total = Callable[[Scope, Year], Any]


def _present(scope: Scope, *, active: bool = False) -> Any:
    """Return the present figures of the scope's customers."""
    rows = CustomerMetrics.objects.order_by()
    if active:
        rows = rows.filter(customer__state="active")
    return rows if scope.kind == "all" else rows.filter(customer__in=scope.customers)


def _past(code: str, scope: Scope, year: Year) -> Any:
    """Return the figures at the end of a year that is over; there is no row where the value is what no data means."""
    month = dt.date(year.number, 12, 1)
    rows = MetricHistory.objects.filter(code=code, from_month__lte=month).order_by()
    rows = rows.filter(Q(to_month__isnull=True) | Q(to_month__gte=month))
    return rows if scope.kind == "all" else rows.filter(customer__in=scope.customers)


def _was_computed(scope: Scope, year: Year) -> Any:
    """Return the customers with figures at the end of a year that is over."""
    return _present(scope).filter(since__lte=dt.date(year.number, 12, 1))


def total(code: str) -> Total:
    """Return the sum of a metric over the customers."""

    def of(scope: Scope, year: Year) -> Decimal | None:
        if year.is_running:
            values = _present(scope).annotate(number=Cast(KT(f"values__{code}"), _NUMBER))
            found = values.aggregate(sum=Sum("number"))["sum"]
            return None if found is None else Decimal(found)
        if not _was_computed(scope, year).exists():
            return None
        return Decimal(_past(code, scope, year).aggregate(sum=Sum("value"))["sum"] or 0)

    return of


def number(code: str) -> Total:
    """Return how many active customers have a metric of yes and no that says yes."""

    def of(scope: Scope, year: Year) -> Decimal | None:
        if year.is_running:
            return Decimal(_yes(_present(scope, active=True), code).count())
        if not _was_computed(scope, year).exists():
            return None
        return Decimal(_past(code, scope, year).filter(value__gt=0).count())

    return of


def share(code: str) -> Total:
    """Return the share of yes among the active customers."""

    def of(scope: Scope, year: Year) -> Decimal | None:
        if year.is_running:
            rows = _present(scope, active=True)
            return _percent(_yes(rows, code).count(), rows.count())
        return _percent(_past(code, scope, year).filter(value__gt=0).count(), _was_computed(scope, year).count())

    return of


def _yes(rows: Any, code: str) -> Any:
    return rows.annotate(number=Cast(KT(f"values__{code}"), FloatField())).filter(number__gt=0)


def _percent(part: int, whole: int) -> Decimal | None:
    return round(Decimal(100) * part / whole, 1) if whole else None


def complete(scope: Scope, year: Year) -> Decimal | None:
    """Return which share of the needed information of active customers is known now; not known of past years."""
    codes = [code for code, metric in shown_metrics().items() if metric.is_needed and not metric.is_value]
    if not year.is_running or not codes:
        return None
    known = [Case(When(values__has_key=code, then=1), default=Value(0), output_field=IntegerField()) for code in codes]
    found = _present(scope, active=True).aggregate(known=Sum(sum(known[1:], known[0])), all=Count(F("pk")))
    return _percent(found["known"] or 0, found["all"] * len(codes))


SCORE_METRICS = (
    ScoreMetric(
        code="meetings", label=_("Meetings in 12 months"), unit=Unit.COUNT, value=total("meetings_12"), order=13,
        definition=_(
            "Contacts face to face or by video in the 12 months to the end of the year; while it runs, to today."
        ),
    ),
    ScoreMetric(
        code="hours", label=_("Hours of customer work in 12 months"), unit=Unit.HOURS, value=total("hours_12"),
        order=70,
        definition=_(
            "Hours of work for the customers in the 12 months to the end of the year; while it runs, to today."
        ),
    ),
    ScoreMetric(
        code="profit", label=_("Profitability in 12 months"), unit=Unit.EUROS, value=total("profit_12"), order=61,
        is_value=True,
        definition=_(
            "Orders − direct costs − hours × cost of an hour − share of the service cost, of the customers of which it "
            "is known, in the 12 months to the end of the year; while it runs, to today."
        ),
    ),
    ScoreMetric(
        code="framework_agreements", label=_("Framework agreements in force"), unit=Unit.COUNT, order=50,
        scopes=OF_MANY, value=number("framework_agreement"),
        definition=_("Active customers with the class of a framework agreement in force."),
    ),
    ScoreMetric(
        code="decision_makers", label=_("Customers with a known decision maker"), unit=Unit.PERCENT, order=51,
        scopes=OF_MANY, value=share("decision_maker_known"),
        definition=_("Active customers with a contact person in the role of a decision maker, per cent of all."),
    ),
    ScoreMetric(
        code="data_quality", label=_("Needed information that is known"), unit=Unit.PERCENT, value=complete, order=52,
        definition=_(
            "Of the information that is asked of active customers (personnel, area and own metrics marked so), the "
            "share that is known now. Not known of past years."
        ),
    ),
)  # fmt: skip
