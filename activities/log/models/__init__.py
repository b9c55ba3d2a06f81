"""Models of the app; import them from here."""

from activities.log.models.activities import (
    Activity,
    ActivityContact,
    ActivityKeyword,
    ActivitySeries,
    Encounter,
    Participation,
    Reminder,
    ReminderDefault,
    StatusChange,
)
from activities.log.models.pins import PinnedActivity
from activities.log.models.references import ActivityTypeReference, KeywordReference
from activities.log.models.types import ActivityTemplate, ActivityType, Choice, ContactReason, Keyword

__all__ = [
    "Activity",
    "ActivityContact",
    "ActivityKeyword",
    "ActivitySeries",
    "ActivityTemplate",
    "ActivityType",
    "ActivityTypeReference",
    "Choice",
    "ContactReason",
    "Encounter",
    "Keyword",
    "KeywordReference",
    "Participation",
    "PinnedActivity",
    "Reminder",
    "ReminderDefault",
    "StatusChange",
]
