"""What the history of a scorecard shows to those who do not see the value of customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from careplans.scorecards.models import Perspective, Scorecard, ScoreLine
from careplans.scorecards.models.cards import is_value_metric
from core.history import Shows


def plain_events(card: Scorecard) -> Shows:
    """Return whether an event says nothing of a goal that is a value figure now, or was before or after the event."""
    value_lines = {str(line.pk) for line in card.lines.select_related("perspective") if line.is_value}
    perspectives = set(Perspective.objects.filter(is_value=True).values_list("pk", flat=True))

    def is_plain(event: Any) -> bool:
        if event.pgh_obj_model != ScoreLine._meta.label:
            return True
        in_value = perspectives.intersection(_values(event, "perspective_id"))
        metrics = any(is_value_metric(code) for code in _values(event, "metric"))
        return not (in_value or metrics or event.pgh_obj_id in value_lines)

    return is_plain


def _values(event: Any, column: str) -> Iterator[Any]:
    """Yield the values of a column after an event, and before and after its change."""
    yield (event.pgh_data or {}).get(column)
    yield from (event.pgh_diff or {}).get(column, ())
