"""The steps of a version: review, approval, rejection, putting it in force."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import User
from core.exceptions import refusal_of
from core.opinions import opinions_of, stored_opinion
from core.views import ObjectFormView
from segmentation.criteria.forms import CommentForm, ForceForm, OpinionForm, ReasonForm, ReviewForm
from segmentation.criteria.services import (
    check_approver,
    criteria_approve,
    criteria_give_opinion,
    criteria_put_in_force,
    criteria_reject,
    criteria_return,
    criteria_review,
    criteria_send,
)
from segmentation.criteria.views.versions import CriteriaMixin


class SendView(CriteriaMixin, ObjectFormView):
    """Send a draft to the account team."""

    permission_required = "criteria.review_version"
    form_class = CommentForm
    title = gettext_lazy("Send to the account team")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The version was sent to the account team.")

    def perform(self, form: Any) -> Any:
        return criteria_send(criteria=self.object, user=self.user, comment=form.cleaned_data["comment"])


class OpinionView(CriteriaMixin, ObjectFormView):
    """A member of the account team says what he or she thinks of a version; until it is sent on, again and again."""

    undoable = True
    permission_required = "criteria.give_opinion"
    form_class = OpinionForm
    title = gettext_lazy("Give your opinion")
    success_message = gettext_lazy("Your opinion was saved.")

    def get_initial(self) -> dict[str, Any]:
        return stored_opinion(self.object.opinions, self.user)

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return criteria_give_opinion(
            criteria=self.object, user=self.user, stance=data["stance"], comment=data["comment"]
        )


class ReviewView(CriteriaMixin, ObjectFormView):
    """Send a version that the account team has gone through to management."""

    permission_required = "criteria.review_version"
    form_class = ReviewForm
    title = gettext_lazy("Reviewed by the account team: send to management")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The version was sent to management.")

    def perform(self, form: Any) -> Any:
        return criteria_review(criteria=self.object, user=self.user, comment=form.cleaned_data["comment"])


class ReturnView(CriteriaMixin, ObjectFormView):
    permission_required = "criteria.review_version"
    form_class = ReasonForm
    title = gettext_lazy("Take back for changes")
    submit_label = gettext_lazy("Back to draft")
    success_message = gettext_lazy("The version is a draft again.")

    def perform(self, form: Any) -> Any:
        return criteria_return(criteria=self.object, user=self.user, comment=form.cleaned_data["reason"])


class ApproveView(CriteriaMixin, ObjectFormView):
    permission_required = "criteria.approve_version"
    form_class = CommentForm
    title = gettext_lazy("Approve the version")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The version was approved. The key account manager puts it in force.")

    def get_denial(self) -> str:
        return refusal_of(lambda: check_approver(self.object, self.user))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        opinions = opinions_of(self.object.opinions, User.objects.of_account_team().order_by("sort_key", "pk"))
        return super().get_context_data(note_template="generic/objections.html", opinions=opinions, **kwargs)

    def perform(self, form: Any) -> Any:
        return criteria_approve(criteria=self.object, user=self.user, comment=form.cleaned_data["comment"])


class RejectView(CriteriaMixin, ObjectFormView):
    permission_required = "criteria.decide_version"
    form_class = ReasonForm
    title = gettext_lazy("Reject the version")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("The version was rejected.")

    def perform(self, form: Any) -> Any:
        return criteria_reject(criteria=self.object, user=self.user, reason=form.cleaned_data["reason"])


class ForceView(CriteriaMixin, ObjectFormView):
    permission_required = "criteria.review_version"
    form_class = ForceForm
    title = gettext_lazy("Put the version in force")
    submit_label = gettext_lazy("Put in force")
    success_message = gettext_lazy("Saved. The criteria give their first suggestions in the night after the day.")

    def perform(self, form: Any) -> Any:
        return criteria_put_in_force(criteria=self.object, user=self.user, day=form.cleaned_data["day"])
