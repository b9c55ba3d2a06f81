"""Who sees segments and their moves (everyone), and who sees and decides about the value of customers."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import allowed, granted, is_active_user
from segmentation.metrics.value_mode import VIEW, sees_value
from segmentation.schemes.enums import ValueMode
from segmentation.schemes.models import Scheme


def sees_all(user: Any) -> bool:
    """Return whether the user sees the value of every customer."""
    return sees_value(user)


def schemes_with_portfolio(user: Any) -> Any:
    """Return the primary scheme if its value mode lets the user see the value of all customers, or of the own ones."""
    modes = [ValueMode.USED, ValueMode.DEVELOPMENT] if user.has_perm(VIEW) else [ValueMode.USED]
    return Scheme.objects.primary().filter(value_mode__in=modes)


@rules.predicate
def sees_portfolio(user: Any, _row: Any = None) -> bool:
    """Return whether the user sees the value of some customers: of all, or of the own ones where value is used."""
    return bool(schemes_with_portfolio(user).exists())


has_customers = granted(VIEW) | granted("customers.change_own_customer")


@rules.predicate
def sees_customer(user: Any, customer: Any) -> bool:
    return customer is not None and sees_value(user, customer)


@rules.predicate
def may_act(user: Any, customer: Any) -> bool:
    """Return whether the user decides about the customer: who changes it, and management and key account managers."""
    return customer is not None and (user.has_perm(VIEW) or allowed(user, "customers.edit_customer", customer))


rules.add_perm("portfolio.view_segments", is_active_user)
#: The line of the menu also needs the value mode (``NavItem.needs``).
rules.add_perm("portfolio.open_portfolio", is_active_user & has_customers)
rules.add_perm("portfolio.view_portfolio", is_active_user & has_customers & sees_portfolio)
rules.add_perm("portfolio.view_decision", is_active_user & sees_customer)
rules.add_perm("portfolio.decide", is_active_user & sees_customer & may_act)
