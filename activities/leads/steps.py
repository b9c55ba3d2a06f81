"""What may be done with a lead now: it is claimed, converted or closed with a reason, never just marked done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.tables import LEAD_TABLE
from activities.log.models import Activity
from activities.log.permissions import customer_is_in_use
from activities.log.selectors import may_log
from activities.log.steps import steps_from, with_next
from core.inline.declarations import Editing, Steps
from core.steps import Step


def lead_steps(user: Any, activity: Any, may_edit: bool, back: str) -> list[Step]:
    """Return the steps of a lead's activity: claiming by whoever logs activities, the others by who may change it."""
    lead = getattr(activity, "lead", None)
    if lead is None or not may_log(user) or not customer_is_in_use(user, activity):
        return []
    following = LEAD_TRANSITIONS[LeadState(lead.state)]
    claim = Step(label=_("Claim"), url=reverse("leads:take", args=[activity.pk]), icon="user-check", is_main=True)
    is_claimed = lead.state != LeadState.UNASSIGNED
    convert = _page("leads:customer", _("Make a potential customer"), activity, back, is_main=is_claimed)
    close = _page("leads:close", _("Close with a reason"), activity, back)
    offered = (
        (claim, not is_claimed),
        (convert, may_edit and LeadState.CUSTOMER in following),
        (close, may_edit and LeadState.CLOSED in following),
    )
    return [step for step, is_possible in offered if is_possible]


def _page(url_name: str, label: str, activity: Activity, back: str, *, is_main: bool = False) -> Step:
    return Step(label=label, url=with_next(reverse(url_name, args=[activity.pk]), back), asks=True, is_main=is_main)


def _claimable(user: Any, leads: Sequence[Activity]) -> set[int]:
    """Return the ids of those that the list offers steps for."""
    return {lead.pk for lead in leads if customer_is_in_use(user, lead)} if may_log(user) else set()


#: The state of a lead in their list.
LEAD_STEPS = Editing(
    place="lead",
    model=Activity,
    url_name="activities:inline",
    fields=(Steps(name="status", label=gettext_lazy("State"), steps=steps_from),),
    table=LEAD_TABLE,
    listed=lambda user, pk: None,
    changeable=_claimable,
)
