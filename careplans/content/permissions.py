"""Permission rules of the content of care plans: all see it; who may change the plan changes its content."""

from __future__ import annotations

from typing import Any

import rules

from activities.log.permissions import may_log
from careplans.plans.permissions import changes, customer_may_be_changed
from core.permissions import granted, is_active_user


@rules.predicate
def a_customer_may_be_changed(user: Any, need: Any) -> bool:
    """Whether the user may change the plan of one of the customers that have the need."""
    rows = need.customers.select_related("customer")[:50] if need is not None else ()
    return any(changes.test(user, row.customer) for row in rows)


@rules.predicate
def is_kept(user: Any, need: Any) -> bool:
    return need is not None and need.is_kept


rules.add_perm("carecontent.view", is_active_user)
#: Of a row of a customer's plan: a charge, a project, a link to the customer's edition.
rules.add_perm("carecontent.edit_row", customer_may_be_changed)
#: Of a customer: its edition is mailed.
rules.add_perm("carecontent.send_link", changes & may_log)
rules.add_perm("carecontent.edit_need", is_kept & a_customer_may_be_changed)
#: To whom it is added decides the right to change that customer's plan.
rules.add_perm("carecontent.add", granted("activities.log_activity"))
rules.add_perm("carecontent.edit_template", granted("carecontent.manage_templates"))
