"""What other apps declare for criteria: the decisions of people against what is suggested.

An app declares in its ``registrations``::

    SUGGESTION_REFUSALS = (Refusals(rows=Override.objects.in_force),)

As long as the criteria suggest the segment that was refused, the suggestion is not open; another one is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.registry import declared


@dataclass(frozen=True)
class Refusals:
    """Decisions in force: ``rows()`` are those with ``scheme``, ``customer`` and the segment ``suggested`` then."""

    rows: Callable[[], Any]


@cache
def refusals() -> tuple[Refusals, ...]:
    return tuple(declared("SUGGESTION_REFUSALS"))
