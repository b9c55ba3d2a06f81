"""What higher apps say of key accounts: ``CUSTOMER_GOALS``, functions of customers' ids and a reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.registry import declared


@dataclass(frozen=True)
class CustomerGoals:
    """The goals of a customer as text, with the name and the address of the page that has them."""

    customer: int
    text: str
    source: Any
    url: str
    #: Whether they are long, so that the page shows them when they are asked for.
    is_folded: bool = False


def goals_of(customers: Collection[int], user: Any) -> dict[int, list[CustomerGoals]]:
    """Return the goals of customers that the reader may see, as the apps declare them."""
    found: dict[int, list[CustomerGoals]] = defaultdict(list)
    for read in declared("CUSTOMER_GOALS"):
        for goals in read(customers, user):
            found[goals.customer].append(goals)
    return found
