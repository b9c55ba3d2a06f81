"""Services of care models: adding, changing and retiring them; what holds for all of them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from careplans.caremodels.models import CareModel, CareSettings, ModelVersion
from careplans.caremodels.plugs import follow
from careplans.caremodels.services.versions import version_draft
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save
from customers.enums import BranchTarget


def check_subject(model: CareModel) -> None:
    """Raise at ``segment`` or ``node`` unless the model belongs to one of them that customers can have.

    Codes: ``of_one``, ``no_care_models``, ``retired_subject``, ``not_for_customers``.
    """
    if (model.segment is None) == (model.node is None):
        text = _("Choose a segment or a class, one of them.")
        raise BusinessRuleError("of_one", text, field="segment" if model.segment is None else "node")
    field = "segment" if model.segment is not None else "node"
    if model.subject.is_retired:
        raise BusinessRuleError("retired_subject", _("It is not in use any more."), field=field)
    if model.segment is not None and not model.segment.scheme.feeds_care_models:
        text = _("The scheme is not used for care models: change that on the page of the scheme.")
        raise BusinessRuleError("no_care_models", text, field="segment")
    if model.node is not None and model.node.branch.target == BranchTarget.CONTACTS:
        raise BusinessRuleError("not_for_customers", _("Customers cannot have this class."), field="node")


@transaction.atomic
def model_add(*, model: CareModel, user: User | None, justification: str) -> ModelVersion:
    """Add a care model that a form has filled in, with its first draft; return the draft.

    Raises as :func:`check_subject` and ``justification_required``.
    """
    check_subject(model)
    model.save()
    return version_draft(model=model, user=user, justification=justification)


@transaction.atomic
def model_change(*, model: CareModel) -> CareModel:
    """Save a model that a form has filled in. Its segment or class stays: plans and figures name them."""
    before = lock(model)
    if (before.segment_id, before.node_id) != (model.segment_id, model.node_id):
        text = _("A model keeps its segment or class: retire it and add another one.")
        raise BusinessRuleError("fixed_subject", text, field="segment")
    return versioned_save(model)


@transaction.atomic
def model_set_retired(*, model: CareModel, retired: bool, version: int | None = None) -> CareModel:
    """Retire a model, so that it is in nobody's plan from today, or restore it.

    Raises ``being_prepared`` while a version of it is; a constraint if its segment has another model by now.
    """
    locked = lock(model)
    check_version(locked, version)
    if retired and locked.versions.prepared().exists():
        text = _("A new version is being prepared: delete the draft first.")
        raise BusinessRuleError("being_prepared", text)
    if locked.is_retired != retired:
        locked.retired_at = clock.now() if retired else None
        versioned_save(locked)
        follow([locked.pk])
    return locked


def care_settings() -> CareSettings:
    """Return what holds for all models; make the row if it does not exist."""
    settings, _is_new = CareSettings.objects.get_or_create(pk=1)
    return settings


def answer_target(version: ModelVersion, settings: CareSettings | None = None) -> int | None:
    """Return the working days in which a contact is answered: the same for all where treatment is equal."""
    settings = settings or care_settings()
    return settings.answer_days if settings.is_treatment_equal else version.answer_days
