from careplans.content.models.charges import Charge
from careplans.content.models.contents import PlanBlock, PlanContent
from careplans.content.models.links import EditionComment, EditionLink
from careplans.content.models.needs import Need, NeedCustomer, NeedStatusChange
from careplans.content.models.rows import Agreement, PotentialClass, Project, System
from careplans.content.models.templates import PlanTemplate, TemplatePart
from careplans.content.models.versions import PlanVersion

__all__ = [
    "Agreement",
    "Charge",
    "EditionComment",
    "EditionLink",
    "Need",
    "NeedCustomer",
    "NeedStatusChange",
    "PlanBlock",
    "PlanContent",
    "PlanTemplate",
    "PlanVersion",
    "PotentialClass",
    "Project",
    "System",
    "TemplatePart",
]
