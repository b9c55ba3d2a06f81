"""The permissions of orders and invoicing."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user
from offers.offers.permissions import customer_is_in_use, is_own, write
from offers.orders.enums import UNFINISHED_ORDERS


@rules.predicate
def is_unfinished(user: Any, order: Any) -> bool:
    return order is None or order.status in UNFINISHED_ORDERS


may_change_order = granted("offers.change_any_offer") | granted("orders.manage_orders") | (write & is_own)


rules.add_perm("orders.view_order", is_active_user)
rules.add_perm("orders.add_order", write | granted("offers.change_any_offer") | granted("orders.manage_orders"))
rules.add_perm("orders.edit_order", customer_is_in_use & is_unfinished & may_change_order)
rules.add_perm("orders.move_order", may_change_order)
rules.add_perm("orders.attach_to_order", customer_is_in_use & granted("customers.attach_documents"))
rules.add_perm("orders.hand_over", granted("orders.invoice_orders"))
rules.add_perm(
    "orders.view_invoicing",
    granted("orders.invoice_orders") | granted("orders.manage_orders") | granted("accounts.view_reports"),
)
rules.add_perm("orders.edit_billing", customer_is_in_use & (granted("orders.manage_orders") | write))
