"""The customers that pace and reach count, as a list with exactly these rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.db.models import OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from careplans.adherence.figures import Pace
from careplans.following.adherence import COUNTED, HasDay
from careplans.following.enums import Reached
from careplans.following.filters import OccurrenceFilter
from careplans.following.models import CareOccurrence, CareReach
from careplans.following.words import PACES
from careplans.plans.selectors import cared_for
from core import clock
from customers.contact_search import exists_for_each
from customers.enums import CustomerState
from customers.models import Customer
from customers.state_filters import ALL_STATES

_OF = {"customer": OuterRef("pk")}


def of_pace(customers: Any, occurrences: Any, pace: str) -> Any:
    """Return the customers with these occurrences, those of a pace if one is asked."""
    behind, ahead = COUNTED["missed"], COUNTED["already_done"]
    if pace == Pace.BEHIND:
        return cared_for(customers, occurrences.filter(behind))
    if pace == Pace.AHEAD:
        found = cared_for(customers, occurrences.filter(ahead))
        return found.exclude(exists_for_each(occurrences.filter(behind, **_OF)))
    found = cared_for(customers, occurrences)
    other = occurrences.filter(behind | ahead, **_OF)
    return found.exclude(exists_for_each(other)) if pace == Pace.ON_SCHEDULE else found


def of_reach(customers: Any, first: dt.date, last: dt.date, which: str) -> Any:
    """Return the customers under a contact action on the last day, those with a contact in the days, or without."""
    rows = CareReach.objects.filter(first__lte=last, last__gte=last)
    reached = rows.filter(HasDay("days", Value(first), Value(last)))
    if which == Reached.REACHED:
        return cared_for(customers, reached)
    found = cared_for(customers, rows)
    return found.exclude(exists_for_each(reached.filter(**_OF))) if which == Reached.NOT_REACHED else found


class CountedCustomersFilter(OccurrenceFilter):
    """The customers of the occurrences that the other filters ask for, by pace; or those of reach."""

    # Figures do not lead here with these.
    mine = open = unheeded = state = contact = None  # type: ignore[assignment]
    completed = scheduled = due_from = due_to = None  # type: ignore[assignment]
    pace = filters.ChoiceFilter(
        choices=[(name, label) for name, (label, _text) in PACES.items()], method="as_they_are", label=_("Pace")
    )
    reach = filters.ChoiceFilter(choices=Reached.choices, method="as_they_are", label=_("Reach"))

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in self.filters.values():
            one.is_widening = True  # the numbers in a menu are those of customers

    def as_they_are(self, queryset: Any, name: str, value: str) -> Any:
        """Let all occurrences through: pace and reach are of customers."""
        return queryset

    def filter_queryset(self, queryset: Any) -> Any:
        asked = self.form.cleaned_data
        if asked["reach"]:
            queryset = self._by_reach(queryset, asked)
            if not asked["pace"]:
                return queryset
        occurrences = super().filter_queryset(CareOccurrence.objects.counted())
        return of_pace(queryset, occurrences, asked["pace"])

    def _by_reach(self, customers: Any, asked: dict[str, Any]) -> Any:
        """Return the customers as the figure counts them: by their present segment and group."""
        first, last = asked["last_from"] or dt.date.min, min(asked["last_to"] or dt.date.max, clock.today())
        segments, groups, customer = asked["segment"], asked["group"], asked["customer"]
        now = Q(pk=customer.pk) if customer else Q()
        now &= Q(summary__segment__in=segments) if segments else Q()
        now &= Q(summary__group__in=groups) if groups else Q()
        state = asked.get("customer_state") or (ALL_STATES if customer else CustomerState.ACTIVE)
        now &= Q() if state == ALL_STATES else Q(state=state)
        return of_reach(customers.filter(now), first, last, asked["reach"])
