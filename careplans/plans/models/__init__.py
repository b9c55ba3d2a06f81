from careplans.plans.models.actions import CustomerAction, CustomerActionResponsible
from careplans.plans.models.exceptions import ExceptionResponsible, PlanException
from careplans.plans.models.looks import CareLook, CareTouch
from careplans.plans.models.occurrences import OccurrenceCorrection, OccurrenceDecision
from careplans.plans.models.stays import InactiveSpan, ModelStay, PlanApproval, PlanUpdate

__all__ = [
    "CareLook",
    "CareTouch",
    "CustomerAction",
    "CustomerActionResponsible",
    "ExceptionResponsible",
    "InactiveSpan",
    "ModelStay",
    "OccurrenceCorrection",
    "OccurrenceDecision",
    "PlanApproval",
    "PlanException",
    "PlanUpdate",
]
