"""Models by subject; import them from here."""

from activities.models.activities import (
    Activity,
    ActivityContact,
    ActivityKeyword,
    Participation,
    StatusChange,
)
from activities.models.calendar import ActivitySeries, CalendarFeed, Invitation, Reminder, ReminderDefault, WorkTarget
from activities.models.details import Encounter, Feedback, Lead
from activities.models.mail import (
    EmailMessage,
    EmailRecipient,
    EmailTemplate,
    EmailThread,
    IgnoreRule,
    Mailbox,
    MailSettings,
)
from activities.models.nps import NpsQuestion
from activities.models.types import ActivityType, ContactReason, Keyword, LeadCloseReason, LeadSource

__all__ = [
    "Activity",
    "ActivityContact",
    "ActivityKeyword",
    "ActivitySeries",
    "ActivityType",
    "CalendarFeed",
    "ContactReason",
    "EmailMessage",
    "EmailRecipient",
    "EmailTemplate",
    "EmailThread",
    "Encounter",
    "Feedback",
    "IgnoreRule",
    "Invitation",
    "Keyword",
    "Lead",
    "LeadCloseReason",
    "LeadSource",
    "MailSettings",
    "Mailbox",
    "NpsQuestion",
    "Participation",
    "Reminder",
    "ReminderDefault",
    "StatusChange",
    "WorkTarget",
]
