"""Who does segmentation work: owners decide and answer, key account managers start reviews, management decides."""

from __future__ import annotations

from typing import Any

import rules

from core.permissions import granted, is_active_user
from customers.permissions import is_in_use, may_change
from segmentation.membership.permissions import sets


@rules.predicate
def is_open(user: Any, row: Any) -> bool:
    return row is None or row.is_open


@rules.predicate
def customer_may_be_set(user: Any, row: Any) -> bool:
    return row is not None and bool(sets.test(user, row.customer))


@rules.predicate
def is_answerable(user: Any, line: Any) -> bool:
    """Return whether the user answers for the customer of an open review."""
    if line is None or not line.review.is_open or line.customer is None:
        return False
    return bool((is_in_use & may_change).test(user, line.customer))


@rules.predicate
def is_asked(user: Any, inquiry: Any) -> bool:
    return inquiry is not None and inquiry.asked_id == user.pk and inquiry.closed_at is None


rules.add_perm("casework.view_work", is_active_user)
rules.add_perm("casework.decide_suggestion", sets)
rules.add_perm("casework.end_override", customer_may_be_set)
rules.add_perm("casework.view_review", is_active_user)
rules.add_perm("casework.start_review", granted("casework.start_reviews"))
rules.add_perm("casework.cancel_review", is_open & granted("casework.start_reviews"))
rules.add_perm("casework.decide_review", is_open & granted("casework.decide_reviews"))
rules.add_perm("casework.answer_line", is_answerable)
rules.add_perm("casework.view_inquiry", is_active_user)
rules.add_perm("casework.answer_inquiry", is_asked)
