"""Figures of segments for scorecards, in the primary scheme: the share of growing ones, moves upwards, retention."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.metrics import Unit
from customers.scores import OF_MANY, Scope, ScoreMetric, Year
from segmentation.portfolio.selectors.flow import flow_of
from segmentation.portfolio.selectors.query import FlowQuery
from segmentation.portfolio.selectors.shares import growing_share, retention
from segmentation.schemes.models import Scheme


def _query(scope: Scope, year: Year) -> FlowQuery | None:
    """Return the query of the year: from the end of the last one."""
    scheme = Scheme.objects.primary().first()
    if scheme is None:
        return None
    return FlowQuery(scheme=scheme, first=year.first - dt.timedelta(days=1), last=year.last, owners=scope.owners)


def growing(scope: Scope, year: Year) -> Any:
    query = _query(scope, year)
    return growing_share(query, year.last).percent if query else None


def retained(scope: Scope, year: Year) -> Any:
    query = _query(scope, year)
    return retention(query, year.last).percent if query else None


def moves_up(scope: Scope, year: Year) -> int | None:
    """Count the customers that were in the segment of a mutual contact at the start and are in a higher one now."""
    query = _query(scope, year)
    start = (query.scheme.lead_segment or query.scheme.default_segment) if query else None
    if query is None or start is None:
        return None
    flow = flow_of(query)
    above = [node.key for node in flow.nodes if node.segment and _is_above(node.segment, start)]
    return sum(flow.cells.get((str(start.pk), key), 0) for key in above)


def _is_above(segment: Any, start: Any) -> bool:
    """Whether a move to it is one up: it needs approval or counts as growing."""
    return segment.pk != start.pk and (segment.needs_approval or segment.counts_as_growing)


SCORE_METRICS = (
    ScoreMetric(
        code="growing", label=_("Share of growing customers"), unit=Unit.PERCENT, value=growing, scopes=OF_MANY,
        order=1,
        definition=_(
            "Direct customers in segments that count as growing, per cent of those with a segment, "
            "at the end of the year; while it runs, today."
        ),
    ),
    ScoreMetric(
        code="moves_up", label=_("Moves from potential to growing and key customers"), unit=Unit.COUNT,
        value=moves_up, scopes=OF_MANY, order=2, accumulates=True,
        definition=_(
            "Customers that were potential when the year began (in the segment that a mutual contact gives) and are "
            "now in another one that counts as growing or needs approval."
        ),
    ),
    ScoreMetric(
        code="retention", label=_("Retention"), unit=Unit.PERCENT, value=retained, scopes=OF_MANY, order=3,
        definition=_(
            "Customers that ordered in the 12 months to the end of the year (while it runs, to today), of those that "
            "ordered in the 12 months before, per cent."
        ),
    ),
)  # fmt: skip
