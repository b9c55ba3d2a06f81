"""Records that a user has opened lately: written when their page is drawn, shown in the menu and the palette.

An app declares which of its records are remembered as ``RECORD_KINDS`` of its registrations. At most :data:`KEPT` are
kept for each user. What the user may not see any more is left out when they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model

from core import clock
from core.models import RecentRecord
from core.registry import SearchHit, declared

KEPT = 30
SHOWN = 10
#: One statement: the row is new or newer, and what is beyond the newest ones goes.
_SEEN = """
WITH seen AS (
    INSERT INTO core_recentrecord (user_id, content_type_id, object_id, seen_at)
    VALUES (%(user)s, %(kind)s, %(record)s, %(now)s)
    ON CONFLICT (user_id, content_type_id, object_id) DO UPDATE SET seen_at = excluded.seen_at
)
DELETE FROM core_recentrecord WHERE id IN (
    SELECT id FROM core_recentrecord WHERE user_id = %(user)s ORDER BY seen_at DESC, id DESC OFFSET %(kept)s
)
"""


@dataclass(frozen=True)
class RecordKind:
    """A kind of record that is remembered: its model, which has ``visible_to``, and what a hit shows beside it."""

    model: type[Model]
    label: Any
    icon: str


@cache
def _kinds() -> dict[type[Model], RecordKind]:
    return {kind.model: kind for kind in declared("RECORD_KINDS")}


def record_seen(user: Any, record: Model) -> None:
    """Remember that the user has opened ``record``, if its kind is remembered; one statement."""
    if type(record) not in _kinds():
        return
    kind = ContentType.objects.get_for_model(record).pk
    values = {"user": user.pk, "kind": kind, "record": record.pk, "now": clock.now(), "kept": KEPT - 1}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, values)


def recent_records(user: Any, limit: int = SHOWN, text: str = "") -> list[SearchHit]:
    """Return the records that the user has opened last, the newest first, with ``text`` in their names.

    Costs one query and one for each kind.
    """
    kinds = {ContentType.objects.get_for_model(model).pk: kind for model, kind in _kinds().items()}
    seen = RecentRecord.objects.filter(user=user.pk, content_type__in=kinds).order_by("-seen_at", "-pk")
    keys = list(seen.values_list("content_type", "object_id")[:KEPT])
    found: dict[tuple[int, int], SearchHit] = {}
    for pk, kind in kinds.items():
        if ids := [record for content_type, record in keys if content_type == pk]:
            visible: Any = kind.model._default_manager.visible_to(user)  # type: ignore[attr-defined]
            found |= {(pk, record.pk): _hit(kind, record) for record in visible.filter(pk__in=ids)}
    hits = [found[key] for key in keys if key in found]
    return [hit for hit in hits if text.lower() in hit.label.lower()][:limit]


def _hit(kind: RecordKind, record: Any) -> SearchHit:
    return SearchHit(str(record), str(kind.label), record.get_absolute_url(), kind.icon)
