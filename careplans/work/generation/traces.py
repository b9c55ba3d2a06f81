"""Which activities people have done something to: a follow-up, a reminder, an invitation, a document."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F

from activities.log.models import Activity, ActivityKeyword, Participation, StatusChange
from careplans.work.enums import WorkState
from careplans.work.models import CareWork
from core.models import Document

#: What is no trace of people, or is found by the activity's version.
_OWN = (Participation, StatusChange, CareWork, ActivityKeyword)


def untouched(activities: Any) -> Any:
    """Return those of these activities that were generated and that nobody has set, edited or referred to since."""
    found = activities.filter(
        care_work__state=WorkState.OPEN, care_work__is_scheduled=False, version=F("care_work__written_version")
    )
    return found.exclude(pk__in=with_traces(list(found.values_list("pk", flat=True))))


def with_traces(ids: Collection[int]) -> set[int]:
    """Return those of these activities to which other rows refer."""
    if not ids:
        return set()
    kind = ContentType.objects.get_for_model(Activity)
    found = set(Document.objects.filter(content_type=kind, object_id__in=ids).values_list("object_id", flat=True))
    for relation in Activity._meta.related_objects:
        model = relation.related_model
        if model in _OWN or model.__name__.endswith("Event"):
            continue
        rows = model._default_manager.filter(**{f"{relation.field.name}__in": ids})
        found.update(rows.values_list(relation.field.attname, flat=True))
    return found
