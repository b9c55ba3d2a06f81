"""The steps of a scorecard: sent, back, approved, opened again."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from careplans.scorecards.forms import CommentForm, ReasonForm
from careplans.scorecards.services.cards import card_approve, card_reopen, card_return, card_send
from careplans.scorecards.views.cards import EDIT, CardMixin
from core.views import ObjectFormView


class StepMixin:
    """A step of a row as the user saw it: one that has changed since is refused."""

    object: Any
    user: Any

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.object.version}

    def said(self, form: Any) -> dict[str, Any]:
        """Return what a step is given besides the row."""
        data = {name: form.cleaned_data[name] for name in ("comment", "reason", "seen") if name in form.cleaned_data}
        return {"user": self.user, **data}


class SendView(StepMixin, CardMixin, ObjectFormView):
    permission_required = EDIT
    form_class = CommentForm
    title = gettext_lazy("Send to management")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The scorecard was sent to management.")

    def perform(self, form: Any) -> Any:
        return card_send(card=self.object, **self.said(form))


class ReturnView(StepMixin, CardMixin, ObjectFormView):
    permission_required = "scorecards.return_card"
    form_class = ReasonForm
    title = gettext_lazy("Send back for changes")
    submit_label = gettext_lazy("Back to draft")
    success_message = gettext_lazy("The scorecard is a draft again.")

    def perform(self, form: Any) -> Any:
        return card_return(card=self.object, **self.said(form))


class ApproveView(StepMixin, CardMixin, ObjectFormView):
    permission_required = "scorecards.approve_card"
    form_class = CommentForm
    title = gettext_lazy("Approve the scorecard")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The scorecard was approved. Its actuals are kept as they are today.")

    def perform(self, form: Any) -> Any:
        return card_approve(card=self.object, **self.said(form))


class ReopenView(StepMixin, CardMixin, ObjectFormView):
    permission_required = "scorecards.reopen_card"
    form_class = ReasonForm
    title = gettext_lazy("Open the scorecard again")
    submit_label = gettext_lazy("Open again")
    success_message = gettext_lazy("The scorecard is a draft again. Management approves it again.")

    def perform(self, form: Any) -> Any:
        return card_reopen(card=self.object, **self.said(form))
