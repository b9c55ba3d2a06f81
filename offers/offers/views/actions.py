"""Actions on offers: next steps, linked activities, approvals, losing, reopening, reassigning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView, View

from activities.log.forms.status import FollowUpRows
from activities.log.models import Activity
from core.exceptions import BusinessRuleError
from core.once import once
from core.permissions import PermissionMixin, allowed
from core.tabs import PanelMixin
from core.views import ActionView, ObjectFormView, ReturnMixin, VisibleObjectMixin, redirect
from offers.offers.acting import mark_offers
from offers.offers.enums import ApprovalState, ApprovalStep, OfferStatus
from offers.offers.forms.offers import ApproveForm, LinkForm, LoseForm, ReopenForm, SendBackForm
from offers.offers.models import Approval, Offer, OfferActivity
from offers.offers.selectors import approvals_before, offers_of_activity, step_states, waiting_for
from offers.offers.services.approvals import approval_decide, approvals_ask
from offers.offers.services.offers import (
    next_steps_add,
    offer_activity_link,
    offer_activity_unlink,
)
from offers.offers.services.status import offer_lose, offer_reopen
from offers.offers.views.offers import OfferMixin
from offers.offers.views.undo import step_undo_url
from offers.products.reductions import DEFINITION

QUEUE = 200


class OfferStepView(ReturnMixin, OfferMixin, ObjectFormView):
    """A form that moves one offer to another status; from the board it leads back there."""

    permission_required = "offers.decide_offer"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offer": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=f"{self.object} · {self.object.customer}", **kwargs)


class LoseView(OfferStepView):
    form_class = LoseForm
    title = gettext_lazy("The offer was lost")
    submit_label = gettext_lazy("Mark as lost")
    success_message = gettext_lazy("The offer was marked as lost.")

    def get_undo_url(self) -> str:
        return step_undo_url(self.object, self._next)

    def perform(self, form: LoseForm) -> Offer:
        return offer_lose(offer=self.object, user=self.user, **form.cleaned_data)


class ReopenView(OfferStepView):
    """Reopen a lost or sent offer."""

    opposite = "offers:lose"
    form_class = ReopenForm
    submit_label = pgettext_lazy("offer step", "Reopen")
    success_message = gettext_lazy("The offer was reopened.")

    @property
    def title(self) -> str:
        is_lost = self.object.status == OfferStatus.LOST
        return _("Reopen the lost offer") if is_lost else _("Reopen the sent offer")

    def may_undo(self) -> bool:
        return "reason" in self.was  # what was sent is not sent by an undo

    def get_undo_content(self) -> dict[str, list[str]]:
        return self.was

    def perform(self, form: ReopenForm) -> Offer:
        offer = self.object
        lost = {"reason": [str(offer.lost_reason_id)], "competitor": [offer.competitor]}
        self.was = lost if offer.status == OfferStatus.LOST else {}
        return offer_reopen(offer=self.object, user=self.user, reason=form.cleaned_data["reason"])


class ApprovalsPanel(PanelMixin, OfferMixin, TemplateView):
    """The steps that the offer needs: their approvals, the next step, and earlier approvals."""

    template_name = "offers/approvals/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer, user = self.object, self.user
        states = step_states(offer)
        following = next((state.approval for state in states if state.is_next), None)
        is_waiting = following is not None and following.state == ApprovalState.WAITING
        is_missing = any(not state.is_approved for state in states)
        may_ask = not is_waiting and is_missing and allowed(user, "offers.edit_offer", offer)
        return super().get_context_data(
            title=_("Approvals"),
            offer=offer,
            states=states,
            reduction_definition=DEFINITION,
            earlier=approvals_before(offer),
            following=following,
            may_ask=may_ask,
            may_decide=is_waiting and offer.is_undecided and may_decide(user, offer, following),
            **kwargs,
        )


def may_decide(user: Any, offer: Offer, approval: Approval | None) -> bool:
    """Return whether the user has the right to this step and has not requested it."""
    if approval is None or approval.asked_by_id == user.pk or offer.customer.is_passive:
        return False
    approval.offer = offer
    return allowed(user, "offers.approve_offer", approval)


class AskView(OfferMixin, ActionView):
    permission_required = "offers.edit_offer"
    question = gettext_lazy("Request approval?")
    submit_label = gettext_lazy("Request approval")
    success_message = gettext_lazy("Approval was requested.")

    def get_effects(self) -> list[Any]:
        steps = ", ".join(str(state.step.label) for state in step_states(self.object) if not state.is_approved)
        return [
            _("To be approved: %(steps)s") % {"steps": steps},
            _("Users who may approve are notified. If the content changes, approval must be requested again."),
        ]

    def perform(self) -> None:
        approvals_ask(offer=self.object, user=self.user)


class DecideView(OfferMixin, ObjectFormView):
    """A form that decides one approval of an offer. As in the services, the offer is locked first."""

    permission_required = "offers.approve_offer"
    state: ApprovalState

    @cached_property
    def approval(self) -> Approval:
        approval = get_object_or_404(self.object.approvals, pk=self.kwargs["approval"])
        approval.offer = self.object
        return approval

    def get_permission_object(self) -> Approval:
        return self.approval

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = [self.approval.get_step_display(), self.object, self.object.customer]
        if self.approval.step == ApprovalStep.PRICE:
            percent = number_format(self.object.max_discount.normalize(), use_l10n=True)
            parts.append(_("Greatest reduction %(percent)s %%") % {"percent": percent})
        return super().get_context_data(intro=" · ".join(map(str, parts)), **kwargs)

    def perform(self, form: Any) -> Offer:
        comment = form.cleaned_data["comment"]
        approval_decide(approval=self.approval, user=self.user, state=self.state, comment=comment)
        return self.object


class ApproveView(DecideView):
    form_class = ApproveForm
    state = ApprovalState.APPROVED
    title = gettext_lazy("Approve the offer")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The offer was approved.")


class SendBackView(DecideView):
    form_class = SendBackForm
    state = ApprovalState.REJECTED
    title = gettext_lazy("Send the offer back")
    submit_label = gettext_lazy("Send back")
    success_message = gettext_lazy("The offer was sent back.")


class QueueView(PermissionMixin, TemplateView):
    """Approvals that wait for the user, oldest first."""

    template_name = "offers/approvals/queue.html"
    permission_required = "offers.approve_offer"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = waiting_for(self.user).order_by("asked_at", "pk")[:QUEUE]
        return super().get_context_data(
            title=_("Waiting for my approval"), approvals=waiting, reduction_definition=DEFINITION, **kwargs
        )


def activities_tab_url(offer: Any) -> str:
    return reverse("offers:activities", args=[offer.pk])


class NextStepAddView(OfferMixin, View):
    """Add a next step: task, person and due date. Invalid input is reported on the page."""

    permission_required = "offers.log_for_offer"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = FollowUpRows(request.POST, user=self.user, has_customer=True, shown=1)
        for error in self._add_step(rows):
            messages.error(request, error)
        return redirect(request, activities_tab_url(self.object))

    def _add_step(self, rows: FollowUpRows) -> list[str]:
        """Add the step, or return why it cannot be added."""
        if not rows.is_valid():
            return [str(error) for row in rows for errors in row.errors.values() for error in errors]
        if not rows.agreed:
            return [_("Write what was agreed.")]

        def add() -> dict[str, Any]:
            return {"count": len(next_steps_add(offer=self.object, user=self.user, agreed=rows.agreed))}

        try:
            once(rows.submission_key, self.user, add)
        except BusinessRuleError as error:
            return [str(error)]
        messages.success(self.request, _("The next step was added."))
        return []


class LinkView(OfferMixin, ObjectFormView):
    removed_by = "offers:activity_unlink"
    form_class = LinkForm
    permission_required = "offers.log_for_offer"
    title = gettext_lazy("Link an activity")
    submit_label = pgettext_lazy("verb", "Link")
    success_message = gettext_lazy("The activity was linked.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offer": self.object, "user": self.user}

    def get_undo_args(self, row: Any) -> list[Any]:
        return [self.object.pk, row.activity_id]

    def perform(self, form: LinkForm) -> OfferActivity:
        return offer_activity_link(offer=self.object, activity=form.cleaned_data["activity"], user=self.user)

    def get_success_url(self) -> str:
        return activities_tab_url(self.object)

    def get_cancel_url(self) -> str:
        return activities_tab_url(self.object)


class UnlinkView(OfferMixin, ActionView):
    """Remove an activity's link to the offer; the activity is kept."""

    opposite = "offers:activity_link"
    permission_required = "offers.log_for_offer"
    submit_label = gettext_lazy("Remove the link")
    success_message = gettext_lazy("The link was removed.")

    @property
    def question(self) -> str:
        return _("Remove the link to the activity “%s”?") % self._activity

    @property
    def _activity(self) -> Activity:
        activities = Activity.objects.visible_to(self.user).filter(offer_activities__offer=self.object)
        return get_object_or_404(activities, pk=self.kwargs["activity"])

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"activity": [str(self.kwargs["activity"])]}

    def perform(self) -> None:
        offer_activity_unlink(offer=self.object, activity=self._activity)

    def get_success_url(self) -> str:
        return activities_tab_url(self.object)


class ActivityOffersPanel(PanelMixin, VisibleObjectMixin, TemplateView):
    """Panel of an activity's page: its offers, and the button that makes a new one."""

    model = Activity
    template_name = "offers/offers/activity_panel.html"
    permission_required = "offers.show_offers"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("customer")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity, user = self.object, self.user
        is_passive = activity.customer is not None and activity.customer.is_passive
        offers = list(offers_of_activity(user, activity)[:20])
        mark_offers(user, offers)
        return super().get_context_data(
            title=_("Offers"),
            activity=activity,
            offers=offers,
            may_offer=allowed(user, "offers.add_offer") and not is_passive,
            **kwargs,
        )
