"""What the criteria give customers, for the services of memberships, and what follows a decision about a segment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from core import clock
from core.segments import Suggested
from segmentation.casework.models import InquiryLine, Override
from segmentation.criteria.enums import Outcome
from segmentation.criteria.models import Evaluation


def _given() -> QuerySet[Evaluation]:
    """Return what the criteria give, in schemes where people decide."""
    rows = Evaluation.objects.filter(segment__isnull=False, scheme__is_automatic=False)
    return rows.exclude(outcome=Outcome.TOO_LITTLE)


def suggested(scheme_id: int, customer_ids: Collection[int]) -> dict[int, Suggested]:
    """Return what the criteria of a scheme give each of these customers, in one query."""
    rows = _given().filter(scheme=scheme_id, customer__in=list(customer_ids)).select_related("segment", "criteria")
    return {
        row.customer_id: Suggested(row.segment_id, str(row.segment), row.criteria.number)
        for row in rows
        if row.segment_id
    }


def against(segment: Any) -> Any:
    """Return the ids of the customers to which the criteria give another segment of the scheme."""
    return _given().filter(scheme=segment.scheme_id).exclude(segment=segment).order_by().values("customer")


def decided(
    scheme_id: int,
    segments: Mapping[int, Any],
    *,
    suggested: Mapping[int, Suggested],
    user: Any,
    reason: Any = None,
    texts: Mapping[int, str],
) -> None:
    """End the decisions against suggestions that these moves follow, keep new ones, close former owners' answers."""
    now, ids = clock.now(), list(segments)
    Override.objects.in_force().filter(scheme=scheme_id, customer__in=ids).update(ended_at=now)
    InquiryLine.objects.suggestions().filter(inquiry__scheme=scheme_id, customer__in=ids).update(settled_at=now)
    Override.objects.bulk_create(
        Override(
            scheme_id=scheme_id,
            customer_id=pk,
            suggested_id=given.segment_id,
            segment=segments[pk],
            criteria_version=given.version,
            reason=reason,
            text=texts.get(pk, ""),
            decided_by=user,
            decided_at=now,
        )
        for pk, given in suggested.items()
        if pk in segments and given.segment_id != segments[pk].pk
    )
