"""What the page and the minutes of a review show: progress by owner, and the whole frozen list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from segmentation.casework.enums import Answer
from segmentation.casework.models import Review, ReviewLine

#: So many owners are listed by name; the others are one row.
MOST_OWNERS = 200


@dataclass(frozen=True)
class Progress:
    """How far an owner has got: customers, answered ones, kept ones, changes."""

    owner: Any
    name: str
    total: int
    answered: int
    kept: int
    changed: int

    @property
    def open(self) -> int:
        return self.total - self.answered


def progress_of(review: Review) -> list[Progress]:
    """Return the progress of each owner, those with most unanswered customers first; one query."""
    rows = review.lines.filter(customer__state="active").values("owner", "owner_name").order_by()
    counted = rows.annotate(
        total=Count("pk"),
        kept=Count("pk", filter=Q(answer=Answer.KEEP)),
        changed=Count("pk", filter=Q(answer=Answer.CHANGE)),
    )
    found = [
        Progress(row["owner"], row["owner_name"], row["total"], row["kept"] + row["changed"], row["kept"],
                 row["changed"])
        for row in counted
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.open, one.name))[:MOST_OWNERS]


def sums_of(progress: Sequence[Progress]) -> dict[str, int]:
    names = ("total", "answered", "kept", "changed")
    return {name: sum(getattr(one, name) for one in progress) for name in names}


def minutes_lines(review: Review) -> list[ReviewLine]:
    """Return the whole frozen list by segment and name, for the minutes."""
    rows = review.lines.select_related("customer", "answered_by")
    return list(rows.order_by("segment__order", "segment", "customer_name", "pk"))
