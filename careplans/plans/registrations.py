"""What care plans add to other apps and their pages."""

from __future__ import annotations

from careplans.plans.models import ModelStay
from careplans.plans.models.stays import InactiveSpan, PlanApproval
from careplans.plans.services.stays import models_follow, stays_queue

METRIC_REFRESHES = (stays_queue,)
CARE_MODEL_FOLLOWERS = (models_follow,)
#: What follows from other rows keeps nothing.
FREE_REFERENCES = ((ModelStay, "customer"), (InactiveSpan, "customer"), (PlanApproval, "customer"))
