"""The customer's edition of a plan (rule 19): only what is named here, and nothing internal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from careplans.adherence.actions import Scope
from careplans.adherence.periods import OnEvent
from careplans.caremodels.enums import EventKind, FrequencyKind
from careplans.content.models import PlanContent
from careplans.plans.plan import plan_of
from careplans.plans.planned import PlannedAction
from careplans.plans.words import when_words
from customers.models import Customer

#: All that an edition has. Comments and the acceptance belong to its link.
FIELDS = ("organisation", "customer", "day", "goals", "schedule")
#: The events that customers know of; segments, selections and feedback are not told as a reason for care.
TOLD_EVENTS = frozenset(
    {EventKind.ORDER_DELIVERED, EventKind.PROJECT_PLANNED, EventKind.FUNDER_DATE, EventKind.NO_CONTACT}
)


def edition_of(customer: Customer, day: dt.date, language: str) -> dict[str, Any]:
    """Return the edition as JSON: the goals, and what is done toward the customer, when, and next on which day."""
    content = PlanContent.objects.filter(customer=customer).first()
    with translation.override(language):
        lines = plan_of(customer, day).of(Scope.CUSTOMER)
        schedule = [
            {
                "what": str(line.action.source),
                "when": told_when(line.action),
                "next": line.next.due.isoformat() if line.next else None,
            }
            for line in lines
        ]
    return {
        "organisation": settings.ORGANISATION,
        "customer": customer.name,
        "day": day.isoformat(),
        "goals": content.goals if content else "",
        "schedule": schedule,
    }


def told_when(action: PlannedAction) -> str:
    """Return how often an action is due, in words for the customer."""
    follows_event = action.source.frequency == FrequencyKind.EVENT and isinstance(action.frequency, OnEvent)
    return _("as needed") if follows_event and action.source.event not in TOLD_EVENTS else when_words(action)


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """Return a stored edition for a page: its days as dates, and nothing that is not among :data:`FIELDS`."""
    schedule = [{**row, "next": _date(row.get("next"))} for row in content.get("schedule", ())]
    allowed = {name: content.get(name, "") for name in FIELDS}
    return {**allowed, "schedule": schedule, "day": _date(content.get("day"))}


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
