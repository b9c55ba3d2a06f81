"""Actions and metrics of a draft: a form for each, copying, order, removing and bringing back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from careplans.caremodels.forms import ActionForm, CopyForm, MetricForm
from careplans.caremodels.models import CareAction, ModelMetric, ModelVersion
from careplans.caremodels.services.actions import (
    action_copy,
    action_delete,
    action_move,
    action_restore,
    action_save,
    snapshot,
)
from careplans.caremodels.services.versions import metric_delete, metric_save
from careplans.caremodels.views.versions import EDIT, VersionMixin
from core.exceptions import BusinessRuleError
from core.notices import said
from core.once import kept_for, kept_under
from core.parameters import TextField
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect

EDIT_ACTION = "caremodels.edit_action"


class ActionFormMixin:
    """The form of an action, with the draft that it is part of."""

    form_class: Any = ActionForm
    user: Any

    @property
    def draft(self) -> ModelVersion:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"user": self.user, "draft": self.draft}

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return action_save(
            action=form.instance, types=list(data["types"]), responsible=form.responsible, user=self.user,
            seen=data["seen"],
        )  # fmt: skip


class ActionAddView(ActionFormMixin, VersionMixin, ServiceFormView):
    removed_by = "caremodels:action_delete"
    permission_required = EDIT
    title = gettext_lazy("New action")
    success_message = gettext_lazy("The action was added.")

    @property
    def draft(self) -> ModelVersion:
        draft: ModelVersion = self.object
        return draft

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


class ActionMixin(VisibleObjectMixin):
    model: Any = CareAction
    permission_required = EDIT_ACTION

    def get_queryset(self) -> QuerySet[Any]:
        return CareAction.objects.visible_to(self.user).select_related("version__model")


class ActionEditView(ActionFormMixin, ActionMixin, ObjectFormView):
    undoable = True
    title = gettext_lazy("Change the action")

    @property
    def draft(self) -> ModelVersion:
        draft: ModelVersion = self.object.version
        return draft


class ActionCopyView(ActionMixin, ObjectFormView):
    removed_by = "caremodels:action_delete"
    form_class = CopyForm
    title = gettext_lazy("Copy the action")
    submit_label = gettext_lazy("Copy")
    success_message = gettext_lazy("The action was copied.")

    def perform(self, form: Any) -> Any:
        return action_copy(action=self.object, code=form.cleaned_data["code"], user=self.user)


class ActionDeleteView(ActionMixin, ActionView):
    """Remove an action; the message after it has a button that brings it back."""

    danger = True
    submit_label = gettext_lazy("Delete")
    success_message = ""

    @property
    def question(self) -> str:
        return _("Delete the action “%s”?") % self.object

    def perform(self) -> None:
        kept = {"version": self.object.version_id, "content": snapshot(self.object)}
        key = kept_under(self.user, kept)
        undo = f"{reverse('caremodels:action_restore', args=[self.object.version_id])}?content={key}"
        action_delete(action=self.object, user=self.user)
        said(self.request, _("The action was deleted."), undo=undo)

    def get_success_url(self) -> str:
        return str(self.object.version.get_absolute_url())


class ActionRestoreView(VersionMixin, View):
    """Bring back the action that was kept for the user under the key in the address."""

    permission_required = EDIT
    parameters = {"content": TextField(max_length=40)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = kept_for(self.user, request.GET.get("content", ""))
        try:
            if kept is None or kept.get("version") != self.object.pk:
                raise BusinessRuleError("not_kept", _("It cannot be brought back any more."))
            action_restore(version=self.object, content=kept["content"], user=self.user)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The action is back."))
        return redirect(request, str(self.object.get_absolute_url()))


class ActionMoveView(ActionMixin, View):
    """Move an action one place earlier or later."""

    up = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            action_move(action=self.object, earlier=self.up, user=self.user)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        return redirect(request, str(self.object.get_absolute_url()))


# Metrics


class MetricMixin(VersionMixin):
    permission_required = EDIT

    @cached_property
    def metric(self) -> ModelMetric | None:
        number = self.kwargs.get("care_metric")
        return self.object.metrics.filter(pk=number).first() if number else None

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


class MetricView(MetricMixin, ServiceFormView):
    """Add a metric to a draft."""

    removed_by = "caremodels:metric_delete"
    undo_below = True
    form_class = MetricForm
    title = gettext_lazy("Measure of completion")

    def get_form_kwargs(self) -> dict[str, Any]:
        metric = self.metric or ModelMetric(version=self.object)
        return super().get_form_kwargs() | {"instance": metric}

    def perform(self, form: Any) -> Any:
        return metric_save(metric=form.instance, user=self.user)


class MetricChangeView(MetricView):
    removed_by = ""
    undoable = True

    def check_permissions(self) -> None:
        super().check_permissions()
        found_or_404(self.metric)


class MetricDeleteView(MetricMixin, ActionView):
    added_again = ("caremodels:metric_add", "caremodels:metric_edit")
    undo_below = True
    danger = True
    success_message = gettext_lazy("The metric was deleted.")
    submit_label = gettext_lazy("Delete")

    @property
    def question(self) -> str:
        return _("Delete the metric “%s”?") % found_or_404(self.metric)

    def get_undo_row(self) -> ModelMetric:
        return found_or_404(self.metric)

    def perform(self) -> None:
        metric_delete(metric=found_or_404(self.metric), user=self.user)


def found_or_404(metric: ModelMetric | None) -> ModelMetric:
    """Return the metric that the address names; it is one of the version."""
    if metric is None:
        raise Http404
    return metric
