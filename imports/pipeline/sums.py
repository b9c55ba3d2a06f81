"""Sums by stage: rows and euros imported, to review and skipped, which add up to the file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Sum, Value, When

from imports.enums import RowStatus
from imports.models import ImportRow, ImportRun

TAKEN_IN, HELD, REFUSED = "taken_in", "held", "refused"
SHARES = (TAKEN_IN, HELD, REFUSED)
_SHARE = Case(
    When(fate__in=(RowStatus.CREATED, RowStatus.UPDATED, RowStatus.UNCHANGED), then=Value(TAKEN_IN)),
    When(fate=RowStatus.HELD, then=Value(HELD)),
    default=Value(REFUSED),
)


def count_sums(run: ImportRun) -> list[dict[str, Any]]:
    """Return the rows and value by stage and share as JSON; empty for kinds without stages."""
    stages = run.row_kind.stages
    if not stages:
        return []
    rows = ImportRow.objects.filter(run=run).annotate(share=_SHARE).values_list("stage", "share")
    counted: dict[str, dict[str, Any]] = {}
    for stage, share, count, value in rows.annotate(Count("pk"), Sum("amount")).order_by():
        counted.setdefault(stage, {})[share] = {"rows": count, "value": str(value or Decimal("0.00"))}
    nothing = {"rows": 0, "value": "0.00"}
    return [
        {"stage": stage, **{share: counted[stage].get(share, nothing) for share in SHARES}}
        for stage in stages
        if stage in counted
    ]
