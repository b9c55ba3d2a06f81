from activities.services.activities import (
    activity_change,
    activity_log,
    participant_add,
    participant_remove,
)
from activities.services.contact_dates import contact_dates_refresh
from activities.services.status import activity_set_status, activity_status_undo
from activities.services.types import type_set_retired

__all__ = [
    "activity_change",
    "activity_log",
    "activity_set_status",
    "activity_status_undo",
    "contact_dates_refresh",
    "participant_add",
    "participant_remove",
    "type_set_retired",
]
