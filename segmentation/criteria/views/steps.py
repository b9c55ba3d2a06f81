"""The steps of a version: review, approval, rejection, putting it in force."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from core.views import ObjectFormView
from segmentation.criteria.forms import CommentForm, ForceForm, ReasonForm, ReviewForm
from segmentation.criteria.services import (
    criteria_approve,
    criteria_put_in_force,
    criteria_reject,
    criteria_return,
    criteria_review,
)
from segmentation.criteria.views.versions import CriteriaMixin


class ReviewView(CriteriaMixin, ObjectFormView):
    """Mark a draft as reviewed by the account team and send it to management."""

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
    permission_required = "criteria.decide_version"
    form_class = CommentForm
    title = gettext_lazy("Approve the version")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The version was approved. The key account manager puts it in force.")

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
