"""Care models: the list, one model with its version in force, adding, changing, retiring, history, settings."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import TemplateView

from careplans.caremodels.forms import JustificationForm, ModelAddForm, ModelForm, SettingsForm
from careplans.caremodels.models import (
    ActionResponsible,
    CareAction,
    CareModel,
    CareSettings,
    ModelMetric,
    ModelOpinion,
    ModelVersion,
)
from careplans.caremodels.selectors import models_with_versions
from careplans.caremodels.services.models import care_settings, model_add, model_change, model_set_retired
from careplans.caremodels.services.registers import settings_change
from careplans.caremodels.services.versions import version_draft
from careplans.caremodels.views.body import version_context
from core import clock
from core.history import history_of
from core.permissions import PermissionMixin, allowed
from core.registry import placed_panels
from core.views import ObjectFormView, RetireRowView, ServiceFormView, VisibleObjectMixin

VIEW, EDIT = "caremodels.view_models", "caremodels.edit_model"


class ListView(PermissionMixin, TemplateView):
    """All care models: of segments first, then of customer groups and other classes."""

    permission_required = VIEW
    template_name = "caremodels/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = models_with_versions(CareModel.objects.visible_to(self.user), clock.today())
        in_use = [row for row in rows if not row.is_retired]
        return super().get_context_data(
            title=_("Care models"),
            groups=[
                (_("By segment"), [row for row in in_use if row.segment_id]),
                (_("By customer group and class"), [row for row in in_use if row.node_id]),
                (_("Retired"), [row for row in rows if row.is_retired]),
            ],
            equal=care_settings(),
            primary_action=self._new() if allowed(self.user, EDIT) else None,
            secondary_actions=self._others(),
            **kwargs,
        )

    def _new(self) -> dict[str, Any]:
        return {"label": _("New care model"), "url": reverse("caremodels:create"), "icon": "plus", "dialog": True}

    def _others(self) -> list[dict[str, Any]]:
        entries = [
            (True, "statutory", _("Statutory tasks"), "shield-lock", False),
            (True, "terms", pgettext("semester", "Terms"), "calendar", False),
            (allowed(self.user, "caremodels.edit_settings"), "settings", _("Equal treatment"), "settings", True),
        ]
        return [
            {"label": label, "url": reverse(f"caremodels:{name}"), "icon": icon, "dialog": dialog}
            for may, name, label, icon, dialog in entries
            if may
        ]


class ModelMixin(VisibleObjectMixin):
    model = CareModel
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        rows = CareModel.objects.visible_to(self.user)
        return rows.select_related("segment__scheme", "node__branch", "team")


class DetailView(ModelMixin, TemplateView):
    """A model: the version that applies now, the others, who looks after the customers."""

    permission_required = VIEW
    template_name = "caremodels/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        model = self.object
        versions = list(model.versions.select_related("created_by", "approved_by").order_by("-number"))
        current = ModelVersion.objects.in_force(clock.today()).filter(model=model).first()
        prepared = next((one for one in versions if one.is_prepared), None)
        return super().get_context_data(
            title=str(model),
            model=model,
            versions=versions,
            current=current,
            prepared=prepared,
            body=version_context(current) if current else None,
            **(placed_panels("care_version", self.user, current) if current else {}),
            secondary_actions=self._actions(prepared),
            primary_action=self._new() if allowed(self.user, EDIT) and not prepared and not model.is_retired else None,
            **kwargs,
        )

    def _new(self) -> dict[str, Any]:
        url = reverse("caremodels:draft", args=[self.object.pk])
        return {"label": _("New version"), "url": url, "icon": "plus", "dialog": True}

    def _actions(self, prepared: ModelVersion | None) -> list[dict[str, Any]]:
        may, pk = allowed(self.user, EDIT), self.object.pk
        retire = _("Restore") if self.object.is_retired else _("Retire")
        entries = [
            (may, "edit", _("Edit"), "pencil", True),
            (True, "history", _("History"), "history", False),
            (may and prepared is None, "retire", retire, "archive", True),
        ]
        return [
            {"label": label, "url": reverse(f"caremodels:{name}", args=[pk]), "icon": icon, "dialog": dialog}
            for shown, name, label, icon, dialog in entries
            if shown
        ]


class CreateView(ServiceFormView):
    """A new model with its first draft."""

    permission_required = EDIT
    form_class = ModelAddForm
    title = gettext_lazy("New care model")
    submit_label = gettext_lazy("Make a draft")
    success_message = gettext_lazy("The model and its first draft were made. Add its actions, then send it on.")

    def get_cancel_url(self) -> str:
        return reverse("caremodels:list")

    def perform(self, form: Any) -> Any:
        return model_add(model=form.instance, user=self.user, justification=form.cleaned_data["justification"])


class EditView(ModelMixin, ObjectFormView):
    undoable = True
    form_class = ModelForm
    title = gettext_lazy("Change the care model")

    def perform(self, form: Any) -> Any:
        return model_change(model=form.instance)


class RetireView(ModelMixin, RetireRowView):
    def get_effects(self) -> list[Any]:
        if self.object.is_retired:
            return []
        return [_("It is in nobody's plan from today."), _("What was done stays in figures.")]

    def perform(self) -> None:
        model_set_retired(model=self.object, retired=not self.object.is_retired)


class DraftView(ModelMixin, ObjectFormView):
    """A new version: a copy of the newest one."""

    removed_by = "caremodels:version_delete"
    form_class = JustificationForm
    title = gettext_lazy("New version of the care model")
    submit_label = gettext_lazy("Make a draft")
    success_message = gettext_lazy("The draft was made. Change what you like, then send it to the account team.")

    def perform(self, form: Any) -> Any:
        return version_draft(model=self.object, user=self.user, justification=form.cleaned_data["justification"])


class HistoryView(ModelMixin, TemplateView):
    permission_required = VIEW
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=history_of(self.object, (ModelVersion,)),
            back=self.object.get_absolute_url(),
            **kwargs,
        )


class SettingsView(ObjectFormView):
    """Equal treatment: the same answer target for all."""

    undoable = True
    model = CareSettings
    permission_required = "caremodels.edit_settings"
    form_class = SettingsForm
    title = gettext_lazy("Equal treatment")

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = care_settings()
        return self._object

    def perform(self, form: Any) -> Any:
        return settings_change(settings=form.instance)


#: The parts of a version of which its history tells.
PARTS = (CareAction, ActionResponsible, ModelMetric, ModelOpinion)
