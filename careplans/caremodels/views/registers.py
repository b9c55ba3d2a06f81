"""Statutory tasks, which administrators keep, and terms."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import TemplateView

from careplans.caremodels.forms import StatutoryForm, TermForm
from careplans.caremodels.models import StatutoryResponsible, StatutoryTask, Term
from careplans.caremodels.selectors import complete
from careplans.caremodels.services.registers import statutory_save, statutory_set_retired, term_delete, term_save
from careplans.caremodels.views.body import action_row
from careplans.caremodels.views.models import VIEW
from core import clock
from core.history import history_of
from core.permissions import PermissionMixin, allowed
from core.views import ActionView, ObjectFormView, RetireRowView, ServiceFormView, VisibleObjectMixin

EDIT_TASKS, EDIT_TERMS = "caremodels.edit_statutory", "caremodels.edit_settings"


class StatutoryListView(PermissionMixin, TemplateView):
    """The statutory tasks, the same for all customers and outside every model."""

    permission_required = VIEW
    template_name = "caremodels/statutory.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = allowed(self.user, EDIT_TASKS)
        tasks = complete(StatutoryTask.objects.visible_to(self.user)).order_by("order", "pk")
        new = {"label": _("New statutory task"), "url": reverse("caremodels:statutory_add"), "icon": "plus"}
        return super().get_context_data(
            title=_("Statutory tasks"),
            rows=[action_row(task) for task in tasks],
            may_edit=may_edit,
            primary_action=new if may_edit else None,
            **kwargs,
        )


class TaskFormMixin:
    permission_required = EDIT_TASKS
    form_class: Any = StatutoryForm
    user: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"user": self.user}

    def perform(self, form: Any) -> Any:
        return statutory_save(task=form.instance, types=list(form.cleaned_data["types"]), responsible=form.responsible)


class StatutoryAddView(TaskFormMixin, ServiceFormView):
    opposite = "caremodels:statutory_retire"
    title = gettext_lazy("New statutory task")

    def get_cancel_url(self) -> str:
        return reverse("caremodels:statutory")


class TaskMixin(VisibleObjectMixin):
    model = StatutoryTask
    permission_required = EDIT_TASKS


class StatutoryEditView(TaskFormMixin, TaskMixin, ObjectFormView):
    undoable = True
    title = gettext_lazy("Change the statutory task")


class StatutoryRetireView(TaskMixin, RetireRowView):
    def perform(self) -> None:
        statutory_set_retired(task=self.object, retired=not self.object.is_retired)


class StatutoryHistoryView(TaskMixin, TemplateView):
    permission_required = VIEW
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=history_of(self.object, (StatutoryResponsible,)),
            back=reverse("caremodels:statutory"),
            **kwargs,
        )


class TermListView(PermissionMixin, TemplateView):
    permission_required = VIEW
    template_name = "caremodels/terms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = allowed(self.user, EDIT_TERMS)
        new = {"label": _("New term"), "url": reverse("caremodels:term_add"), "icon": "plus", "dialog": True}
        return super().get_context_data(
            title=pgettext("semester", "Terms"),
            terms=Term.objects.visible_to(self.user),
            today=clock.today(),
            may_edit=may_edit,
            primary_action=new if may_edit else None,
            **kwargs,
        )


class TermFormMixin:
    permission_required = EDIT_TERMS
    form_class: Any = TermForm

    def get_cancel_url(self) -> str:
        return reverse("caremodels:terms")

    def perform(self, form: Any) -> Any:
        return term_save(term=form.instance)


class TermAddView(TermFormMixin, ServiceFormView):
    removed_by = "caremodels:term_delete"
    title = gettext_lazy("New term")


class TermMixin(VisibleObjectMixin):
    model = Term
    permission_required = EDIT_TERMS

    def get_queryset(self) -> QuerySet[Any]:
        return Term.objects.visible_to(self.user)


class TermEditView(TermFormMixin, TermMixin, ObjectFormView):
    undoable = True
    title = gettext_lazy("Change the term")


class TermDeleteView(TermMixin, ActionView):
    added_again = ("caremodels:term_add", "caremodels:term_edit")
    danger = True
    success_message = gettext_lazy("The term was deleted.")
    submit_label = gettext_lazy("Delete")

    @property
    def question(self) -> str:
        return _("Delete the term “%s”?") % self.object

    def perform(self) -> None:
        term_delete(term=self.object)
