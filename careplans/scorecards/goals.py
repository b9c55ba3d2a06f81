"""The goals of customers' scorecards of this year on the page of key accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from careplans.following.plugs import CustomerGoals
from careplans.scorecards.models import Scorecard, ScoreLine
from core import clock
from segmentation.metrics.value_mode import sees_value


def goals_of_cards(customers: Collection[int], user: Any) -> Iterator[CustomerGoals]:
    """Yield the goals of the scorecards of this year, those about value for who sees the value of all."""
    rows = ScoreLine.objects.filter(card__customer__in=list(customers), card__year=clock.today().year)
    sees = sees_value(user)
    lines: dict[Scorecard, list[str]] = defaultdict(list)
    for line in rows.select_related("perspective", "card__customer", "card__team"):
        if sees or not line.is_value:
            lines[line.card].append(line.goal)
    for card, goals in lines.items():
        yield CustomerGoals(card.customer_id or 0, "\n".join(goals), card, card.get_absolute_url(), is_folded=True)
