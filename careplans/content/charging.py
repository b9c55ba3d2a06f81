"""Charges of customers by year, and the change from the year before, which is computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from careplans.content.models import Charge


@dataclass(frozen=True, slots=True)
class YearOfCharges:
    """What a customer was charged in a year; ``change`` is unknown where the year before has no charges."""

    year: int
    amount: Decimal
    change: Decimal | None


def charges_by_year(customers: Collection[int]) -> dict[int, list[YearOfCharges]]:
    """Return the years of each customer with their sums, the newest first."""
    rows = Charge.objects.filter(customer__in=list(customers)).order_by().values("customer", "year")
    sums: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for row in rows.annotate(amount=Sum("amount")):
        sums[row["customer"]][row["year"]] = row["amount"]
    return {customer: list(_years(of_one)) for customer, of_one in sums.items()}


def _years(sums: dict[int, Decimal]) -> Iterable[YearOfCharges]:
    for year in sorted(sums, reverse=True):
        before = sums.get(year - 1)
        yield YearOfCharges(year, sums[year], None if before is None else sums[year] - before)


def with_changes(charges: Iterable[Charge]) -> list[Any]:
    """Return charges with ``change`` from the same service of the year before, None where it has none."""
    rows: list[Any] = list(charges)
    asked = {row.customer_id for row in rows}
    years = {row.year - 1 for row in rows}
    before = {
        (one.customer_id, one.year, one.service.lower()): one.amount
        for one in Charge.objects.filter(customer__in=asked, year__in=years)
    }
    for row in rows:
        known = before.get((row.customer_id, row.year - 1, row.service.lower()))
        row.change = None if known is None else row.amount - known
    return rows
