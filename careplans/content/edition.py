"""The customer's edition of a plan (rule 19): only what is named here, and nothing internal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from careplans.adherence.actions import Scope
from careplans.adherence.periods import OnEvent
from careplans.caremodels.enums import EventKind, FrequencyKind, Unit
from careplans.caremodels.frequencies import frequency_words
from careplans.content.models import PlanContent
from careplans.plans.plan import plan_of
from careplans.plans.planned import PlannedAction
from careplans.plans.words import when_words
from customers.models import Customer
from offers.offers.models import SellerDetails

#: All that an edition has. Comments and the acceptance belong to its link.
FIELDS = ("organisation", "customer", "day", "goals", "schedule")
#: The events that customers know of; segments, selections and feedback are not told as a reason for care.
TOLD_EVENTS = frozenset(
    {EventKind.ORDER_DELIVERED, EventKind.PROJECT_PLANNED, EventKind.FUNDER_DATE, EventKind.NO_CONTACT}
)
#: The default name of an installation is the program's, which is not ours.
PROGRAM = "Portaali"
#: Marks an edition with a schedule that was stored by :data:`TOLD_EVENTS`; the page does not show it.
FILTERED = "filtered"


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
        "organisation": our_name(),
        "customer": customer.name,
        "day": day.isoformat(),
        "goals": content.goals if content else "",
        "schedule": schedule,
        FILTERED: True,
    }


def our_name() -> str:
    """Return our organisation's name: that of the settings, else of the installation; empty without either."""
    seller = SellerDetails.objects.filter(pk=1).first()
    return (seller.name if seller else "") or ("" if settings.ORGANISATION == PROGRAM else settings.ORGANISATION)


def told_when(action: PlannedAction) -> str:
    """Return how often an action is due, in words for the customer."""
    follows_event = action.source.frequency == FrequencyKind.EVENT and isinstance(action.frequency, OnEvent)
    return _("as needed") if follows_event and action.source.event not in TOLD_EVENTS else when_words(action)


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """Return a stored edition for a page: its days as dates, and nothing that is not among :data:`FIELDS`.

    Without the mark :data:`FILTERED` only words that no internal reason has are shown of its times.
    """
    is_told = content.get(FILTERED) is True
    schedule = [
        {
            **row,
            "when": row.get("when", "") if is_told or _is_told(row.get("when", "")) else _("as needed"),
            "next": _date(row.get("next")),
        }
        for row in content.get("schedule", ())
    ]
    allowed = {name: content.get(name, "") for name in FIELDS}
    if allowed["organisation"] == PROGRAM:
        allowed["organisation"] = our_name()
    return {**allowed, "schedule": schedule, "day": _date(content.get("day"))}


def _is_told(when: str) -> bool:
    """Return whether words of when are those of a frequency without an internal event, in any language."""
    months, words = _told_words()
    return _without_numbers(when) in words or all(part in months for part in when.lower().split(", "))


@cache
def _told_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of months, and the words of the other frequencies that may be shown, with # as numbers."""
    months, words = set(), set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            months |= {str(name).lower() for name in MONTHS.values()}
            words |= {_("as needed"), *(_without_numbers(frequency_words(one)) for one in _told_frequencies())}
    return frozenset(months), frozenset(words)


def _told_frequencies() -> Iterator[Any]:
    """Yield an example of each frequency that has other words, but those of named months."""
    counted = (FrequencyKind.TERMS, FrequencyKind.WEEKS, FrequencyKind.MONTHS, FrequencyKind.EVERY, FrequencyKind.ONCE)
    for kind, unit, count in product(counted, Unit, (1, 2, 3, 6, 12, 24)):
        yield SimpleNamespace(frequency=kind, unit=unit, count=count)
    for event, delay, quiet in product(TOLD_EVENTS, (0, 1, 2), (1, 2)):
        yield SimpleNamespace(
            frequency=FrequencyKind.EVENT, event=event, count=None, delay=delay, quiet_days=quiet, selection=None
        )


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
