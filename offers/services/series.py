"""Numbers of offers, orders, invoices and batches: in each year from 1 on, without gaps or doubles."""

from __future__ import annotations

from django.db import transaction

from offers.enums import SeriesKind
from offers.models import NumberSeries


def number_take(*, kind: SeriesKind, year: int) -> str:
    """Return the next number, such as ``TA2026-0001``. Call it inside the transaction that writes what is numbered.

    Whoever numbers at the same time waits until that transaction ends: rolled back, it is given anew.
    """
    return numbers_take(kind=kind, year=year, count=1)[0]


@transaction.atomic
def numbers_take(*, kind: SeriesKind, year: int, count: int) -> list[str]:
    """Return the next ``count`` numbers in their order."""
    NumberSeries.objects.get_or_create(kind=kind, year=year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=year)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [f"{kind.value}{year}-{number:04d}" for number in range(first, series.last + 1)]
