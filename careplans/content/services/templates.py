"""Services of the templates of plans."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from careplans.content.models import PlanTemplate, TemplatePart
from core.exceptions import BusinessRuleError
from core.services import lock, versioned_save


@transaction.atomic
def template_add(*, template: PlanTemplate) -> PlanTemplate:
    """Add the template of a scheme as a copy of that of all others. Raises ``template_exists`` at ``scheme``."""
    if PlanTemplate.objects.filter(scheme=template.scheme).exists():
        raise BusinessRuleError("template_exists", _("The scheme has a template already."), field="scheme")
    template.save()
    parts = list(TemplatePart.objects.filter(template__scheme__isnull=True))
    for part in parts:
        part.pk, part._state.adding, part.template = None, True, template
    TemplatePart.objects.bulk_create(parts)
    return template


@transaction.atomic
def template_change(*, template: PlanTemplate) -> PlanTemplate:
    """Save a template that a form has changed."""
    lock(template)
    return versioned_save(template)


@transaction.atomic
def template_delete(*, template: PlanTemplate) -> None:
    """Delete the template of a scheme. Raises ``of_all_others``."""
    locked = lock(template)
    if locked.scheme_id is None:
        raise BusinessRuleError("of_all_others", _("The template of all others stays: other schemes need it."))
    locked.delete()


@transaction.atomic
def part_save(*, part: TemplatePart) -> TemplatePart:
    """Save a part that a form has filled in: its template has changed with it."""
    template = lock(part.template)
    part.save()
    versioned_save(template)
    return part
