from careplans.plans.models.actions import CustomerAction, CustomerActionResponsible
from careplans.plans.models.exceptions import ExceptionResponsible, PlanException
from careplans.plans.models.looks import CareLook, CareTouch, MemberNote, ModelTouch
from careplans.plans.models.occurrences import OccurrenceCorrection, OccurrenceDecision
from careplans.plans.models.stays import ApprovalNeed, InactiveSpan, ModelStay, PlanApproval, PlanUpdate

__all__ = [
    "ApprovalNeed",
    "CareLook",
    "CareTouch",
    "CustomerAction",
    "CustomerActionResponsible",
    "ExceptionResponsible",
    "InactiveSpan",
    "MemberNote",
    "ModelStay",
    "ModelTouch",
    "OccurrenceCorrection",
    "OccurrenceDecision",
    "PlanApproval",
    "PlanException",
    "PlanUpdate",
]
