"""The data of charts that ``static/js/charts.js`` draws, made from the figures of the tables beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from offers.sales.selectors.pipeline import Forecast

#: A horizontal chart with more bars than this needs more height.
TALL = 10
#: One with at most this many needs less.
SHORT = 4


@dataclass(frozen=True)
class Series:
    """A series of figures. ``unit`` is euros, count, percent or days; ``line`` is drawn over the bars."""

    name: str
    values: Sequence[float | None]
    unit: str = "count"
    line: bool = False
    stack: str = ""


@dataclass(frozen=True)
class Chart:
    """Vertical or ``horizontal`` bars by category."""

    label: str
    categories: Sequence[str]
    series: Sequence[Series]
    horizontal: bool = False

    @property
    def is_tall(self) -> bool:
        return self.horizontal and len(self.categories) > TALL

    @property
    def is_short(self) -> bool:
        """Return whether there are so few bars that they need less height."""
        return self.horizontal and len(self.categories) <= SHORT

    @property
    def json(self) -> str:
        return json.dumps(asdict(self))


def figures(values: Sequence[Decimal | float | int | None]) -> list[float | None]:
    """Return the values as JSON numbers."""
    return [None if value is None else float(value) for value in values]


def forecast_chart(forecast: Forecast) -> Chart:
    """Return the chart of value and weighted value by month."""
    rows = forecast.rows
    return Chart(
        label=_("Forecast by month"),
        categories=[row.short_label for row in rows],
        series=[
            Series(_("Weighted value"), figures([row.sums.weighted for row in rows]), "euros"),
            Series(pgettext("offer", "Value"), figures([row.sums.net for row in rows]), "euros"),
        ],
    )
