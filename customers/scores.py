"""Figures for scorecards: each is declared once, by the app that owns the data (``SCORE_METRICS``).

A figure is one function of a scope (a customer, the customers of a team, or all) and a year. Scorecards ask it for the
days of the year that have gone by; what it cannot say is None. Another definition gets the next ``version``, so that
what follows is a new series.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from accounts.models import Team
from accounts.selectors import people_ids
from core import clock
from core.metrics import Unit
from core.registry import declared
from customers.models import Customer

CUSTOMER, TEAM, ALL = "customer", "team", "all"
EVERY_SCOPE = (CUSTOMER, TEAM, ALL)
OF_MANY = (TEAM, ALL)


@dataclass(frozen=True)
class Scope:
    """What figures are asked of: a customer, the customers with an owner in a team, or all."""

    customer: Customer | None = None
    team: Team | None = None

    @property
    def kind(self) -> str:
        return CUSTOMER if self.customer else TEAM if self.team else ALL

    @cached_property
    def owners(self) -> list[int] | None:
        """The people of the team, those of the teams that are part of it included; None where no team is asked."""
        return sorted(set(people_ids(self.team))) if self.team else None

    @property
    def customers(self) -> Any:
        """The customers as they are today, inactive ones included: who has left is in the figures of its years."""
        rows = Customer.objects.order_by()
        if self.customer:
            return rows.filter(pk=self.customer.pk)
        return rows if self.owners is None else rows.filter(summary__owner__in=self.owners)


@dataclass(frozen=True)
class Year:
    """A year until a day: 31 December, or today while it runs."""

    number: int
    today: dt.date

    @property
    def first(self) -> dt.date:
        return dt.date(self.number, 1, 1)

    @property
    def last(self) -> dt.date:
        return min(dt.date(self.number, 12, 31), self.today)

    @property
    def is_running(self) -> bool:
        return self.number == self.today.year

    @property
    def has_begun(self) -> bool:
        return self.number <= self.today.year

    @property
    def share(self) -> Decimal:
        """The part of the year that has gone by."""
        if not self.is_running:
            return Decimal(1)
        return Decimal((self.last - self.first).days + 1) / ((dt.date(self.number, 12, 31) - self.first).days + 1)


@dataclass(frozen=True, kw_only=True)
class ScoreMetric:
    """A figure that computes itself.

    ``accumulates``: it grows from zero during the year, so that a running year is compared with its part of the target.
    ``is_value`` ones say what customers are worth to us and follow the value mode.
    """

    code: str
    label: Any
    definition: Any
    unit: Unit
    value: Callable[[Scope, Year], Any]
    scopes: tuple[str, ...] = EVERY_SCOPE
    version: int = 1
    less_is_better: bool = False
    accumulates: bool = False
    is_value: bool = False
    order: int = 100


@cache
def score_metrics() -> dict[str, ScoreMetric]:
    """Return the declared figures by code, in order. Raise ``ValueError`` if one is declared twice."""
    found: dict[str, ScoreMetric] = {}
    for metric in sorted(declared("SCORE_METRICS"), key=lambda one: one.order):
        if metric.code in found:
            raise ValueError(f"{metric.code} is declared twice")
        found[metric.code] = metric
    return found


def score_of(metric: ScoreMetric, scope: Scope, number: int, today: dt.date | None = None) -> Decimal | None:
    """Return a figure of a year; None where it is not known, the year has not begun or the scope is not offered."""
    year = Year(number, today or clock.today())
    if scope.kind not in metric.scopes or not year.has_begun:
        return None
    value = metric.value(scope, year)
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))
