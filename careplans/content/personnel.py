"""The personnel of customers and its change in twelve months, from the values that are kept by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from careplans.adherence.days import plus_months
from core.formatting import number_text, signed_text
from customers.models import Customer
from segmentation.metrics.models import MetricHistory


@dataclass(frozen=True, slots=True)
class Personnel:
    """How many employees, and how many more than a year before: from dated values, else as entered."""

    number: int
    change: int | None

    def __str__(self) -> str:
        if self.change is None:
            return number_text(self.number)
        return f"{number_text(self.number)} ({signed_text(self.change)})"


def personnel_of(customers: Collection[int], day: dt.date) -> dict[int, Personnel]:
    """Return the personnel of those customers of which it is known."""
    month = plus_months(day, -12).replace(day=1)
    then = MetricHistory.objects.filter(
        Q(to_month__isnull=True) | Q(to_month__gte=month), customer__in=list(customers), code="personnel",
        from_month__lte=month,
    )  # fmt: skip
    before = {customer: int(value) for customer, value in then.values_list("customer", "value")}
    rows = Customer.objects.filter(pk__in=list(customers), personnel__isnull=False)
    return {
        pk: Personnel(number, number - before[pk] if pk in before else entered)
        for pk, number, entered in rows.values_list("pk", "personnel", "personnel_change")
        if number is not None
    }
