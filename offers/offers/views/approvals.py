"""Approvals of an offer: the panel, requests, decisions, and the user's queue."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.panels import PanelMixin
from core.permissions import PermissionMixin, allowed
from core.views import ActionView, ObjectFormView
from offers.offers.enums import ApprovalState
from offers.offers.forms.offers import ApproveForm, SendBackForm
from offers.offers.models import Approval, Offer
from offers.offers.selectors import approvals_before, step_states, waiting_for
from offers.offers.services.approvals import approval_decide, approvals_ask
from offers.offers.views.offers import OfferMixin

QUEUE = 200


class ApprovalsPanel(PanelMixin, OfferMixin, TemplateView):
    """The steps that the offer needs: their approvals, the next step, and earlier approvals."""

    template_name = "offers/approvals/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer, user = self.object, self.user
        states = step_states(offer)
        following = next((state.approval for state in states if state.is_next), None)
        is_waiting = following is not None and following.state == ApprovalState.WAITING
        return super().get_context_data(
            title=_("Approvals"),
            offer=offer,
            states=states,
            earlier=approvals_before(offer),
            following=following,
            may_ask=not is_waiting and self._is_to_ask(states),
            may_decide=is_waiting and offer.is_undecided and may_decide(user, offer, following),
            **kwargs,
        )

    def _is_to_ask(self, states: list[Any]) -> bool:
        is_missing = any(not state.is_approved for state in states)
        return is_missing and allowed(self.user, "offers.edit_offer", self.object)


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
        parts = (self.approval.get_step_display(), self.object, self.object.customer)
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
    success_message = gettext_lazy("Approved.")


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
        return super().get_context_data(title=_("Waiting for my approval"), approvals=waiting, **kwargs)
