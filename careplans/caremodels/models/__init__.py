from careplans.caremodels.models.actions import ActionFields, ActionResponsible, CareAction, ResponsibleFields
from careplans.caremodels.models.care_models import (
    CareModel,
    ModelMetric,
    ModelOpinion,
    ModelVersion,
    VersionStatusChange,
)
from careplans.caremodels.models.registers import (
    CareSettings,
    SkipReason,
    StatutoryResponsible,
    StatutoryTask,
    Term,
)

__all__ = [
    "ActionFields",
    "ActionResponsible",
    "CareAction",
    "CareModel",
    "CareSettings",
    "ModelMetric",
    "ModelOpinion",
    "ModelVersion",
    "ResponsibleFields",
    "SkipReason",
    "StatutoryResponsible",
    "StatutoryTask",
    "Term",
    "VersionStatusChange",
]
