"""Actions that are missed again and again."""

from __future__ import annotations

from collections.abc import Sequence

from careplans.adherence.actions import Scope
from careplans.adherence.occurrences import Occurrence, State

#: A mandatory action toward a customer that is missed so many times in a row is not heeded.
IN_A_ROW = 3
_OVER = frozenset({State.DONE, State.LATE, State.MISSED})


def unheeded(occurrences: Sequence[Occurrence]) -> Occurrence | None:
    """Return the newest missed occurrence of an action if it was missed :data:`IN_A_ROW` times in a row."""
    over = [one for one in occurrences if one.state in _OVER and _is_asked(one)]
    newest = sorted(over, key=lambda one: one.order)[-IN_A_ROW:]
    if len(newest) < IN_A_ROW or any(one.state is not State.MISSED for one in newest):
        return None
    return newest[-1]


def _is_asked(occurrence: Occurrence) -> bool:
    return occurrence.action.is_mandatory and occurrence.action.scope is Scope.CUSTOMER
