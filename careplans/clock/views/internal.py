"""The register of internal events, their occurrences, and the work that people claim."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.generic import TemplateView

from careplans.caremodels.selectors import complete
from careplans.caremodels.views.body import action_row
from careplans.clock.defaults import clock_set_add
from careplans.clock.forms import DoneForm, EventsForm, InternalForm, RetireForm, SetForm
from careplans.clock.listed import MOST, EventRow, claimable_of, events_of
from careplans.clock.models import InternalAction, InternalResponsible, InternalWork
from careplans.clock.services.internal import (
    internal_done,
    internal_done_remove,
    internal_restore,
    internal_retire,
    internal_save,
)
from careplans.clock.services.works import internal_claim, internal_release
from careplans.clock.words import STATES, internal_who
from core import clock
from core.exceptions import BusinessRuleError
from core.history import history_of
from core.notices import said
from core.parameters import QueryFormMixin, of_form
from core.permissions import PermissionMixin, allowed
from core.richtext import from_text
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin

VIEW, EDIT, ENTER = "careclock.view_clock", "careclock.edit_internal", "careclock.enter_done"
DAY = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class InternalListView(PermissionMixin, TemplateView):
    """The internal events: what, who, recipient, when, where."""

    permission_required = VIEW
    template_name = "careclock/internal.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit, today = allowed(self.user, EDIT), clock.today()
        found = complete(InternalAction.objects.visible_to(self.user)).select_related("person")
        newest = {action.code: action for action in found.order_by("first")}
        rows = sorted((self._row(action) for action in newest.values()), key=_in_order)
        new = {"label": _("New internal event"), "url": reverse("careclock:internal_add"), "icon": "plus"}
        return super().get_context_data(
            title=_("Internal events"),
            rows=[row for row in rows if _lasts(row["action"], today)],
            retired=[row for row in rows if not _lasts(row["action"], today)],
            may_edit=may_edit,
            may_enter=allowed(self.user, ENTER),
            primary_action=new if may_edit else None,
            secondary_actions=[
                {"label": _("Annual clock"), "url": reverse("careclock:clock"), "icon": "clock"},
                {
                    "label": pgettext("annual clock", "Times"),
                    "url": reverse("careclock:internal_occurrences"),
                    "icon": "list-check",
                },
                *([self._add_set()] if may_edit else []),
            ],
            **kwargs,
        )

    @staticmethod
    def _add_set() -> dict[str, Any]:
        return {"label": _("Add a default set"), "url": reverse("careclock:add_set"), "icon": "plus", "dialog": True}

    @staticmethod
    def _row(action: InternalAction) -> dict[str, Any]:
        row = action_row(action)
        return {**row, "who": internal_who(action), "to_whom": "" if row["to_whom"] == "–" else row["to_whom"]}


def _in_order(row: dict[str, Any]) -> tuple[int, str]:
    return row["action"].order, row["action"].code


def _lasts(action: InternalAction, today: Any) -> bool:
    return action.last is None or action.last >= today


class EventFormMixin:
    permission_required = EDIT
    form_class: Any = InternalForm
    user: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"user": self.user}

    def perform(self, form: Any) -> Any:
        return internal_save(action=form.instance, responsible=form.responsible)


class InternalAddView(EventFormMixin, ServiceFormView):
    opposite = "careclock:internal_retire"
    title = gettext_lazy("New internal event")

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"reason": [_("Undone")]}

    def get_cancel_url(self) -> str:
        return reverse("careclock:internal")


class InternalMixin(VisibleObjectMixin):
    model: Any = InternalAction
    permission_required = EDIT


class InternalEditView(EventFormMixin, InternalMixin, ObjectFormView):
    undoable = True
    title = gettext_lazy("Change the internal event")


class InternalRetireView(InternalMixin, ObjectFormView):
    """Retire an event, with the reason; the message has a button that takes it back."""

    form_class = RetireForm
    title = gettext_lazy("Retire the internal event")
    submit_label = gettext_lazy("Retire")
    success_message = gettext_lazy("The event was retired. Its open work was closed with the reason.")

    def perform(self, form: Any) -> Any:
        return internal_retire(action=self.object, reason=form.cleaned_data["reason"])

    def get_undo_url(self) -> str:
        return reverse("careclock:internal_restore", args=[self.object.pk])


class InternalRestoreView(InternalMixin, ActionView):
    opposite = "careclock:internal_retire"
    success_message = gettext_lazy("The event continues.")

    @property
    def question(self) -> str:
        return _("Restore “%s”?") % self.object

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"reason": [self.object.ended_reason]}

    def may_undo(self) -> bool:
        return InternalAction.objects.filter(pk=self.object.pk, last__isnull=True).exists()  # else another continues it

    def perform(self) -> None:
        internal_restore(action=self.object)


class InternalHistoryView(InternalMixin, TemplateView):
    permission_required = VIEW
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=history_of(self.object, (InternalResponsible,), former=self._others()),
            back=reverse("careclock:internal"),
            **kwargs,
        )

    def _others(self) -> Any:
        """Return the rows that were the event at other times."""
        return InternalAction.objects.visible_to(self.user).filter(code=self.object.code).exclude(pk=self.object.pk)


class SetView(ServiceFormView):
    """Add one of the sets of default data that the program ships."""

    permission_required = EDIT
    form_class = SetForm
    title = gettext_lazy("Add a default set")
    submit_label = pgettext_lazy("button", "Add")

    @property
    def success_message(self) -> Any:
        return ngettext("%(count)d was added.", "%(count)d were added.", self.done) % {"count": self.done}

    def get_cancel_url(self) -> str:
        return reverse("careclock:internal")

    def get_success_url(self) -> str:
        return reverse("careclock:clock" if self.name == "tku" else "careclock:internal")

    def perform(self, form: Any) -> int:
        self.name = form.cleaned_data["name"]
        if self.name == "tku" and not allowed(self.user, "caremodels.edit_model"):
            raise BusinessRuleError("not_allowed", _("You may not change care models."), field="name")
        return clock_set_add(name=self.name)


# Occurrences


class EventsView(QueryFormMixin, PermissionMixin, TemplateView):
    """When internal events are due, what was done, and what waits on shared lists."""

    permission_required = VIEW
    template_name = "careclock/events.html"
    parameters = of_form(EventsForm)

    @cached_property
    def form(self) -> EventsForm:
        asked = set(EventsForm.base_fields) & set(self.request.GET)
        form = EventsForm(self.request.GET if asked else None, auto_id="event_%s")
        names = {action.code: str(action) for action in InternalAction.objects.visible_to(self.user)}
        form.fields["code"].widget = forms.Select(choices=[("", "–"), *sorted(names.items(), key=itemgetter(1))])
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self._rows()
        return super().get_context_data(
            title=_("Times of internal events"),
            form=self.form,
            rows=rows[:MOST],
            is_cut=len(rows) > MOST,
            most=MOST,
            totals=[(kind, sum(row.state == name for row in rows), word) for name, (kind, word) in STATES.items()],
            may_enter=allowed(self.user, ENTER),
            secondary_actions=[
                {"label": _("Annual clock"), "url": reverse("careclock:clock"), "icon": "clock"},
                {"label": _("Internal events"), "url": reverse("careclock:internal"), "icon": "refresh"},
            ],
            **kwargs,
        )

    def _rows(self) -> list[EventRow]:
        if self.form.is_bound and not self.form.is_valid():
            return []
        data = self.form.cleaned_data if self.form.is_bound else {}
        if data.get("claim"):
            return claimable_of(self.user)
        about = {"code": data.get("code", ""), "state": data.get("state", "")}
        return events_of(self.user, self.form.chosen_year, month=data.get("month") or None, **about)


class DoneView(InternalMixin, ObjectFormView):
    """Enter that an event was held; the message has a button that takes it back."""

    permission_required = ENTER
    form_class = DoneForm
    parameters = {"day": DAY}
    submit_label = gettext_lazy("Save")
    success_message = gettext_lazy("The event was entered as done.")

    @property
    def title(self) -> str:
        return _("Done: %s") % self.object

    def get_initial(self) -> dict[str, Any]:
        asked = DAY.clean(self.request.GET.get("day"))
        return {**super().get_initial(), **({"day": asked} if asked else {})}

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return internal_done(action=self.object, day=data["day"], memo=from_text(data["memo"]), user=self.user)

    def get_success_url(self) -> str:
        return reverse("careclock:internal_occurrences", query={"code": self.object.code})

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def get_undo_url(self) -> str:
        return reverse("careclock:done_remove", args=[self.done.internal_work.pk])


class WorkMixin(VisibleObjectMixin):
    model = InternalWork

    def get_queryset(self) -> Any:
        return InternalWork.objects.visible_to(self.user).select_related("activity", "person")


class DoneRemoveView(WorkMixin, ActionView):
    permission_required = "careclock.remove_done"
    success_message = gettext_lazy("The event is no longer entered as done.")

    @property
    def question(self) -> str:
        return _("Take back that “%s” was done?") % self.object

    def get_success_url(self) -> str:
        return self.url

    def perform(self) -> None:
        self.url = str(self.object.get_absolute_url())
        internal_done_remove(work=self.object)


class ClaimView(WorkMixin, ActionView):
    """Take the work of an event from a shared list; the message has a button that puts it back."""

    permission_required = "careclock.claim_work"
    submit_label = gettext_lazy("Claim")
    success_message = ""

    @property
    def question(self) -> str:
        return _("Claim “%s”?") % self.object

    def perform(self) -> None:
        internal_claim(work=self.object, user=self.user)
        said(self.request, _("It is yours now."), undo=reverse("careclock:work_release", args=[self.object.pk]))


class ReleaseView(WorkMixin, ActionView):
    opposite = "careclock:work_claim"
    permission_required = "careclock.release_work"
    success_message = gettext_lazy("It is on its list again.")

    @property
    def question(self) -> str:
        return _("Put “%s” back on its list?") % self.object

    def perform(self) -> None:
        internal_release(work=self.object, user=self.user)
