"""Moving an action to another month: a form for each kind, which dragging on the wheel fills in, and the undo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from careplans.adherence.periods import NamedMonths
from careplans.caremodels.models import CareAction
from careplans.clock.forms import CustomerMoveForm, MoveForm
from careplans.clock.models import InternalAction
from careplans.clock.services.moves import (
    Moved,
    action_month_move,
    customer_month_move,
    customer_move_back,
    internal_month_move,
    line_of,
)
from careplans.clock.words import month_in_text
from careplans.plans.approval_days import needs_approval
from careplans.plans.models import CustomerAction
from core import clock
from core.exceptions import BusinessRuleError
from core.once import kept_for, kept_under
from core.parameters import TextField
from core.views import ObjectFormView, ReturnMixin, VisibleObjectMixin, redirect, safe_next_url
from customers.models import Customer

MONTHS = {
    "start": forms.IntegerField(required=False, min_value=1, max_value=12),
    "to": forms.IntegerField(required=False, min_value=1, max_value=12),
    "next": TextField(),
}
BACK = {"content": TextField(max_length=40), "next": TextField()}


class MoveView(ReturnMixin, ObjectFormView):
    """The form of a move; the message after it has a button that moves the action back."""

    form_class: Any = MoveForm
    parameters = MONTHS
    submit_label = gettext_lazy("Move")
    title = gettext_lazy("Move to another month")

    @property
    def months(self) -> Any:
        return self.object.months

    def get_initial(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name) for name in ("start", "to")}
        return {**super().get_initial(), **{name: value for name, value in asked.items() if value}}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "months": self.months}

    @property
    def success_message(self) -> Any:
        return self.moved_words(self.done)

    def moved_words(self, action: Any) -> str:
        about = {"action": action, "start": self.start, "to": self.to}
        return _("“%(action)s” was moved from %(start)s to %(to)s.") % about

    def keep(self, form: Any) -> dict[str, int]:
        """Remember the months of a valid form for the message and the undo."""
        data = form.cleaned_data
        self.start, self.to = month_in_text(data["start"]), month_in_text(data["to"])
        return {"start": data["start"], "to": data["to"]}

    def kept_url(self, name: str, *args: Any, **content: Any) -> str:
        key = kept_under(self.user, content)
        back = {"content": key, "next": self.request.GET.get("next", "")}
        return reverse(f"careclock:{name}", args=args, query=back)


class ActionMoveView(MoveView):
    """Move an action of a draft."""

    model = CareAction
    permission_required = "caremodels.edit_action"

    def get_queryset(self) -> Any:
        return CareAction.objects.visible_to(self.user).select_related("version__model")

    def perform(self, form: Any) -> Any:
        self.moved = self.keep(form)
        return action_month_move(action=self.object, user=self.user, **self.moved)

    def get_undo_url(self) -> str:
        return self.kept_url("move_action_back", self.done.pk, **self.moved)


class InternalMoveView(MoveView):
    """Move an internal event."""

    model = InternalAction
    permission_required = "careclock.edit_internal"

    def perform(self, form: Any) -> Any:
        self.moved = self.keep(form)
        return internal_month_move(action=self.object, **self.moved)

    def get_undo_url(self) -> str:
        return self.kept_url("move_internal_back", self.done.pk, **self.moved)


class CustomerMoveView(MoveView):
    """Move an action of a customer's plan: an exception with its reason, or a change of the customer's own action."""

    model = Customer
    permission_required = "careplans.edit_plan"
    parameters = MONTHS | {"year": forms.IntegerField(required=False, min_value=2000, max_value=2190)}

    @cached_property
    def year(self) -> int:
        return int(self.request.GET.get("year") or clock.today().year)

    @cached_property
    def line(self) -> Any:
        line = line_of(self.object, self.kwargs["care_code"], self.year)
        if line is None:
            raise Http404
        return line

    @property
    def is_own(self) -> bool:
        return isinstance(self.line.action.source, CustomerAction) and not self.line.action.exceptions

    @property
    def months(self) -> Any:
        frequency = self.line.action.frequency
        return frequency.months if isinstance(frequency, NamedMonths) else ()

    def get_form_class(self) -> Any:
        return MoveForm if self.is_own else CustomerMoveForm

    def perform(self, form: Any) -> Any:
        self.moved, name = self.keep(form), str(self.line.action.source)
        self.result: Moved = customer_month_move(
            customer=self.object, code=self.kwargs["care_code"], year=self.year, user=self.user,
            reason=form.cleaned_data.get("reason", ""), **self.moved,
        )  # fmt: skip
        self.name = name
        return self.object

    @property
    def success_message(self) -> Any:
        exception = self.result.exception
        if exception is None or not exception.is_requested:
            return self.moved_words(self.name)
        if needs_approval(self.object.pk):
            return _("The move was requested: the management decides.")
        return _("The move was requested: the key account manager or the management decides.")

    def get_success_url(self) -> str:
        return self._next or reverse("careclock:customer", args=[self.object.pk])

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def get_undo_url(self) -> str:
        exception, code = self.result.exception, self.kwargs["care_code"]
        if exception is not None and self.result.former:
            kept = {"exception": exception.pk, "version": exception.version, "former": self.result.former}
            return self.kept_url("move_for_customer_back", self.object.pk, code, **kept)
        if exception is not None:
            return reverse("careplans:exception_end", args=[exception.pk])
        return self.kept_url("move_for_customer_back", self.object.pk, code, year=self.year, **self.moved)


class BackView(VisibleObjectMixin, View):
    """Move an action back, as it was kept for the user under the key in the address."""

    parameters = BACK

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = kept_for(self.user, request.GET.get("content", ""))
        try:
            if kept is None:
                raise BusinessRuleError("not_kept", _("It cannot be brought back any more."))
            self.move(kept)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The action is in its former month again."))
        return redirect(request, safe_next_url(request, request.GET.get("next", "")) or self.page())

    def move(self, kept: dict[str, Any]) -> None:
        raise NotImplementedError

    def page(self) -> str:
        return str(self.object.get_absolute_url())


class ActionBackView(BackView):
    model = CareAction
    permission_required = "caremodels.edit_action"

    def get_queryset(self) -> Any:
        return CareAction.objects.visible_to(self.user).select_related("version__model")

    def move(self, kept: dict[str, Any]) -> None:
        action_month_move(action=self.object, start=kept["to"], to=kept["start"], user=self.user)


class InternalBackView(BackView):
    model = InternalAction
    permission_required = "careclock.edit_internal"

    def move(self, kept: dict[str, Any]) -> None:
        internal_month_move(action=self.object, start=kept["to"], to=kept["start"])


class CustomerBackView(BackView):
    model = Customer
    permission_required = "careplans.edit_plan"

    def move(self, kept: dict[str, Any]) -> None:
        if "former" in kept:
            customer_move_back(customer=self.object, **kept)
            return
        customer_month_move(
            customer=self.object, code=self.kwargs["care_code"], year=kept["year"], start=kept["to"],
            to=kept["start"], user=self.user,
        )  # fmt: skip

    def page(self) -> str:
        return reverse("careclock:customer", args=[self.object.pk])
