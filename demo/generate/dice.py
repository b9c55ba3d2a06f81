"""Chance that can be repeated: the same seed gives the same data."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Options, each as likely as its weight says."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self.options = list(weights)
        self.bounds = list(accumulate(weights.values()))


class Dice(random.Random):
    """``random.Random`` with what the generators ask for most; quick, as it is asked a hundred million times."""

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.random() * len(options))]

    def chance(self, share: float) -> bool:
        return self.random() < share

    def number(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both possible."""
        return low + int(self.random() * (high - low + 1))

    def weighted(self, table: Weighted[T]) -> T:
        return table.options[bisect(table.bounds, self.random() * table.bounds[-1])]
