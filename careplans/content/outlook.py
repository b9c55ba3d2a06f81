"""The outlook of customers: a number of an own metric from 0 to 10, and the words of that number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from segmentation.metrics.models import OwnLevel, OwnValue

#: The code of the own metric that administrators may change or replace.
CODE = "outlook"


@dataclass(frozen=True, slots=True)
class Outlook:
    number: int
    words: str

    def __str__(self) -> str:
        return f"{self.number} ({self.words})" if self.words else str(self.number)


def outlooks(customers: Collection[int]) -> dict[int, Outlook]:
    """Return the present outlook of those customers that have one."""
    levels = sorted(OwnLevel.objects.filter(metric__code=CODE), key=lambda level: level.number)
    values = OwnValue.objects.current().filter(metric__code=CODE, customer__in=list(customers), number__isnull=False)
    return {value.customer_id: _outlook(int(value.number or 0), levels) for value in values if not value.is_expired}


def _outlook(number: int, levels: list[OwnLevel]) -> Outlook:
    """Return a number with the words of the highest level that it reaches."""
    words = [level.words for level in levels if level.number <= number]
    return Outlook(number, words[-1] if words else "")
