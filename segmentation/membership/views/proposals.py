"""Proposals of segments: the list, a proposal's page, and the forms that make, decide, withdraw and comment one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from core.exceptions import refusal_of
from core.history import status_history_of
from core.list_views import TabbedListView
from core.parameters import Parameters, visible
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, VisibleObjectMixin
from customers.models import Customer
from segmentation.membership.filters import ProposalFilter
from segmentation.membership.forms import CommentForm, DecideForm, ProposalForm, RejectForm
from segmentation.membership.models import Proposal, ProposalComment
from segmentation.membership.services.moves import members_of
from segmentation.membership.services.proposals import (
    proposal_approve,
    proposal_check,
    proposal_comment,
    proposal_make,
    proposal_reject,
    proposal_withdraw,
)
from segmentation.membership.tables import PROPOSALS
from segmentation.schemes.models import Segment

VIEW = "membership.view_proposal"
RELATED = (
    "customer",
    "scheme",
    "segment",
    "from_segment",
    "leaver",
    "leaver_segment",
    "proposed_by",
    "decided_by",
    "reason",
)


class ProposalListView(TabbedListView):
    model = Proposal
    filterset_class = ProposalFilter
    table = PROPOSALS
    title = gettext_lazy("Segment proposals")
    permission_required = VIEW
    main_filters = ("awaiting", "segment", "mine")
    empty = {
        "title": gettext_lazy("No proposals here."),
        "text": gettext_lazy("A move to a segment that needs approval waits here until somebody decides."),
    }
    list_tabs: ClassVar[dict[str, Any]] = {
        "open": pgettext_lazy("proposals", "Open"),
        "decided": pgettext_lazy("proposals", "Decided"),
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows = Proposal.objects.visible_to(self.user).select_related(*RELATED)
        return rows.open() if self.tab == "open" else rows.exclude(status="open")

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return {"open": Proposal.objects.visible_to(self.user).open()}


class ProposalMixin(VisibleObjectMixin):
    model = Proposal
    permission_required = VIEW

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*RELATED)

    def get_denial(self) -> str:
        return refusal_of(lambda: proposal_check(self.object))


class ProposalView(ProposalMixin, TemplateView):
    """A proposal: who moves where and why, how full the segment is, comments, the decision."""

    template_name = "membership/proposal.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal, user = self.object, self.user
        return super().get_context_data(
            title=str(proposal),
            proposal=proposal,
            members=members_of([proposal.segment])[proposal.segment_id],
            comments=proposal.comments.select_related("user"),
            entries=status_history_of(proposal, (ProposalComment,), viewer=user),
            may_decide=allowed(user, "membership.decide_proposal", proposal),
            may_withdraw=allowed(user, "membership.withdraw_proposal", proposal),
            may_comment=allowed(user, "membership.comment_proposal", proposal),
            is_own=proposal.is_open and proposal.proposed_by_id == user.pk,
            **kwargs,
        )


class ProposeView(ObjectFormView):
    """Propose a customer to a segment that needs approval, or from one."""

    removed_by = "membership:withdraw"
    model = Customer
    form_class = ProposalForm
    permission_required = "membership.propose_segment"
    success_message = gettext_lazy("The proposal was made.")
    submit_label = pgettext_lazy("button", "Propose")
    parameters: Parameters | None = {"segment": visible(Segment)}

    @property
    def title(self) -> str:
        return _("Propose a segment: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "customer": self.object, "user": self.user}

    def get_initial(self) -> dict[str, Any]:
        return {"segment": self.request.GET.get("segment", "")}

    def get_cancel_url(self) -> str:
        return reverse("membership:tab", args=[self.object.pk])

    def perform(self, form: Any) -> Proposal:
        data = {name: value for name, value in form.cleaned_data.items() if name != "submission_key"}
        return proposal_make(customer=self.object, user=self.user, **data)


class ProposalFormView(ProposalMixin, ObjectFormView):
    def get_queryset(self) -> QuerySet[Any]:
        return Proposal.objects.visible_to(self.user)


class DecideView(ProposalFormView):
    permission_required = "membership.decide_proposal"

    def get_denial(self) -> str:
        return refusal_of(lambda: proposal_check(self.object, self.user))


class ApproveView(DecideView):
    form_class = DecideForm
    title = gettext_lazy("Approve the proposal")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The proposal was approved.")

    def perform(self, form: Any) -> Proposal:
        return proposal_approve(proposal=self.object, user=self.user, text=form.cleaned_data["text"])


class RejectView(DecideView):
    form_class = RejectForm
    title = gettext_lazy("Reject the proposal")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("The proposal was rejected.")

    def perform(self, form: Any) -> Proposal:
        return proposal_reject(proposal=self.object, user=self.user, reason=form.cleaned_data["text"])


class WithdrawView(ProposalMixin, ActionView):
    permission_required = "membership.withdraw_proposal"
    question = gettext_lazy("Withdraw the proposal?")
    submit_label = gettext_lazy("Withdraw")
    success_message = gettext_lazy("The proposal was withdrawn.")

    def perform(self) -> None:
        proposal_withdraw(proposal=self.object, user=self.user)


class CommentView(ProposalFormView):
    form_class = CommentForm
    permission_required = "membership.comment_proposal"
    title = gettext_lazy("Comment on the proposal")
    success_message = gettext_lazy("The comment was added.")

    def perform(self, form: Any) -> Proposal:
        proposal_comment(proposal=self.object, user=self.user, text=form.cleaned_data["text"])
        return self.object
