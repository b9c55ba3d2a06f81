"""Who may do what with products, offers, orders, invoices and targets."""

from __future__ import annotations

from typing import Any

import rules

from crm.permissions import granted, is_active_user
from offers.enums import UNDECIDED, UNFINISHED_ORDERS, ApprovalStep


@rules.predicate
def customer_is_in_use(user: Any, row: Any) -> bool:
    """Work of a passive customer stays as it is."""
    return row is None or not row.customer.is_passive


@rules.predicate
def is_own(user: Any, row: Any) -> bool:
    """The user is the account manager of the offer or order, or is responsible for its customer today."""
    if row is None:
        return True
    return row.owner_id == user.pk or row.customer.responsibilities.current().filter(user=user).exists()


@rules.predicate
def is_undecided(user: Any, offer: Any) -> bool:
    return offer is None or offer.status in UNDECIDED


@rules.predicate
def is_unfinished(user: Any, order: Any) -> bool:
    return order is None or order.status in UNFINISHED_ORDERS


#: The grant that each step of approval needs.
APPROVERS = {
    ApprovalStep.CONTENT: "offers.approve_content",
    ApprovalStep.PRICE: "offers.approve_price",
    ApprovalStep.SIGNATURE: "offers.sign_offers",
}


@rules.predicate
def may_approve_step(user: Any, approval: Any) -> bool:
    """Two pairs of eyes: the offer's own account manager approves nothing of it."""
    if approval is None:
        return any(map(user.has_perm, APPROVERS.values()))
    is_other = approval.offer.owner_id != user.pk
    return bool(is_other and user.has_perm(APPROVERS[ApprovalStep(approval.step)]))


@rules.predicate
def has_offers(user: Any, activity: Any) -> bool:
    """Offers belong to the activity."""
    return activity is not None and activity.offer_activities.exists()


write = granted("offers.write_offers")
may_change_offer = granted("offers.change_any_offer") | (write & is_own)
may_change_order = granted("offers.change_any_offer") | granted("offers.manage_orders") | (write & is_own)

rules.add_perm("offers.view_product", is_active_user)
rules.add_perm("offers.edit_product", granted("offers.manage_products"))
rules.add_perm("offers.edit_settings", granted("offers.manage_offer_settings"))

rules.add_perm("offers.view_offer", is_active_user)
rules.add_perm("offers.add_offer", write | granted("offers.change_any_offer"))
rules.add_perm("offers.edit_offer", customer_is_in_use & is_undecided & may_change_offer)
#: Sending, winning, losing, opening again: the transition table says what may follow.
rules.add_perm("offers.decide_offer", customer_is_in_use & may_change_offer)
rules.add_perm("offers.approve_offer", is_active_user & may_approve_step)
rules.add_perm("offers.attach_to_offer", customer_is_in_use & granted("customers.attach_documents"))
#: On an activity's page: for those who may make an offer of it, and where there are some.
rules.add_perm("offers.show_offers", is_active_user & (write | granted("offers.change_any_offer") | has_offers))
rules.add_perm("offers.log_for_offer", customer_is_in_use & granted("activities.log_activity"))

rules.add_perm("offers.view_order", is_active_user)
rules.add_perm("offers.add_order", write | granted("offers.change_any_offer") | granted("offers.manage_orders"))
rules.add_perm("offers.edit_order", customer_is_in_use & is_unfinished & may_change_order)
rules.add_perm("offers.move_order", may_change_order)
rules.add_perm("offers.attach_to_order", customer_is_in_use & granted("customers.attach_documents"))
rules.add_perm("offers.hand_over", granted("offers.invoice_orders"))
rules.add_perm(
    "offers.view_invoicing",
    granted("offers.invoice_orders") | granted("offers.manage_orders") | granted("accounts.view_reports"),
)
rules.add_perm("offers.edit_billing", customer_is_in_use & (granted("offers.manage_orders") | write))


@rules.predicate
def may_follow(user: Any, person: Any) -> bool:
    """Targets and figures of a person are one's own, the manager's and the team leader's to see."""
    if person is None or person.pk == user.pk or person.manager_id == user.pk:
        return True
    return bool(person.teams.filter(leader=user).exists())


@rules.predicate
def is_manager_of(user: Any, person: Any) -> bool:
    return person is not None and person.manager_id == user.pk


@rules.predicate
def is_of_team(user: Any, team: Any) -> bool:
    """Figures of a team are its members' and its leader's to see."""
    return team is not None and (team.leader_id == user.pk or team.memberships.filter(user=user).exists())


rules.add_perm("offers.view_targets", is_active_user & (may_follow | granted("accounts.view_reports")))
rules.add_perm("offers.view_team_targets", is_active_user & (is_of_team | granted("accounts.view_reports")))
rules.add_perm("offers.edit_target", granted("offers.set_targets") | is_manager_of)
