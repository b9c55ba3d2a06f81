"""Deciding about an occurrence: skip, postpone, correct what counts, and taking it back."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careplans.adherence.occurrences import Key, Occurrence
from careplans.plans.forms import CorrectForm, PostponeForm, SkipForm
from careplans.plans.models import OccurrenceCorrection, OccurrenceDecision
from careplans.plans.plan import PlanView, plan_of
from careplans.plans.services.occurrences import (
    correction_undo,
    decision_undo,
    occurrence_correct,
    occurrence_postpone,
    occurrence_skip,
)
from careplans.plans.views.tab import DECIDE, EDIT, MOST_ROWS, decoded, encoded
from careplans.plans.words import occurrence_words
from core import clock
from core.views import ActionView, ObjectFormView
from customers.models import Customer


class OfCustomerMixin:
    """A page about an action in the plan of a customer."""

    model: Any = Customer
    permission_required = EDIT
    link_words = gettext_lazy("Care plan")
    kwargs: dict[str, Any]
    object: Any

    @property
    def code(self) -> str:
        return str(self.kwargs["care_code"])

    @cached_property
    def plan(self) -> PlanView:
        return plan_of(self.object, clock.today())

    def get_success_url(self) -> str:
        return reverse("careplans:action", args=[self.object.pk, self.code])

    def get_cancel_url(self) -> str:
        return self.get_success_url()


class OccurrenceFormView(OfCustomerMixin, ObjectFormView):
    """A decision about the occurrence that the address names."""

    permission_required = DECIDE

    @property
    def key(self) -> Key:
        return decoded(self.code, self.kwargs["care_occurrence"])

    @cached_property
    def occurrence(self) -> Occurrence:
        found = self.plan.occurrence(self.key)
        if found is None:
            raise Http404
        return found

    def check_permissions(self) -> None:
        super().check_permissions()
        _found = self.occurrence

    def get_undo_url(self) -> str:
        done: Any = self.done
        return reverse("careplans:decision_undo", args=[done.pk])

    def answered(self, decision: OccurrenceDecision) -> OccurrenceDecision:
        """Return a decision; one for a reason that is not accepted changes nothing, and the message says so."""
        if not decision.is_accepted:
            self.success_message = _("The reason was kept. It is not an accepted one: it is due as before.")
        return decision


class SkipView(OccurrenceFormView):
    form_class = SkipForm
    submit_label = gettext_lazy("Leave out")
    success_message = gettext_lazy("It was left out.")

    @property
    def title(self) -> str:
        return _("Leave out: %s") % occurrence_words(self.occurrence)

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        about = {"customer": self.object, "key": self.key, "user": self.user}
        return self.answered(occurrence_skip(reason=data["reason"], note=data["note"], **about))


class PostponeView(OccurrenceFormView):
    form_class = PostponeForm
    submit_label = gettext_lazy("Postpone")
    success_message = gettext_lazy("It was postponed.")

    @property
    def title(self) -> str:
        return _("Postpone: %s") % occurrence_words(self.occurrence)

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        about = {"customer": self.object, "key": self.key, "user": self.user}
        return self.answered(occurrence_postpone(to=data["to"], reason=data["reason"], note=data["note"], **about))


class CorrectView(OfCustomerMixin, ObjectFormView):
    """Say for which occurrence something done counts, or that it does not."""

    form_class = CorrectForm
    title = gettext_lazy("What does it count for?")
    success_message = gettext_lazy("The correction was saved.")

    def check_permissions(self) -> None:
        super().check_permissions()
        name = (self.kwargs["care_source"], self.kwargs["care_done"])
        if not any(one.fulfilment.name == name for one in self.plan.verdicts(self.code)):
            raise Http404

    def get_form_kwargs(self) -> dict[str, Any]:
        line = self.plan.line(self.code)
        known = line.occurrences[:MOST_ROWS] if line else []
        offered = [(encoded(one.key), occurrence_words(one)) for one in known]
        return {**super().get_form_kwargs(), "offered": offered}

    def perform(self, form: Any) -> Any:
        chosen, name = form.cleaned_data["occurrence"], self.kwargs
        return occurrence_correct(
            customer=self.object, code=self.code, source=name["care_source"], fulfilment=name["care_done"],
            key=decoded(self.code, chosen) if chosen else None, user=self.user, note=form.cleaned_data["note"],
        )  # fmt: skip

    def get_undo_url(self) -> str:
        done: Any = self.done
        return reverse("careplans:correction_undo", args=[done.pk])


class UndoMixin:
    """Taking back a decision about an occurrence."""

    permission_required = "careplans.edit_row"
    object: Any

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("customer")  # type: ignore[misc]

    def get_success_url(self) -> str:
        return reverse("careplans:action", args=[self.object.customer_id, self.object.code])


class DecisionUndoView(UndoMixin, ActionView):
    model = OccurrenceDecision
    permission_required = "careplans.undo_decision"
    question = gettext_lazy("Take back the decision?")
    success_message = gettext_lazy("The decision was taken back.")
    user: Any

    def perform(self) -> None:
        decision_undo(decision=self.object, user=self.user)


class CorrectionUndoView(UndoMixin, ActionView):
    model = OccurrenceCorrection
    question = gettext_lazy("Take back the correction?")
    success_message = gettext_lazy("The correction was taken back.")

    def perform(self) -> None:
        correction_undo(correction=self.object)
