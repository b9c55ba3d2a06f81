"""The template of plans: administrators see the parts of each scheme's template and change them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.content.enums import PartKind
from careplans.content.forms import NewBlockForm, NewTemplateForm, PartForm, TemplateForm
from careplans.content.models import PlanTemplate, TemplatePart
from careplans.content.services.templates import part_save, template_add, template_change, template_delete
from core.history import history_of
from core.permissions import PermissionMixin
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin

EDIT = "carecontent.edit_template"


class TemplateListView(PermissionMixin, TemplateView):
    permission_required = EDIT
    template_name = "carecontent/templates.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        new = {"label": _("New template"), "url": reverse("carecontent:template_add"), "icon": "plus", "dialog": True}
        return super().get_context_data(
            title=_("Care plan templates"),
            templates=PlanTemplate.objects.select_related("scheme", "owner"),
            primary_action=new,
            **kwargs,
        )


class TemplateMixin(VisibleObjectMixin):
    model: Any = PlanTemplate
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return PlanTemplate.objects.select_related("scheme", "owner")


class TemplatePage(TemplateMixin, TemplateView):
    """The parts of a template by kind."""

    template_name = "carecontent/template.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        template, parts = self.object, list(self.object.parts.all())
        entries = [
            ("template_edit", _("Owner of the structure"), "user-check", True),
            ("template_history", _("History"), "history", False),
            *([("template_delete", _("Delete"), "trash", True)] if template.scheme_id else []),
        ]
        new = {
            "label": _("New text"), "url": reverse("carecontent:part_add", args=[template.pk]), "icon": "plus",
            "dialog": True,
        }  # fmt: skip
        return super().get_context_data(
            title=_("Care plan template: %s") % template,
            template=template,
            groups=[(kind.label, [part for part in parts if part.kind == kind]) for kind in PartKind],
            primary_action=new,
            secondary_actions=[
                {"label": label, "url": reverse(f"carecontent:{name}", args=[template.pk]), "icon": icon, "dialog": box}
                for name, label, icon, box in entries
            ],
            **kwargs,
        )


class TemplateAddView(ServiceFormView):
    """A template of a scheme, which begins as a copy of that of all others."""

    removed_by = "carecontent:template_delete"
    permission_required = EDIT
    form_class = NewTemplateForm
    title = gettext_lazy("New template")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": PlanTemplate()}

    def get_cancel_url(self) -> str:
        return reverse("carecontent:templates")

    def perform(self, form: Any) -> PlanTemplate:
        return template_add(template=form.instance)


class TemplateEditView(TemplateMixin, ObjectFormView):
    undoable = True
    form_class = TemplateForm
    title = gettext_lazy("Owner of the structure")

    def perform(self, form: Any) -> PlanTemplate:
        return template_change(template=form.instance)


class TemplateDeleteView(TemplateMixin, ActionView):
    danger = True
    submit_label = gettext_lazy("Delete")
    question = gettext_lazy("Delete the template?")
    success_message = gettext_lazy("The template was deleted.")

    def get_effects(self) -> list[Any]:
        return [_("The customers of the scheme then have the template of all others. What was written stays.")]

    def perform(self) -> None:
        template_delete(template=self.object)

    def get_success_url(self) -> str:
        return reverse("carecontent:templates")


class TemplateHistoryView(TemplateMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=history_of(self.object, (TemplatePart,)),
            back=self.object.get_absolute_url(),
            **kwargs,
        )


class PartAddView(TemplateMixin, ObjectFormView):
    form_class = NewBlockForm
    title = gettext_lazy("New text")

    def get_form_kwargs(self) -> dict[str, Any]:
        part = TemplatePart(template=self.object, kind=PartKind.BLOCK, order=500)
        return super().get_form_kwargs() | {"instance": part}

    def perform(self, form: Any) -> TemplatePart:
        return part_save(part=form.instance)


class PartEditView(ObjectFormView):
    undoable = True
    model = TemplatePart
    permission_required = EDIT
    form_class = PartForm
    title = gettext_lazy("Change the part")

    def get_queryset(self) -> QuerySet[Any]:
        return TemplatePart.objects.select_related("template")

    def perform(self, form: Any) -> TemplatePart:
        return part_save(part=form.instance)
