"""Computing the actuals of scorecards: each figure is that of the app that declares it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from careplans.scorecards.models import Scorecard, ScoreLine
from core import clock
from customers.scores import score_of
from segmentation.metrics.value_mode import value_mode
from segmentation.schemes.enums import ValueMode


def lines_compute(card: Scorecard, lines: Iterable[Any], today: dt.date | None = None) -> list[ScoreLine]:
    """Compute the newest actuals of lines of a card and return those that differ; nothing is saved yet.

    A figure that a past year cannot say any more stays as it was last known. Where the value of customers is off, value
    figures are not computed and what was there is taken away.
    """
    today = today or clock.today()
    scope, without_value = card.scope, value_mode() == ValueMode.OFF
    found = []
    for line in lines:
        before = (line.value, line.value_on)
        if line.is_value and without_value:
            line.value = line.value_on = None
        elif line.declared:
            _take(line, score_of(line.declared, scope, card.year, today), card.year, today)
        if (line.value, line.value_on) != before:
            found.append(line)
    return found


def _take(line: Any, value: Decimal | None, year: int, today: dt.date) -> None:
    is_over = year < today.year
    if value is None and is_over and line.value is not None:
        return
    line.value, line.value_on = value, min(today, dt.date(year, 12, 31))


def lines_save(lines: Iterable[ScoreLine]) -> int:
    """Save computed actuals alone, so that nothing that people change meanwhile is written over."""
    rows = list(lines)
    ScoreLine.objects.bulk_update(rows, ["value", "value_on"])
    return len(rows)


def lines_in_order(card: Scorecard) -> Any:
    """Return the lines of a card with their perspectives, in order."""
    return ScoreLine.objects.filter(card=card).select_related("perspective")
