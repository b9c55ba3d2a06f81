"""Bulk operation: management approves many plans at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careplans.plans.models import PlanApproval
from careplans.plans.services.approvals import plan_approve
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, Finding, Operation
from core.exceptions import BusinessRuleError


class ApproveOperation(Operation):
    name, place, model = "careplans.approve", "plan_approvals", PlanApproval
    label, icon, order = gettext_lazy("Approve plans"), "checks", 10
    permission, list_url_name, text = "careplans.approve_plans", "careplans:approvals", "customer__name"
    batch = 200
    reasons = {
        "status_not_allowed": gettext_lazy("Does not wait for a decision any more"),
        "customer_passive": gettext_lazy("The customer is inactive"),
        "version_ended": gettext_lazy("Another version of the model has taken effect"),
        "model_left": gettext_lazy("The customer has left the segment of the model"),
        "own_plan": gettext_lazy("You have asked for it"),
        "approval_gone": gettext_lazy("The approval is not needed any more"),
    }

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        return [_("The plans take effect today. An approval cannot be undone: a new version of the model replaces it.")]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("status_not_allowed", rows.exclude(status="waiting"), is_unchanged=True)
        yield Finding("own_plan", rows.filter(asked_by=user.pk))
        yield Finding(FORBIDDEN, rows.exclude(pk__in=PlanApproval.objects.awaiting(user).order_by().values("pk")))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        changed, refused = [], {}
        for approval in PlanApproval.objects.filter(pk__in=ids).order_by("pk"):
            try:
                plan_approve(approval=approval, user=run.user)
            except BusinessRuleError as error:
                refused[approval.pk] = error.code
            else:
                changed.append(approval.pk)
        return Applied(changed=changed, refused=refused)
