"""Which activities people have done something to: a follow-up, a reminder, an invitation, a document."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.contenttypes.models import ContentType

from activities.log.models import Activity, ActivityKeyword, Participation, StatusChange
from careplans.work.models import CareWork
from core.models import Document

#: What is no trace of people, or is found by the activity's version.
_OWN = (Participation, StatusChange, CareWork, ActivityKeyword)


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
