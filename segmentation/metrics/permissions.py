"""The permissions of metrics: all see the figures, value figures follow the value mode."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import allowed, granted, is_active_user
from segmentation.metrics.value_mode import sees_value, value_mode
from segmentation.schemes.enums import ValueMode


@rules.predicate
def may_change_customer(user: Any, customer: Any) -> bool:
    return customer is None or allowed(user, "customers.edit_customer", customer)


@rules.predicate
def sees_cost(user: Any, order: Any) -> bool:
    """Return whether the user sees the direct cost of the order, which is there only where value is used at all."""
    if order is None or value_mode() == ValueMode.OFF:
        return False
    return allowed(user, "orders.move_order", order) or sees_value(user, order.customer)


@rules.predicate
def may_give_cost(user: Any, order: Any) -> bool:
    return order is not None and value_mode() != ValueMode.OFF and allowed(user, "orders.move_order", order)


@rules.predicate
def sees_all_values(user: Any, _row: Any = None) -> bool:
    """Return whether the user sees the value figures of every customer, and so may look for customers by them."""
    return sees_value(user)


@rules.predicate
def value_is_used(user: Any, _row: Any = None) -> bool:
    return value_mode() != ValueMode.OFF


rules.add_perm("metrics.view_metrics", is_active_user)
rules.add_perm("metrics.use_value", is_active_user & sees_all_values)
rules.add_perm("metrics.give_value", is_active_user & may_change_customer)
rules.add_perm("metrics.edit_settings", granted("metrics.manage_metrics"))
rules.add_perm("metrics.edit_costs", granted("metrics.manage_metrics") & value_is_used)
rules.add_perm("metrics.view_order_cost", is_active_user & sees_cost)
rules.add_perm("metrics.edit_order_cost", is_active_user & may_give_cost)
