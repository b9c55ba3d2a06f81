"""Rules for recording, answering and requesting feedback."""

from __future__ import annotations

from typing import Any

import rules

from activities.log.permissions import customer_is_in_use, may_log


@rules.predicate
def has_feedback(user: Any, activity: Any) -> bool:
    return hasattr(activity, "feedback")


@rules.predicate
def is_not_passive(user: Any, customer: Any) -> bool:
    """Return whether contacts of the customer may be asked: not of an inactive one."""
    return not getattr(customer, "is_passive", False)


rules.add_perm("feedback.handle_feedback", customer_is_in_use & has_feedback & may_log)
rules.add_perm("feedback.record_feedback", customer_is_in_use & ~has_feedback & may_log)
rules.add_perm("feedback.show_feedback", has_feedback)
rules.add_perm("feedback.ask_nps", is_not_passive & may_log)
