"""What the pages and the API show of an undo: counts and reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from core.undo.reasons import LABELS
from imports.enums import RowStatus, UndoStatus
from imports.models import ImportRow, ImportRun
from imports.undo.execution import CheckPass, walk
from imports.undo.services import AT_ONCE, undo_refusal, undo_until

_REASONS = """
SELECT p ->> 'code', count(DISTINCT r.id) FROM imports_importrow r, jsonb_array_elements(r.undo_problems) p
WHERE r.run_id = %s AND r.undo = 'kept' GROUP BY 1 ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True)
class UndoCounts:
    """The rows that added or changed a record, by what an undo means for them."""

    removable: int = 0  # added, and can be removed
    restorable: int = 0  # changed, and can get the former values
    removed: int = 0
    restored: int = 0
    kept: int = 0
    unchecked: int = 0
    waiting: int = 0

    @property
    def can(self) -> int:
        return self.removable + self.restorable

    @property
    def undone(self) -> int:
        return self.removed + self.restored


@dataclass(frozen=True)
class ReasonCount:
    """A reason why rows cannot be undone, and how many have it."""

    code: str
    sentence: Any
    count: int


_NAMES = {
    (UndoStatus.CAN, RowStatus.CREATED): "removable",
    (UndoStatus.CAN, RowStatus.UPDATED): "restorable",
    (UndoStatus.UNDONE, RowStatus.CREATED): "removed",
    (UndoStatus.UNDONE, RowStatus.UPDATED): "restored",
}
_OTHERS = {UndoStatus.KEPT: "kept", UndoStatus.NONE: "unchecked", UndoStatus.WAITING: "waiting"}


def undo_counts(run: ImportRun) -> UndoCounts:
    """Return the counts of a run's rows."""
    rows = ImportRow.objects.filter(run=run).written()
    found: Counter[str] = Counter()
    for undo, fate, count in rows.values_list("undo", "fate").annotate(Count("pk")).order_by():
        found[_NAMES.get((undo, fate)) or _OTHERS[UndoStatus(undo)]] += count
    return UndoCounts(**found)


def undo_reasons(run: ImportRun) -> list[ReasonCount]:
    """Return the reasons of the rows that cannot be undone, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, [run.pk])
        return [ReasonCount(code, LABELS.get(code, code), count) for code, count in cursor.fetchall()]


def _is_small(run: ImportRun) -> bool:
    """Return whether the rows that changed something can be checked at once; a stopped run has not counted them."""
    return ImportRow.objects.filter(run=run).written()[: AT_ONCE + 1].count() <= AT_ONCE


def preview_of(run: ImportRun, job: Any = None) -> dict[str, Any]:
    """Return what the API says of the undo of a run.

    A small run that has not been checked is checked for the answer, without keeping the results.
    """
    refusal = undo_refusal(run)
    with transaction.atomic():
        if refusal is None and not run.undo_checked_at and _is_small(run):
            walk(run, CheckPass, lambda done, total: None)
            counts, reasons = undo_counts(run), undo_reasons(run)
            transaction.set_rollback(True)
        else:
            counts, reasons = undo_counts(run), undo_reasons(run)
    return {
        **asdict(counts),
        "state": run.real_state.value,
        "possible": refusal is None,
        "refusal": str(refusal or ""),
        "until": undo_until(run),
        "checked_at": run.undo_checked_at,
        "reasons": reasons,
        "job": job,
    }
