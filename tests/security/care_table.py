"""Who may open and change care models, statutory tasks and terms: their part of both tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction, CareModel, ModelMetric, ModelVersion, StatutoryTask, Term
from customers.models import ClassificationNode
from tests.security.cast import ADMIN, NOBODY, NONE, READ

PK = "(?P<pk>[^/.]+)"
VERSION, ACTION = "care-models/versions/<int:pk>/", "care-models/actions/<int:pk>/"
_FORMS = (
    "care-models/new/", "care-models/settings/", "care-models/<int:pk>/edit/", "care-models/<int:pk>/retire/",
    "care-models/<int:pk>/draft/", "statutory-tasks/new/", "statutory-tasks/<int:pk>/edit/",
    "statutory-tasks/<int:pk>/retire/", "terms/new/", "terms/<int:pk>/edit/", "terms/<int:pk>/delete/",
    *(f"{VERSION}{page}/" for page in ("edit", "delete", "send", "review", "return", "approve", "actions/new")),
    *(f"{VERSION}metrics/{page}/" for page in ("new", "<int:care_metric>/edit", "<int:care_metric>/delete")),
    *(f"{ACTION}{page}/" for page in ("edit", "copy", "delete")),
)  # fmt: skip
PAGES: dict[str, tuple[str, str]] = {
    **{f"care-models/{page}": (READ, NONE) for page in ("", "<int:pk>/", "<int:pk>/history/")},
    **{f"{VERSION}{page}": (READ, NONE) for page in ("", "history/", "compare/")},
    f"{VERSION}workload/": (ADMIN, NONE),
    f"{VERSION}opinion/": (NOBODY, NOBODY),
    f"{VERSION}actions/restore/": (NONE, ADMIN),
    f"{ACTION}up/": (NONE, ADMIN),
    f"{ACTION}down/": (NONE, ADMIN),
    "statutory-tasks/": (READ, NONE),
    "statutory-tasks/<int:pk>/history/": (READ, NONE),
    "terms/": (READ, NONE),
    **dict.fromkeys(_FORMS, (ADMIN, ADMIN)),
}
API: dict[str, dict[str, str]] = {
    "^care-models/$": {"get": READ, "post": ADMIN},
    f"^care-models/{PK}/$": {"get": READ, "patch": ADMIN},
    **{f"^care-models/{PK}/{name}/$": {"post": ADMIN} for name in ("retire", "restore")},
    "^care-model-versions/$": {"get": READ, "post": ADMIN},
    f"^care-model-versions/{PK}/$": {"get": READ, "patch": ADMIN, "delete": ADMIN},
    **{
        f"^care-model-versions/{PK}/{name}/$": {"post": ADMIN}
        for name in ("order", "send", "review", "return", "approve")
    },
    f"^care-model-versions/{PK}/opinion/$": {"post": NOBODY},
    "^statutory-tasks/$": {"get": READ, "post": ADMIN},
    f"^statutory-tasks/{PK}/$": {"get": READ, "patch": ADMIN},
    **{f"^statutory-tasks/{PK}/{name}/$": {"post": ADMIN} for name in ("retire", "restore")},
    "^terms/$": {"get": READ, "post": ADMIN},
    f"^terms/{PK}/$": {"get": READ, "patch": ADMIN, "delete": ADMIN},
    "^care-actions/$": {"get": READ, "post": ADMIN},
    f"^care-actions/{PK}/$": {"get": READ, "patch": ADMIN, "delete": ADMIN},
}
KINDS = {
    "care-models/": "care_model",
    "care-models/versions/": "care_version",
    "care-models/actions/": "care_action",
    "care-model-versions/": "care_version",
    "care-actions/": "care_action",
    "statutory-tasks/": "statutory_task",
    "terms/": "term",
}


def free_class() -> ClassificationNode:
    """Return a class without a care model."""
    return ClassificationNode.objects.get(branch__code="size", code="1")


def care_rows(users: dict[str, Any], text: str) -> dict[str, Any]:
    """A model with a draft of a colleague's, its action and metric; a statutory task, a coming term."""
    node = ClassificationNode.objects.get(branch__code="size", code="2")
    names = {"name_fi": f"Malli{text}"[:120], "name_en": f"Model{text}"[:120]}
    model = CareModel.objects.create(code="small", node=node, description=text[:2_000], **names)
    version = ModelVersion.objects.create(
        model=model, number=1, justification=f"Needed{text}"[:4_000], goals_fi=text[:4_000], goals_en=text[:4_000],
        promise_hours=text[:200],
        created_by=users["colleague"],
    )  # fmt: skip
    about = {
        **names, "description_fi": text[:2_000], "description_en": text[:2_000], "place": text[:200],
        "completed_by": ["activity"], "activity_type": ActivityType.objects.get(code="call"), "frequency": "months",
        "count": 1,
    }  # fmt: skip
    action = CareAction.objects.create(version=version, code="talk", **about)
    action.responsible.create(role="owner")
    task = StatutoryTask.objects.create(code="permit", basis=text[:200], **about)
    task.responsible.create(role="owner")
    term = Term.objects.create(**names, first=dt.date(2190, 1, 1), last=dt.date(2190, 5, 31))
    metric = ModelMetric.objects.create(version=version, unit=text[:20], target=90, **names)
    return {
        "care_model": model, "care_version": version, "care_action": action, "care_metric": metric,
        "statutory_task": task, "term": term,
    }  # fmt: skip
