"""What people see of a scorecard: its goals by perspective, with actuals, results and the years before.

Goals that say what customers are worth are left out for those who do not see the value of the customer, or of all.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from careplans.scorecards.enums import TONES, LineUnit, Result, result_of
from careplans.scorecards.models import Perspective, Scorecard, ScoreLine
from core import clock
from core.metrics import Unit
from customers.scores import Year
from segmentation.metrics.texts import NBSP, SIGNS, plain_number
from segmentation.metrics.value_mode import sees_value

#: So many earlier years are beside the actual.
EARLIER = 2
#: From here on decimals say nothing.
WHOLE = 1_000


@dataclass(frozen=True)
class Earlier:
    """What was reached in an earlier year of the same series."""

    year: int
    text: str


@dataclass
class ShownLine:
    """A line as people see it."""

    line: ScoreLine
    result: Result
    so_far: bool = False
    earlier: list[Earlier] = field(default_factory=list)
    by_year: list[tuple[int, str]] = field(default_factory=list)
    is_new_series: bool = False

    @property
    def tone(self) -> str:
        return TONES[self.result]

    @property
    def unit(self) -> Unit:
        metric = self.line.declared
        return metric.unit if metric else Unit(self.line.unit or LineUnit.COUNT)

    @property
    def target(self) -> str:
        text = self.text(self.line.target)
        return text if self.line.target is None else f"{'≥' if self.line.expected == 'up' else '≤'}{NBSP}{text}"

    @property
    def actual(self) -> str:
        return self.text(self.line.actual)

    @property
    def kept(self) -> str:
        return self.text(self.line.kept)

    @property
    def has_moved(self) -> bool:
        """Whether the newest actual differs from the approved one."""
        return self.line.actual is not None and self.line.actual != self.line.kept

    @property
    def is_redefined(self) -> bool:
        """Whether the definition has changed since: the next scorecard begins a new series."""
        metric = self.line.declared
        return metric is not None and metric.version != self.line.definition

    def text(self, value: Decimal | None) -> str:
        return figure_text(self.unit, value)


def figure_text(unit: Unit, value: Decimal | None) -> str:
    """Return *42 000 €*, *61 %*, *12*; what is not known is *–*."""
    if value is None:
        return "–"
    if abs(value) >= WHOLE:
        value = value.to_integral_value(ROUND_HALF_UP)
    text = plain_number(value, unit.digits or 2)
    return f"{text}{NBSP}{SIGNS[unit]}" if unit in SIGNS else text


def sees_values_of(user: Any, card: Scorecard) -> bool:
    """Whether the user sees the goals of the card that say what customers are worth."""
    return sees_value(user, card.customer)


def seen_lines(user: Any, card: Scorecard) -> list[ScoreLine]:
    """Return the lines of a card that the user sees, in order, in a constant number of queries."""
    lines = list(ScoreLine.objects.filter(card=card).select_related("perspective", "based_on"))
    if any(line.is_value for line in lines) and not sees_values_of(user, card):
        return [line for line in lines if not line.is_value]
    return lines


def shown_lines(user: Any, card: Scorecard) -> list[ShownLine]:
    """Return the lines that the user sees with results and earlier years."""
    lines = seen_lines(user, card)
    earlier = _earlier(card, lines)
    year = Year(card.year, clock.today())
    shown = [_shown(line, card, year, earlier.get(line.series, [])) for line in lines]
    years = years_of(shown)
    for one in shown:
        texts = {former.year: former.text for former in one.earlier}
        one.by_year = [(number, texts.get(number, "–")) for number in years]
    return shown


def years_of(shown: Sequence[ShownLine]) -> list[int]:
    """Return the earlier years of which there is something to show, the newest first."""
    return sorted({former.year for one in shown for former in one.earlier}, reverse=True)


def _shown(line: ScoreLine, card: Scorecard, year: Year, earlier: Sequence[ScoreLine]) -> ShownLine:
    value = line.kept if card.is_approved else line.actual
    day = line.kept_on if card.is_approved else year.last
    grows = line.declared is not None and line.declared.accumulates and line.expected == "up"
    is_early = grows and day is not None and day < dt.date(card.year, 12, 31)
    share = Year(card.year, day).share if is_early and day is not None else Decimal(1)
    shown = ShownLine(line, result_of(value, line.target, line.expected, share), so_far=is_early)
    shown.is_new_series = line.based_on is not None and line.based_on.series != line.series
    for one in earlier:
        shown.earlier.append(Earlier(one.card.year, shown.text(one.kept if one.card.is_approved else one.actual)))
    return shown


def _earlier(card: Scorecard, lines: Sequence[ScoreLine]) -> dict[Any, list[ScoreLine]]:
    """Return the lines of the same series in the years before, the newest first. One query."""
    years = range(card.year - EARLIER, card.year)
    rows = ScoreLine.objects.filter(series__in={line.series for line in lines}, card__year__in=years)
    same = rows.filter(card__kind=card.kind, card__customer=card.customer_id, card__team=card.team_id)
    found: dict[Any, list[ScoreLine]] = defaultdict(list)
    for line in same.select_related("card").order_by("-card__year"):
        found[line.series].append(line)
    return found


@dataclass
class Group:
    """The goals of a perspective."""

    perspective: Perspective
    lines: list[ShownLine] = field(default_factory=list)


def grouped(lines: Sequence[ShownLine]) -> list[Group]:
    """Return the lines by perspective, in order."""
    found: dict[int, Group] = {}
    for shown in lines:
        found.setdefault(shown.line.perspective_id, Group(shown.line.perspective)).lines.append(shown)
    return list(found.values())


def counts(lines: Sequence[ShownLine]) -> list[tuple[Result, str, int]]:
    """Return how many goals have each result, with its colour."""
    numbers = {result: sum(one.result == result for one in lines) for result in Result}
    return [(result, TONES[result], number) for result, number in numbers.items() if number]
