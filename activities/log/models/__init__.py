"""Models of the app; import them from here."""

from activities.log.models.activities import (
    GRACE,
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
from activities.log.models.types import ActivityType, Choice, ContactReason, Keyword

__all__ = [
    "GRACE",
    "Activity",
    "ActivityContact",
    "ActivityKeyword",
    "ActivitySeries",
    "ActivityType",
    "Choice",
    "ContactReason",
    "Encounter",
    "Keyword",
    "Participation",
    "PinnedActivity",
    "Reminder",
    "ReminderDefault",
    "StatusChange",
]
