"""What the pages and the API show of a bulk operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from core.bulk.enums import BulkStatus, BulkUndo
from core.bulk.models import BulkRow, BulkRun
from core.bulk.operations import operation_of, operations

SHOWN = 20


@dataclass(frozen=True)
class Group:
    """Rows with one outcome for one reason: how many, and the first of them."""

    status: BulkStatus
    reason: str
    text: str
    count: int
    names: Sequence[str]

    @property
    def rest(self) -> int:
        return self.count - len(self.names)


def groups_of(run: BulkRun) -> list[Group]:
    """Return the rows that are left out or stay as they are, by reason, most frequent first."""
    operation = operation_of(run.operation)
    found = run.rows.filter(status__in=(BulkStatus.REFUSED, BulkStatus.UNCHANGED)).order_by()
    counted = found.values_list("status", "reason").annotate(rows=Count("pk")).order_by("-rows", "reason")
    return [
        Group(
            BulkStatus(status),
            reason,
            operation.reason_text(reason) or _("No change needed"),
            count,
            list(found.filter(status=status, reason=reason).order_by("label").values_list("label", flat=True)[:SHOWN]),
        )
        for status, reason, count in counted
    ]


def reasons_of(run: BulkRun) -> list[tuple[str, str]]:
    """Return the reasons that rows of the run have, with their texts."""
    operation = operations().get(run.operation)
    codes = run.rows.exclude(reason="").order_by("reason").values_list("reason", flat=True).distinct()
    return [(code, operation.reason_text(code) if operation else code) for code in codes]


def add_urls(run: BulkRun, rows: list[BulkRow]) -> list[BulkRow]:
    """Give the rows the addresses of what they are about, as far as the run's user may see it."""
    operation = operations().get(run.operation)
    if operation is None:
        return rows
    visible: Any = operation.may_choose(run.user).filter(pk__in=[row.target_id for row in rows])
    urls = {target.pk: target.get_absolute_url() for target in visible}
    for row in rows:
        row.run = run
        row.target_url = urls.get(row.target_id, "")  # type: ignore[attr-defined]
    return rows


def has_undo(run: BulkRun) -> bool:
    """Return whether what the run does can be undone at all."""
    operation = operations().get(run.operation)
    return operation is not None and operation.undoing is not None


def waiting_count(run: BulkRun) -> int:
    return run.total - run.changed - run.unchanged - run.refused


def to_undo_count(run: BulkRun) -> int:
    """Return how many changed rows no undo has decided about."""
    return run.rows.filter(status=BulkStatus.CHANGED, undo=BulkUndo.NONE).count()
