from activities.services.activities import (
    activity_change,
    activity_log,
    participant_add,
    participant_remove,
)
from activities.services.closing import Closing, activities_close, activities_close_undo
from activities.services.contact_dates import contact_dates_refresh
from activities.services.feedback import (
    feedback_answer,
    feedback_assign,
    feedback_escalate_late,
    feedback_needs_no_answer,
    feedback_settle,
)
from activities.services.follow_ups import (
    FollowUp,
    activity_change_with_follow_ups,
    activity_log_with_follow_ups,
    follow_ups_log,
)
from activities.services.leads import lead_set_state, lead_to_customer
from activities.services.nps import nps_answer, nps_ask
from activities.services.status import activity_set_status, activity_status_undo
from activities.services.types import type_set_retired

__all__ = [
    "Closing",
    "FollowUp",
    "activities_close",
    "activities_close_undo",
    "activity_change",
    "activity_change_with_follow_ups",
    "activity_log",
    "activity_log_with_follow_ups",
    "activity_set_status",
    "activity_status_undo",
    "contact_dates_refresh",
    "feedback_answer",
    "feedback_assign",
    "feedback_escalate_late",
    "feedback_needs_no_answer",
    "feedback_settle",
    "follow_ups_log",
    "lead_set_state",
    "lead_to_customer",
    "nps_answer",
    "nps_ask",
    "participant_add",
    "participant_remove",
    "type_set_retired",
]
