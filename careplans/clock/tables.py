"""The tables beside the wheel: what, who, recipient, when, where; and what there is in each month."""

from __future__ import annotations

from typing import Any

from careplans.clock.rows import Clock, Count
from careplans.clock.words import STATES, month_name

#: The states with what their marks look like, for the key to the drawing.
STATE_ROWS = [(name, kind, word) for name, (kind, word) in STATES.items()]


def numbers(count: Count) -> list[tuple[str, int, Any]]:
    """Return what there is by state, with the kind of its badge."""
    found = [(kind, getattr(count, name), word) for name, (kind, word) in STATES.items()]
    return [one for one in found if one[1]]


def rows_table(shown: Clock) -> list[dict[str, Any]]:
    """Return the actions in the order of their numbers."""
    return [{"row": row, "numbers": numbers(row.count)} for row in shown.rows]


def months_table(shown: Clock) -> list[dict[str, Any]]:
    """Return the months with their actions and what there is of each."""
    return [
        {
            "number": month,
            "name": month_name(month),
            "is_present": shown.today is not None and (shown.today.year, shown.today.month) == (shown.year, month),
            "numbers": numbers(count),
            "actions": [
                {"row": row, "mark": mark, "numbers": numbers(mark.count)} for row, mark in shown.in_month(month)
            ],
        }
        for month, count in shown.months.items()
    ]
