"""Decisions about changes of segments' rules: approving them, rejecting or withdrawing them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from core.exceptions import refusal_of
from core.views import ActionView, VisibleObjectMixin
from segmentation.schemes.models import RuleChange
from segmentation.schemes.services.rules import (
    rule_change_approve,
    rule_change_check,
    rule_change_reject,
    rule_effects,
)


class RuleChangeMixin(VisibleObjectMixin):
    model = RuleChange

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("segment__scheme")

    def get_denial(self) -> str:
        return refusal_of(lambda: rule_change_check(self.object, self.user))

    def get_effects(self) -> list[Any]:
        return rule_effects(self.object.segment, self.object.before, self.object.after)[:-1]


class RuleChangeApproveView(RuleChangeMixin, ActionView):
    permission_required = "schemes.approve_rules"
    question = gettext_lazy("Approve the change of the segment's rules?")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The change is in effect.")

    def perform(self) -> None:
        rule_change_approve(change=self.object, user=self.user)


class RuleChangeRejectView(RuleChangeMixin, ActionView):
    """Reject a change; whoever asked for it withdraws it."""

    permission_required = "schemes.reject_rules"
    question = gettext_lazy("Reject the change of the segment's rules?")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("The segment stays as it is.")

    def perform(self) -> None:
        rule_change_reject(change=self.object, user=self.user)
