"""How many rows and how many euros of each stage were taken in, held or refused, so that they add up to the file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Sum, Value, When

from imports.enums import Fate
from imports.models import ImportRow, ImportRun

TAKEN_IN, HELD, REFUSED = "taken_in", "held", "refused"
SHARES = (TAKEN_IN, HELD, REFUSED)
_SHARE = Case(
    When(fate__in=(Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED), then=Value(TAKEN_IN)),
    When(fate=Fate.HELD, then=Value(HELD)),
    default=Value(REFUSED),
)


def count_sums(run: ImportRun) -> list[dict[str, Any]]:
    """Return for each stage that the rows of a kind with stages have: rows and value of each share, as JSON."""
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
