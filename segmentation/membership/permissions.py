"""Who sets segments, proposes moves and decides about them."""

from __future__ import annotations

from typing import Any

import rules

from accounts.models import Team
from core.permissions import granted, is_active_user
from customers.models import Responsibility
from customers.permissions import is_in_use, may_change
from segmentation.membership.services.proposals import may_decide


@rules.predicate
def is_colleague(user: Any, customer: Any) -> bool:
    """Return whether the user is in a team with somebody who is responsible for the customer."""
    if customer is None:
        return False
    people = Responsibility.objects.current().filter(customer=customer).values("user")
    own = Team.objects.filter(memberships__user=user.pk)
    return bool(own.filter(memberships__user__in=people).exists())


@rules.predicate
def is_approver(user: Any, proposal: Any) -> bool:
    return proposal is not None and may_decide(user, proposal)


@rules.predicate
def is_open(user: Any, proposal: Any) -> bool:
    return proposal is not None and proposal.is_open


@rules.predicate
def is_proposer(user: Any, proposal: Any) -> bool:
    return proposal is not None and proposal.proposed_by_id == user.pk


@rules.predicate
def customer_may_be_proposed(user: Any, proposal: Any) -> bool:
    return proposal is not None and bool(proposes.test(user, proposal.customer))


sets = is_in_use & (granted("customers.classify_any_customer") | may_change)
proposes = sets | (is_in_use & granted("customers.change_own_customer") & is_colleague)

rules.add_perm("membership.view_membership", is_active_user)
rules.add_perm("membership.set_segment", sets)
rules.add_perm("membership.propose_segment", proposes)
#: Past segments with management's decisions: an administrator is who may administer users.
rules.add_perm("membership.import_history", granted("schemes.manage_schemes") & granted("accounts.manage_users"))
rules.add_perm("membership.view_proposal", is_active_user)
rules.add_perm("membership.decide_proposal", is_open & is_approver)
rules.add_perm("membership.withdraw_proposal", is_open & (is_proposer | customer_may_be_proposed))
rules.add_perm("membership.comment_proposal", is_open & (is_approver | is_proposer | customer_may_be_proposed))
