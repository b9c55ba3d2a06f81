"""The follow-up of a project makes work: it is an internal action of the customer's plan, by the door of plans."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from activities.log.models import ActivityType
from careplans.caremodels.enums import FrequencyKind, FulfilKind, Scope
from careplans.caremodels.validators import OWN_PREFIX
from careplans.content.models import Project
from careplans.plans.models import CustomerAction
from careplans.plans.services.actions import customer_action_end, customer_action_save
from core import clock
from core.exceptions import BusinessRuleError
from customers.enums import ResponsibilityRole
from customers.models import Responsibility

#: The type of the work in calendars, and the types of activities that complete it.
TYPE, TYPES = "project_work", ("project_work", "working_group", "steering_group")
NAME_LENGTH = 100


def follow_up_code(project: Project) -> str:
    return f"{OWN_PREFIX}project-{project.pk}"


def follow_up_of(project: Project) -> CustomerAction | None:
    """Return the action of the plan that follows a project up."""
    rows = CustomerAction.objects.filter(customer=project.customer_id, code=follow_up_code(project))
    return rows.exclude(last__lt=clock.today()).order_by("-first").first()


def follow_up_keep(*, project: Project, user: User) -> None:
    """Bring the action of a project's follow-up up to date: begin it, change it or end it.

    Raises ``no_project_type`` at ``follow_every``, and as ``customer_action_save``.
    """
    present = follow_up_of(project)
    is_over = project.end is not None and project.end < clock.today()
    if not project.follow_every or is_over:
        follow_up_end(project=project)
    elif present is None or not _is_as_asked(present, project):
        _save(present or CustomerAction(customer_id=project.customer_id, code=follow_up_code(project)), project, user)


def follow_up_end(*, project: Project) -> None:
    """End the follow-up of a project that is removed, over or not followed up any more."""
    if present := follow_up_of(project):
        customer_action_end(action=present)


def _save(action: CustomerAction, project: Project, user: User) -> None:
    if action._state.adding:
        action.first = max(clock.today(), project.start or clock.today())
    action.last = project.end
    action.name_fi, action.name_en = (_name(project, language) for language in ("fi", "en"))
    action.scope, action.completed_by = Scope.INTERNAL, [FulfilKind.ACTIVITY]
    action.frequency, action.count = FrequencyKind.MONTHS, project.follow_every
    types = list(ActivityType.objects.filter(code__in=TYPES, retired_at__isnull=True))
    action.activity_type = next((one for one in types if one.code == TYPE), None)
    if action.activity_type is None:
        text = _("No activity type for project work is in use.")
        raise BusinessRuleError("no_project_type", text, field="follow_every")
    try:
        customer_action_save(action=action, types=types, responsible=_responsible(project), user=user)
    except BusinessRuleError as error:
        raise BusinessRuleError(error.code, str(error), field="follow_every") from error


def _is_as_asked(action: CustomerAction, project: Project) -> bool:
    asked = (_name(project, "fi"), project.follow_every, project.end)
    keys = [row.key for row in action.responsible.all()]
    return asked == (action.name_fi, action.count, action.last) and keys == _responsible(project)


def _name(project: Project, language: str) -> str:
    with override(language):
        return (_("Follow-up of the project: %s") % project.name)[:NAME_LENGTH]


def _responsible(project: Project) -> list[str]:
    """Return the roles that our representative has for the customer now, and then the owner."""
    roles = Responsibility.objects.current().filter(customer=project.customer_id, user=project.representative_id)
    present = roles.order_by("role").values_list("role", flat=True) if project.representative_id else ()
    return list(dict.fromkeys([*(f"role:{role}" for role in present), f"role:{ResponsibilityRole.OWNER}"]))
