"""Rules of offers and their settings."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user
from offers.offers.enums import UNDECIDED, ApprovalStep


@rules.predicate
def customer_is_in_use(user: Any, row: Any) -> bool:
    """Return whether the customer is active: work of inactive customers is read-only."""
    return row is None or not row.customer.is_passive


@rules.predicate
def is_own(user: Any, row: Any) -> bool:
    """Return whether the user is the account manager of the offer or order, or responsible for its customer today."""
    if row is None:
        return True
    return row.owner_id == user.pk or row.customer.responsibilities.current().filter(user=user).exists()


@rules.predicate
def is_undecided(user: Any, offer: Any) -> bool:
    return offer is None or offer.status in UNDECIDED


#: The grant for each approval step.
APPROVERS = {
    ApprovalStep.CONTENT: "offers.approve_content",
    ApprovalStep.PRICE: "offers.approve_price",
    ApprovalStep.SIGNATURE: "offers.sign_offers",
}


@rules.predicate
def may_approve_step(user: Any, approval: Any) -> bool:
    """Return whether the user may approve the step: never the offer's own account manager."""
    if approval is None:
        return any(map(user.has_perm, APPROVERS.values()))
    is_other = approval.offer.owner_id != user.pk
    return bool(is_other and user.has_perm(APPROVERS[ApprovalStep(approval.step)]))


@rules.predicate
def has_offers(user: Any, activity: Any) -> bool:
    """Return whether the activity has offers."""
    return activity is not None and activity.offer_activities.exists()


write = granted("offers.write_offers")
may_change_offer = granted("offers.change_any_offer") | (write & is_own)


rules.add_perm("offers.edit_settings", granted("offers.manage_offer_settings"))

rules.add_perm("offers.view_offer", is_active_user)
rules.add_perm("offers.add_offer", write | granted("offers.change_any_offer"))
rules.add_perm("offers.edit_offer", customer_is_in_use & is_undecided & may_change_offer)
#: Sending, accepting, losing, reopening: the transitions themselves are in the status table.
rules.add_perm("offers.decide_offer", customer_is_in_use & may_change_offer)
rules.add_perm("offers.approve_offer", is_active_user & may_approve_step)
rules.add_perm("offers.attach_to_offer", customer_is_in_use & granted("customers.attach_documents"))
#: On an activity's page: for users who may make an offer from it, or when it has offers.
rules.add_perm("offers.show_offers", is_active_user & (write | granted("offers.change_any_offer") | has_offers))
rules.add_perm("offers.log_for_offer", customer_is_in_use & granted("activities.log_activity"))
