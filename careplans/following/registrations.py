"""What following adds to other apps."""

from __future__ import annotations

from careplans.following.models import CareOccurrence, CareReach, CareStatus
from careplans.following.services.follow import follow

CARE_EVALUATION_FOLLOWERS = (follow,)
#: What follows from other rows keeps nothing.
FREE_REFERENCES = tuple((model, "customer") for model in (CareOccurrence, CareReach, CareStatus))
