from accounts.models.people import (
    MOST_PANELS,
    ApiToken,
    Grant,
    GroupMembership,
    Notification,
    NotificationChoice,
    Role,
    StartChoice,
    SystemMail,
    User,
    Versioned,
    validate_time_zone,
)
from accounts.models.teams import Team, TeamMembership, TeamNote

__all__ = [
    "MOST_PANELS",
    "ApiToken",
    "Grant",
    "GroupMembership",
    "Notification",
    "NotificationChoice",
    "Role",
    "StartChoice",
    "SystemMail",
    "Team",
    "TeamMembership",
    "TeamNote",
    "User",
    "Versioned",
    "validate_time_zone",
]
