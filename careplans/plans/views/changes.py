"""Changing a customer's plan: exceptions, own actions, updates."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.adherence.actions import Scope
from careplans.caremodels.frequencies import frequency_words
from careplans.plans.approval_days import needs_approval
from careplans.plans.forms import ApproveForm, ExceptionForm, OwnActionForm, RejectForm, UpdateForm
from careplans.plans.models import CustomerAction, PlanException, PlanUpdate
from careplans.plans.plan import plan_of
from careplans.plans.selectors import with_words
from careplans.plans.services.actions import (
    customer_action_approve,
    customer_action_end,
    customer_action_reject,
    customer_action_resume,
    customer_action_save,
)
from careplans.plans.services.exceptions import (
    exception_approve,
    exception_end,
    exception_reject,
    exception_request,
)
from careplans.plans.services.updates import plan_update_add, plan_update_remove
from careplans.plans.views.lists import DECIDE_ACTION, StayingMixin
from careplans.plans.views.tab import EDIT, replaced_by
from careplans.plans.words import exception_words
from core import clock
from core.notices import said
from core.parameters import TextField
from core.views import ActionView, ObjectFormView, VisibleObjectMixin
from customers.models import Customer

EDIT_ROW = "careplans.edit_row"


class OnTabMixin:
    """A page about a customer that leads to its plan."""

    model: Any = Customer
    permission_required = EDIT
    object: Any

    def get_success_url(self) -> str:
        return reverse("careplans:tab", args=[self.object.pk])

    def get_cancel_url(self) -> str:
        return self.get_success_url()


class ExceptionRequestView(OnTabMixin, ObjectFormView):
    """Ask for an exception; one of somebody who manages plans is in force at once."""

    removed_by = "careplans:exception_end"
    form_class = ExceptionForm
    parameters = {"action": TextField(max_length=60)}
    title = gettext_lazy("Exception of the plan")
    submit_label = gettext_lazy("Save the exception")

    @property
    def success_message(self) -> Any:
        if needs_approval(self.object.pk):
            return _("The exception was requested: the management decides.")
        if self.user.has_perm("careplans.manage_plans"):
            return _("The exception is in force.")
        return _("The exception was requested: the key account manager or the management decides.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs["instance"] = PlanException(customer=self.object)
        return {**kwargs, "codes": self.codes, "initial": {"code": self.request.GET.get("action", "")}}

    @cached_property
    def codes(self) -> list[tuple[str, str]]:
        lines = plan_of(self.object, clock.today()).of(Scope.CUSTOMER, Scope.INTERNAL)
        return [(line.code, str(line.action.source)) for line in lines]

    def may_undo(self) -> bool:
        done: Any = self.done
        return bool(done.is_requested or not self.replaces)  # what has ended for it does not come back

    def perform(self, form: Any) -> PlanException:
        chosen = form.cleaned_data["responsible"]
        self.replaces = PlanException.objects.on_days_of(form.instance).in_force().exists()
        return exception_request(
            exception=form.instance, user=self.user, responsible=[chosen] if chosen else []
        )  # fmt: skip


class ExceptionMixin(StayingMixin, VisibleObjectMixin):
    model = PlanException
    permission_required = "careplans.decide_exception"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("customer", "requested_by")


class ExceptionDecisionView(ExceptionMixin, ObjectFormView):
    """The dialog of a decision says of which customer and action it is, and what is asked for."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        [row] = with_words([self.object])
        return super().get_context_data(
            intro=f"{row.customer}: {row.action_name}",
            note_template="careplans/replaced.html",
            exception=row,
            asked=exception_words(row),
            **kwargs,
        )


class ExceptionApproveView(ExceptionDecisionView):
    form_class = ApproveForm
    title = gettext_lazy("Approve the exception")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The exception is in force.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(replaced=replaced_by(self.object), **kwargs)

    def perform(self, form: Any) -> PlanException:
        return exception_approve(exception=self.object, user=self.user, note=form.cleaned_data["note"])


class ExceptionRejectView(ExceptionDecisionView):
    form_class = RejectForm
    title = gettext_lazy("Reject the exception")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("The exception was rejected.")

    def perform(self, form: Any) -> PlanException:
        return exception_reject(exception=self.object, user=self.user, reason=form.cleaned_data["reason"])


class ExceptionEndView(ExceptionMixin, ActionView):
    permission_required = EDIT_ROW
    question = gettext_lazy("End the exception?")
    submit_label = pgettext_lazy("button", "End")
    success_message = gettext_lazy("The exception has ended.")

    def get_effects(self) -> list[Any]:
        return [_("From today the plan is as the care models say.")]

    def perform(self) -> None:
        exception_end(exception=self.object)


# Actions of a customer


class OwnActionFormMixin:
    form_class: Any = OwnActionForm
    user: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"user": self.user}

    def perform(self, form: Any) -> Any:
        return customer_action_save(
            action=form.instance, types=list(form.cleaned_data["types"]), responsible=form.responsible, user=self.user
        )


class OwnActionAddView(OwnActionFormMixin, OnTabMixin, ObjectFormView):
    removed_by = "careplans:own_end"
    title = gettext_lazy("New customer action")

    @property
    def success_message(self) -> Any:
        if needs_approval(self.object.pk):
            return _("The action waits for the management.")
        return _("The action is in the plan.")

    def may_undo(self) -> bool:
        done: Any = self.done
        return bool(done.first >= clock.today())  # an earlier one would end, and stay in the figures

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": CustomerAction(customer=self.object)}


class OwnActionMixin(VisibleObjectMixin):
    model: Any = CustomerAction
    permission_required = EDIT_ROW

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("customer", "asked_by", "selection")


class OwnActionEditView(OwnActionFormMixin, OwnActionMixin, ObjectFormView):
    undoable = True
    title = gettext_lazy("Change the customer's action")

    def get_undo_url(self) -> str:
        """Return the undo of the row that continues from today where the action had begun, from its own first day.

        What waits for the management has none: rejecting it brings back what was in force.
        """
        if needs_approval(self.done.customer_id):
            return ""
        if self._before is not None and self.done.pk != self.kwargs["pk"]:
            self.kwargs = {**self.kwargs, "pk": self.done.pk}
            self._before = {**self._before, "first": [self.done.first.isoformat()]}
        return super().get_undo_url()

    def get_undone_path(self) -> str:
        return reverse("careplans:own_edit", args=[self.done.pk])


class OwnActionApproveView(StayingMixin, OwnActionMixin, ActionView):
    """Management lets an action of a customer in a segment that needs approval take effect."""

    permission_required = DECIDE_ACTION
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The action is in the plan.")

    @property
    def question(self) -> str:
        return _("Approve the action “%s”?") % self.object

    def get_effects(self) -> list[Any]:
        asked = _("%(by)s asks for it.") % {"by": self.object.asked_by} if self.object.asked_by else ""
        return [line for line in (f"{self.object.customer}: {frequency_words(self.object)}", asked) if line]

    def perform(self) -> None:
        customer_action_approve(action=self.object, user=self.user)


class OwnActionRejectView(StayingMixin, OwnActionMixin, ObjectFormView):
    permission_required = DECIDE_ACTION
    form_class = RejectForm
    title = gettext_lazy("Reject the action")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("The action was rejected.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=f"{self.object.customer}: {self.object}", **kwargs)

    def perform(self, form: Any) -> CustomerAction:
        customer_action_reject(action=self.object, user=self.user, reason=form.cleaned_data["reason"])
        action: CustomerAction = self.object
        return action


class OwnActionEndView(OwnActionMixin, ActionView):
    """End an action of a customer; the message after it has a button that takes it back."""

    submit_label = pgettext_lazy("button", "End")
    success_message = ""

    @property
    def question(self) -> str:
        return _("End the action “%s”?") % self.object

    def get_effects(self) -> list[Any]:
        return [_("From today it is not in the plan. What was due before stays in the figures.")]

    def perform(self) -> None:
        has_begun = self.object.first < clock.today()
        customer_action_end(action=self.object)
        undo = reverse("careplans:own_resume", args=[self.object.pk]) if has_begun else ""
        said(self.request, _("The action has ended."), undo=undo)

    def get_success_url(self) -> str:
        return reverse("careplans:tab", args=[self.object.customer_id])


class OwnActionResumeView(OwnActionMixin, ActionView):
    opposite = "careplans:own_end"
    success_message = gettext_lazy("The action continues.")

    @property
    def question(self) -> str:
        return _("Take back the end of the action “%s”?") % self.object

    def perform(self) -> None:
        customer_action_resume(action=self.object)


# Updates


class UpdateAddView(OnTabMixin, ObjectFormView):
    form_class = UpdateForm
    title = gettext_lazy("The plan was reviewed")
    success_message = gettext_lazy("The update of the plan was saved.")

    def perform(self, form: Any) -> PlanUpdate:
        data = {name: form.cleaned_data[name] for name in ("day", "accepted_by", "note")}
        return plan_update_add(customer=self.object, user=self.user, **data)

    def get_undo_url(self) -> str:
        done: Any = self.done
        return reverse("careplans:update_remove", args=[done.pk])


class UpdateRemoveView(ActionView):
    model = PlanUpdate
    permission_required = EDIT_ROW
    question = gettext_lazy("Take back the update of the plan?")
    success_message = gettext_lazy("The update was taken back.")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("customer")

    def perform(self) -> None:
        plan_update_remove(update=self.object)

    def get_success_url(self) -> str:
        return reverse("careplans:tab", args=[self.object.customer_id])
