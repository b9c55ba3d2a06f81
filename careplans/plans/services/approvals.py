"""Management's approval of customers' plans (rule 18): approve, reject, ask again; many at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from careplans.plans.approval_days import needs_approval
from careplans.plans.enums import APPROVAL_TRANSITIONS, ApprovalStatus, VersionKind
from careplans.plans.models import ModelStay, PlanApproval
from careplans.plans.plugs import Keeping, plan_kept, plans_changed
from core import clock
from core.exceptions import BusinessRuleError, GoneError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason


class ApprovalMachine(StatusMachine[PlanApproval]):
    """The status of an approval; only it writes statuses."""

    transitions = APPROVAL_TRANSITIONS
    refusal_field = None

    def refusal(self, row: PlanApproval, status: Any) -> str:
        return _("The plan does not wait for a decision any more: it is “%(status)s”.") % {
            "status": row.get_status_display()
        }

    def follow(self, row: PlanApproval) -> None:
        plans_changed([row.customer_id])


APPROVAL_STATUS = ApprovalMachine()


@transaction.atomic
def plan_approve(*, approval: PlanApproval, user: User, note: str = "", seen: int | None = None) -> PlanApproval:
    """Approve a customer's plan with a version of its care model, from today on.

    Raises ``status_not_allowed``, ``own_plan`` (never by who asked), ``customer_passive``, ``version_ended``,
    ``model_left``, ``approval_gone``, ``stale_version``.
    """
    locked = _to_decide(approval, ApprovalStatus.APPROVED, user, seen)
    version = locked.model_version
    if version.valid_to is not None and version.valid_to < clock.today():
        text = _("Another version of the model has taken effect meanwhile: approve the plan with that one.")
        raise BusinessRuleError("version_ended", text)
    if not ModelStay.objects.filter(customer=locked.customer_id, model=version.model_id, last__isnull=True).exists():
        text = _("The customer has left the segment of the model meanwhile.")
        raise BusinessRuleError("model_left", text)
    approved = _decide(locked, ApprovalStatus.APPROVED, user, note)
    plan_kept(Keeping(approved.customer, VersionKind.APPROVED, user))
    return approved


@transaction.atomic
def plan_reject(*, approval: PlanApproval, user: User, reason: str, seen: int | None = None) -> PlanApproval:
    """Reject a customer's plan, with the reason; the owner may ask again.

    Raises as :func:`plan_approve`, ``reason_required``.
    """
    locked = _to_decide(approval, ApprovalStatus.REJECTED, user, seen)
    rejected = _decide(locked, ApprovalStatus.REJECTED, user, check_reason(reason))
    _tell_owner(rejected, user)
    return rejected


@transaction.atomic
def plan_ask(*, approval: PlanApproval, user: User) -> PlanApproval:
    """Ask management again to approve a plan that was rejected. Raises ``status_not_allowed``, ``customer_passive``."""
    locked = _locked(approval)
    APPROVAL_STATUS.check(locked, ApprovalStatus.WAITING)
    check_active(locked.customer)
    locked.asked_by, locked.asked_on, locked.decided_by, locked.decided_on = user, clock.today(), None, None
    return APPROVAL_STATUS.write(locked, ApprovalStatus.WAITING, user=user)


@transaction.atomic
def plans_approve(*, approvals: Collection[int], user: User) -> tuple[int, list[str]]:
    """Approve many plans; return how many were approved, and why the others were not, in sentences."""
    approved, refusals = 0, []
    rows = PlanApproval.objects.filter(pk__in=approvals).select_related("customer").order_by("pk")
    for row in rows:
        try:
            with transaction.atomic():
                plan_approve(approval=row, user=user)
            approved += 1
        except BusinessRuleError as error:
            refusals.append(f"{row.customer}: {error}")
    return approved, refusals


def check_active(customer: Any) -> None:
    """Raise ``customer_passive`` if nothing is done for the customer any more."""
    if customer.is_passive:
        raise BusinessRuleError("customer_passive", _("The customer is inactive."))


def check_decider(customer: Any, *, asker: int | None, user: User) -> None:
    """Raise ``management_decides`` or ``own_exception`` if a change of the plan is for others to decide (rule 18)."""
    if not needs_approval(customer.pk):
        return
    if not user.has_perm("careplans.approve_plans"):
        text = _("The customer is in a segment that needs approval: the management decides.")
        raise BusinessRuleError("management_decides", text)
    if asker == user.pk:
        raise BusinessRuleError("own_exception", _("You have asked for this: somebody else of the management decides."))


def _to_decide(approval: PlanApproval, status: ApprovalStatus, user: User, seen: int | None) -> PlanApproval:
    """Return the locked approval, about which the user may decide. Raise ``approval_gone`` if it is there no more."""
    locked = _locked(approval)
    check_version(locked, seen)
    APPROVAL_STATUS.check(locked, status)
    check_active(locked.customer)
    if locked.asked_by_id == user.pk:
        raise BusinessRuleError("own_plan", _("You have asked for this: somebody else of the management decides."))
    return locked


def _locked(approval: PlanApproval) -> PlanApproval:
    try:
        return lock(approval)
    except GoneError:
        text = _("The plan does not need this approval any more: the customer or the care model has changed meanwhile.")
        raise BusinessRuleError("approval_gone", text) from None


def _decide(approval: PlanApproval, status: ApprovalStatus, user: User, note: str) -> PlanApproval:
    approval.decided_by, approval.decided_on, approval.note = user, clock.today(), note.strip()[:1_000]
    return APPROVAL_STATUS.write(approval, status, user=user)


def _tell_owner(approval: PlanApproval, by: User) -> None:
    owner = approval.customer.summary.owner
    if owner is not None and owner != by:
        about = {"customer": str(approval.customer), "by": str(by), "reason": approval.note}
        notify(users=[owner], kind="plan_rejected", url=approval.get_absolute_url(), **about)
