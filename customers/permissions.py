"""Permission rules of customers, contacts and the classification tree."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user


@rules.predicate
def is_responsible(user: Any, customer: Any) -> bool:
    """Return whether the user is the customer's owner, deputy or otherwise responsible today."""
    if customer is None:
        return False
    return bool(customer.responsibilities.current().filter(user=user).exists())


@rules.predicate
def is_in_use(user: Any, customer: Any) -> bool:
    """Return whether the customer is active: a passive one is read-only."""
    return customer is None or not customer.is_passive


@rules.predicate
def is_self(user: Any, other: Any) -> bool:
    """Return whether the user hands over their own customers."""
    return bool(user == other and user.has_perm("customers.change_own_customer"))


may_change = granted("customers.change_any_customer") | (granted("customers.change_own_customer") & is_responsible)

rules.add_perm("customers.view_customer", is_active_user)
rules.add_perm("customers.edit_customer", is_in_use & may_change)
rules.add_perm("customers.set_passive", is_in_use & may_change)
rules.add_perm("customers.set_active", granted("customers.manage_passive"))
rules.add_perm("customers.classify_customer", is_in_use & (granted("customers.classify_any_customer") | may_change))
rules.add_perm("customers.attach_to_customer", is_in_use & granted("customers.attach_documents"))
rules.add_perm(
    "customers.change_owners", granted("customers.change_any_customer") | granted("customers.change_own_customer")
)
rules.add_perm("customers.hand_over", granted("customers.change_any_customer") | is_self)
rules.add_perm("customers.view_contact", is_active_user)
rules.add_perm("customers.edit_contact", granted("customers.edit_contacts"))
rules.add_perm("customers.attach_to_contact", granted("customers.attach_documents"))
rules.add_perm("customers.view_classification", is_active_user)
rules.add_perm("customers.edit_classification", granted("customers.manage_classification"))
