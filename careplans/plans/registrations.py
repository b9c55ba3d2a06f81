"""What care plans add to other apps and their pages."""

from __future__ import annotations

from careplans.caremodels.enums import FulfilKind
from careplans.caremodels.plugs import Fulfiller
from careplans.plans.fulfilment import updates_served
from careplans.plans.models import InactiveSpan, ModelStay, PlanApproval
from careplans.plans.services.stays import models_follow, stays_queue

METRIC_REFRESHES = (stays_queue,)
FULFILLERS = (Fulfiller(kind=FulfilKind.PLAN.value, label=FulfilKind.PLAN.label, served=updates_served),)
CARE_MODEL_FOLLOWERS = (models_follow,)
#: What follows from other rows keeps nothing.
FREE_REFERENCES = ((ModelStay, "customer"), (InactiveSpan, "customer"), (PlanApproval, "customer"))
