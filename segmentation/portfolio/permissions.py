"""Who sees segments and their moves (everyone), and who sees and decides about the value of customers."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import allowed, is_active_user
from segmentation.metrics.value_mode import VIEW, sees_value, value_mode
from segmentation.schemes.enums import ValueMode


def sees_all(user: Any) -> bool:
    """Return whether the user sees the value of every customer."""
    return sees_value(user)


@rules.predicate
def sees_portfolio(user: Any, _row: Any = None) -> bool:
    """Return whether the user sees the value of some customers: of all, or of the own ones where value is used."""
    mode = value_mode()
    may_own = mode == ValueMode.USED and user.has_perm("customers.change_own_customer")
    return mode != ValueMode.OFF and (user.has_perm(VIEW) or may_own)


@rules.predicate
def sees_customer(user: Any, customer: Any) -> bool:
    return customer is not None and sees_value(user, customer)


@rules.predicate
def may_act(user: Any, customer: Any) -> bool:
    """Return whether the user decides about the customer: who changes it, and management and key account managers."""
    return customer is not None and (user.has_perm(VIEW) or allowed(user, "customers.edit_customer", customer))


rules.add_perm("portfolio.view_segments", is_active_user)
rules.add_perm("portfolio.view_portfolio", is_active_user & sees_portfolio)
rules.add_perm("portfolio.view_decision", is_active_user & sees_customer)
rules.add_perm("portfolio.decide", is_active_user & sees_customer & may_act)
