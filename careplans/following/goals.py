"""The actual adherence of the goals of a segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from careplans.following.adherence import Query, figures_by, total_of
from careplans.following.labels import links_of
from segmentation.portfolio.selectors.goals import Found
from segmentation.schemes.models import Segment


def adherence_by_year(segment: Segment, years: Sequence[int], reader: Any) -> dict[int, Found]:
    """Return the adherence of a segment in each year, mandatory actions only, and the list of what fell due."""
    found: dict[int, Found] = {}
    for year in years:
        query = Query(reader, dt.date(year, 1, 1), dt.date(year, 12, 31), chosen={"segment": segment})
        adherence = total_of(figures_by(query)).adherence
        if adherence is not None:
            found[year] = Decimal(adherence), links_of(query, is_total=True)["due"]
    return found
