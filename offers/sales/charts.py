"""The data of charts that ``static/js/charts.js`` draws, made from the figures of the tables beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
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
    """A series of figures. ``unit`` is euros, count, percent or days.

    ``line`` is drawn over the bars, a ``mark`` across each of them. ``column`` is the column of the table that has the
    figures, ``urls`` are the lists of what they count. ``former`` ones are of an earlier period and lighter.
    """

    name: str
    values: Sequence[float | None]
    unit: str = "count"
    line: bool = False
    stack: str = ""
    mark: bool = False
    column: str = ""
    urls: Sequence[str] = ()
    former: bool = False


@dataclass(frozen=True)
class Chart:
    """Vertical or ``horizontal`` bars by category; those of a chart ``is_of_time`` are months."""

    label: str
    categories: Sequence[str]
    series: Sequence[Series]
    horizontal: bool = False
    is_of_time: bool = False

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


def former_series(chart: Chart, before: Chart | None) -> list[Series]:
    """Return the series of the same chart about an earlier period, in the order of this chart's categories.

    Months are compared in their order, other categories by their names; what was not there is empty. Targets and marks
    are not compared.
    """
    if before is None:
        return []
    found = []
    for one in before.series:
        values = dict(zip(before.categories, one.values, strict=True))
        if one.mark or not one.column:
            continue
        by_name = [values.get(name) for name in chart.categories]
        rows = list(one.values)[: len(chart.categories)] if chart.is_of_time else by_name
        label = _("%(name)s, a year before") % {"name": one.name}
        found.append(replace(one, name=label, values=rows, former=True, urls=()))
    return found


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
