"""Moves into a segment and out of it in a period, by the other segment and the reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields.array import IndexTransform  # type: ignore[attr-defined]  # missing in its types
from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, TextField

from segmentation.membership.models import Membership
from segmentation.portfolio.selectors.query import end_of
from segmentation.schemes.models import Segment, SegmentReason


@dataclass(frozen=True)
class Moves:
    """How many customers moved between a segment and another (none: without a segment), for which reason, if any."""

    other: Segment | None
    reason: SegmentReason | None
    number: int


def began_in(first: dt.date, last: dt.date) -> Q:
    """Return the condition that a membership began after the end of a day, until the end of another."""
    return Q(period__startswith__gt=end_of(first), period__startswith__lte=end_of(last))


def ended_in(first: dt.date, last: dt.date) -> Q:
    return Q(period__endswith__gt=end_of(first), period__endswith__lte=end_of(last))


def _same_customer() -> QuerySet[Membership]:
    return Membership.objects.filter(customer=OuterRef("customer"), scheme=OuterRef("scheme"))


def with_neighbours(rows: Any) -> Any:
    """Add the segment before (``before``), the one after and the reason of the move to it; they touch in time."""
    earlier, later = earlier_than_each(), later_than_each()
    return rows.annotate(
        before=_of_one(earlier, "segment"), after=_of_one(later, "segment"), after_reason=_of_one(later, "reason")
    )


def earlier_than_each() -> QuerySet[Membership]:
    """Return the memberships that end when each of some others begins (with ``OuterRef``)."""
    return _same_customer().filter(period__endswith=OuterRef("period__startswith"))


def later_than_each() -> QuerySet[Membership]:
    return _same_customer().filter(period__startswith=OuterRef("period__endswith"))


def _of_one(rows: QuerySet[Membership], field: str) -> Subquery:
    """Return a field of the neighbour: as an aggregate, since the first by id would be looked for among all rows."""
    return Subquery(rows.order_by().values("customer").annotate(found=Min(field)).values("found"))


def segment_name(rows: QuerySet[Membership]) -> Subquery:
    """Return the SQL of the name of the segment of a customer's ``rows`` (with ``OuterRef``), as an aggregate too."""
    names = ArrayAgg(Segment.text_sql("segment__"), order_by="segment")
    first = IndexTransform(1, TextField(), names)
    return Subquery(rows.order_by().values("customer").annotate(found=first).values("found"))


def moves_in(segment: Segment, first: dt.date, last: dt.date) -> list[Moves]:
    """Return the moves into a segment after ``first`` until ``last``, the most frequent first."""
    rows = with_neighbours(Membership.objects.filter(began_in(first, last), segment=segment))
    return _counted(rows.annotate(other=F("before"), why=F("reason")))


def moves_out(segment: Segment, first: dt.date, last: dt.date) -> list[Moves]:
    """Return the moves out of a segment; the reason is that of the next membership."""
    rows = with_neighbours(Membership.objects.filter(ended_in(first, last), segment=segment))
    return _counted(rows.annotate(other=F("after"), why=F("after_reason")))


def _counted(rows: Any) -> list[Moves]:
    found = list(rows.values_list("other", "why").annotate(number=Count("pk")).order_by("-number", "other", "why"))
    segments = Segment.objects.in_bulk([other for other, _why, _number in found if other])
    reasons = SegmentReason.objects.in_bulk([why for _other, why, _number in found if why])
    return [Moves(segments.get(other), reasons.get(why), number) for other, why, number in found]
