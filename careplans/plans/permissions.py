"""Permission rules of care plans: all see them; who may change the customer changes its plan; management approves."""

from __future__ import annotations

from typing import Any

import rules

from accounts.standing_in import people_of
from careplans.plans.approval_days import needs_approval
from careplans.plans.enums import ApprovalStatus, ExceptionStatus
from core.permissions import granted, is_active_user
from customers.permissions import is_in_use, may_change

manages = granted("careplans.manage_plans")
approves = granted("careplans.approve_plans")
#: Of a customer.
changes = is_in_use & (manages | may_change)


@rules.predicate
def customer_may_be_changed(user: Any, row: Any) -> bool:
    return row is not None and bool(changes.test(user, row.customer))


@rules.predicate
def is_requested(user: Any, exception: Any) -> bool:
    return exception is None or exception.status == ExceptionStatus.REQUESTED


@rules.predicate
def is_of_active(user: Any, row: Any) -> bool:
    return row is None or not row.customer.is_passive


@rules.predicate
def is_waiting(user: Any, approval: Any) -> bool:
    return approval is None or approval.status == ApprovalStatus.WAITING


@rules.predicate
def is_rejected(user: Any, approval: Any) -> bool:
    return approval is not None and approval.status == ApprovalStatus.REJECTED


@rules.predicate
def asked(user: Any, approval: Any) -> bool:
    return approval is not None and approval.asked_by_id is not None and approval.asked_by_id == user.pk


@rules.predicate
def needs_management(user: Any, row: Any) -> bool:
    """Whether the customer of a row is in a segment that needs approval; a page asks it once for a customer."""
    if row is None:
        return False
    customer = row.customer
    if not hasattr(customer, "plan_needs_approval"):
        customer.plan_needs_approval = needs_approval(customer.pk)
    return bool(customer.plan_needs_approval)


@rules.predicate
def has_requested(user: Any, exception: Any) -> bool:
    return exception is not None and exception.requested_by_id == user.pk


@rules.predicate
def has_asked_for_action(user: Any, action: Any) -> bool:
    return action is not None and action.asked_by_id == user.pk


@rules.predicate
def replaces_responsible(user: Any, customer: Any) -> bool:
    """Whether the user is today's substitute of somebody responsible who may change the customer."""
    if customer is None or not user.has_perm("customers.change_own_customer"):
        return False
    held = customer.responsibilities.current().filter(user__any_of=people_of(user)).select_related("user")
    return any(may_change.test(one.user, customer) for one in held)


#: Of a customer: leaving out and postponing, which a substitute does too.
decides = changes | (is_in_use & replaces_responsible)


@rules.predicate
def decides_of_customer(user: Any, row: Any) -> bool:
    return row is not None and bool(decides.test(user, row.customer))


rules.add_perm("careplans.decide_occurrence", decides)
rules.add_perm("careplans.undo_decision", decides_of_customer)
rules.add_perm("careplans.view_plan", is_active_user)
rules.add_perm("careplans.edit_plan", changes)
#: Of a row of a customer: its own action, an exception, a decision about an occurrence.
rules.add_perm("careplans.edit_row", customer_may_be_changed)
#: To which customer it is added decides the right to change that customer's plan.
rules.add_perm("careplans.add_row", granted("activities.log_activity"))
rules.add_perm("careplans.view_exception", is_active_user)
#: Whether a user decides about any.
rules.add_perm("careplans.decide_exceptions", manages | approves)
decides_exception = (needs_management & approves & ~has_requested) | (~needs_management & manages)
rules.add_perm("careplans.decide_exception", is_of_active & is_requested & decides_exception)
#: Of an own action that waits for the management.
rules.add_perm("careplans.decide_action", is_of_active & approves & ~has_asked_for_action)
rules.add_perm("careplans.view_approval", is_active_user)
rules.add_perm("careplans.decide_approval", is_of_active & is_waiting & approves & ~asked)
rules.add_perm("careplans.ask_approval", is_rejected & customer_may_be_changed)
