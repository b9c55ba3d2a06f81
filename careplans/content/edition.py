"""The customer's edition of a plan (rule 19): only what is named here, and nothing internal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from careplans.adherence.actions import Scope
from careplans.adherence.periods import Once, OnEvent
from careplans.caremodels.enums import EventKind, FrequencyKind, Unit
from careplans.caremodels.frequencies import frequency_words
from careplans.caremodels.models import ActionFields
from careplans.content.models import PlanContent
from careplans.plans.plan import plan_of
from careplans.plans.planned import PlannedAction
from careplans.plans.words import when_words
from core.formatting import number_text
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


def edition_of(customer: Customer, day: dt.date) -> dict[str, Any]:
    """Return the edition as JSON: the goals, and what is done toward the customer, when, and next on which day.

    The words of the schedule are in each language of the program: who reads it chooses.
    """
    content = PlanContent.objects.filter(customer=customer).first()
    schedule = [
        {
            "what": _in_languages(line.action.source, str),
            "when": _in_languages(line.action, told_when),
            "next": line.next.due.isoformat() if line.next else None,
        }
        for line in plan_of(customer, day).of(Scope.CUSTOMER)
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


def _in_languages(row: Any, words: Callable[[Any], str]) -> dict[str, str]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = words(row)
    return found


def told_when(action: PlannedAction) -> str:
    """Return how often an action is due, in words for the customer."""
    source = action.source
    if source.frequency == FrequencyKind.EVENT and isinstance(action.frequency, OnEvent):
        return told_event(source) if source.event in TOLD_EVENTS else _("as needed")
    if source.frequency == FrequencyKind.ONCE and isinstance(action.frequency, Once):
        return pgettext("care action", "once")  # from which day the days are counted, the customer does not know
    return when_words(action)


def told_event(source: ActionFields) -> str:
    """Return when an action that follows one of :data:`TOLD_EVENTS` is done, in words for the customer."""
    days = source.delay + (source.quiet_days or 0 if source.event == EventKind.NO_CONTACT else 0)
    return _event_words(EventKind(source.event), days) % {"days": number_text(days)}


def _event_words(event: EventKind, days: int) -> str:
    if event == EventKind.NO_CONTACT:
        return ngettext(
            "when we have not been in touch for %(days)s day", "when we have not been in touch for %(days)s days", days
        )
    if event == EventKind.ORDER_DELIVERED:
        text = ngettext("%(days)s day after each delivery", "%(days)s days after each delivery", days)
        return text if days else _("after each delivery")
    if event == EventKind.PROJECT_PLANNED:
        text = ngettext("%(days)s day after a project is planned", "%(days)s days after a project is planned", days)
        return text if days else _("when a project is planned")
    text = ngettext("%(days)s day after each date of the funder", "%(days)s days after each date of the funder", days)
    return text if days else _("on the dates of the funder")


def is_in_one_language(content: dict[str, Any]) -> bool:
    """Return whether an edition was stored before it had words in each language: it is shown in that of its link."""
    return any(isinstance(row.get("what"), str) for row in content.get("schedule", ()))


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """Return a stored edition for a page: its days as dates, and nothing that is not among :data:`FIELDS`.

    Without the mark :data:`FILTERED` only words that no internal reason has are shown of its times.
    """
    is_told = content.get(FILTERED) is True
    schedule = [_shown_row(row, is_told=is_told) for row in content.get("schedule", ())]
    allowed = {name: content.get(name, "") for name in FIELDS}
    if allowed["organisation"] == PROGRAM:
        allowed["organisation"] = our_name()
    return {**allowed, "schedule": schedule, "day": _date(content.get("day"))}


def _shown_row(row: dict[str, Any], *, is_told: bool) -> dict[str, Any]:
    when = _words(row.get("when"))
    told = when if is_told or _is_told(when) else _("as needed")
    return {"what": _words(row.get("what")), "when": told, "next": _date(row.get("next"))}


def _words(stored: str | dict[str, str] | None) -> str:
    """Return stored words in the language of the page, or in one that they have."""
    if isinstance(stored, dict):
        return stored.get(get_language() or "") or next(iter(stored.values()), "")
    return stored or ""


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
