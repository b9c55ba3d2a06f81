"""Activity types and keywords that conditions of selections name."""

from __future__ import annotations

from activities.log.models.types import ActivityType, Keyword
from customers.selections.models import Reference, target


class ActivityTypeReference(Reference):
    target = target(ActivityType)


class KeywordReference(Reference):
    target = target(Keyword)
