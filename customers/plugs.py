"""What higher apps add to the list of customers: ``CUSTOMER_LIST_COLUMNS`` and ``CUSTOMER_LIST_FILTERS``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.registry import declared
from core.tables import Column


@dataclass(frozen=True)
class CustomerColumn:
    """A column of the list of customers, after another one.

    ``prepare`` gives the customers of a page what the column shows, in a constant number of queries. With ``in_own``
    it is shown to who lists the own customers.
    """

    column: Column
    after: str
    prepare: Callable[[Sequence[Any]], None]
    in_own: bool = False


@dataclass(frozen=True)
class CustomerFilter:
    """A filter of the list of customers that is on or off; it is the condition of selections of the same name."""

    name: str
    label: Any
    found: Callable[[Any], Any]


def added_columns() -> list[CustomerColumn]:
    return list(declared("CUSTOMER_LIST_COLUMNS"))
