"""Every page that changes something is undone from its message, or says here why it is not."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from django.urls import get_resolver

from core.views import ActionView, ServiceFormView

#: Pages without an undo, by the reason.
KEPT: dict[str, str] = {
    # what has reached somebody outside, or in the house by a message
    "sent": """
        accounts:invite accounts:resend calendar:invite calendar:invitations_resend calendar:invitation_retry
        calendar:invitation_remove carecontent:link_make carecontent:link_send feedback:nps_ask feedback:nps_retry
        mail:compose mail:message_edit mail:message_retry offers:send casework:review_start casework:cancel
        """,
    # a decision, or a step towards one, that its history keeps; the step back is one of the same history
    "approval": """
        caremodels:approve caremodels:return caremodels:review caremodels:send careplans:approve careplans:ask
        careplans:exception_approve careplans:exception_reject careplans:own_approve careplans:own_reject
        careplans:reject casework:accept casework:decide casework:inquiry_answer casework:override criteria:approve
        criteria:force criteria:reject criteria:return criteria:review criteria:send membership:approve
        membership:comment membership:leave membership:reject membership:set membership:withdraw offers:approval_ask
        offers:approve offers:send_back portfolio:decide schemes:rules_approve schemes:rules_reject scorecards:approve
        scorecards:reopen scorecards:return scorecards:send scorecards:strategy_approve scorecards:strategy_return
        scorecards:strategy_send
        """,
    # a key, a password or a link that only its receiver has
    "secret": """
        accounts:token_add accounts:token_revoke calendar:feed_add calendar:feed_revoke carecontent:link_revoke
        mail:mailbox_remove offers:link_revoke
        """,
    # the page of the job undoes it, or the page is a step before anything has changed
    "job": """
        calendar:file_import careclock:add_set core:bulk_form core:bulk_undo customers:hand_over imports:assign
        imports:check imports:delete imports:new imports:start imports:undo_all imports:undo_check mail:mailbox_test
        schemes:add_set
        """,
    # it takes back something itself
    "undo": """
        careclock:done_remove careplans:correction_undo careplans:decision_undo careplans:exception_end
        careplans:update_remove casework:override_end membership:undo orders:batch_take_back orders:delivery_remove
        """,
    # records that are kept for ever: corrected, ended or retired, not removed
    "record": """
        activities:create activities:repeat carecontent:need_add carecontent:need_lead carecontent:need_offer
        carecontent:version_keep caremodels:create customers:consent_add customers:contact_add customers:create
        customers:customer_contact_add customers:position_add customers:responsibility_end leads:customer mail:capture
        mail:inbox_file metrics:give offers:copy offers:create orders:accept orders:create orders:deliver_all
        orders:hand_over carecontent:part_add
        """,
    # several rows become one
    "merge": "carecontent:need_join customers:node_merge",
    # more goes than any form shows: it asks before, and says what goes
    "more": """
        accounts:group_delete activities:series_change activities:series_end activities:skip carecontent:template_delete
        caremodels:version_delete criteria:delete criteria:rule_remove imports:mapping_delete offers:seller_logo_remove
        schemes:delete schemes:segment_delete scorecards:delete scorecards:strategy_delete
        metrics:change_areas metrics:change_hour-costs metrics:change_own metrics:change_service-costs
        """,
}
LINES = ("opposite", "removed_by", "undo_form", "added_again")


def changing() -> Iterator[tuple[str, Any]]:
    """Yield the class of every page that changes something, by its name."""

    def under(patterns: Any, place: str = "") -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from under(pattern.url_patterns, f"{pattern.namespace or place}:")
            elif found := getattr(pattern.callback, "view_class", None):
                yield f"{place}{pattern.name}", found

    for name, view in under(get_resolver().url_patterns):
        if issubclass(view, ServiceFormView | ActionView):
            yield name, view


def is_undone(view: Any) -> bool:
    """Return whether the page names what undoes it, is undoable, or says its own undo."""
    if getattr(view, "undoable", False) or any(getattr(view, line) for line in LINES):
        return True
    base = ServiceFormView if issubclass(view, ServiceFormView) else ActionView
    own = [part for part in view.__mro__ if part not in base.__mro__ and not part.__module__.startswith("django")]
    return view.get_undo_url is not base.get_undo_url or any("undo=" in inspect.getsource(part) for part in own)


def test_every_changing_page_has_an_undo_or_a_reason():
    names = [name for text in KEPT.values() for name in text.split()]
    assert len(names) == len(set(names))
    lacking = {name for name, view in changing() if not is_undone(view)}
    assert (lacking - set(names), set(names) - lacking) == (set(), set())
