"""The filters of the leads of the pipeline; its offers have ``OpenOfferFilter``."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import Team, User
from activities.leads.enums import LeadState
from activities.log.models import Activity
from activities.log.querysets import ActivityQuerySet
from offers.offers.filters import OpenOfferFilter


class PipelineLeadFilter(OpenOfferFilter):
    """The same filters for leads. Leads have no type, products or close date yet: these filters give no leads."""

    class Meta(OpenOfferFilter.Meta):
        model = Activity  # type: ignore[assignment]

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.search(value)

    def only_mine(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:  # type: ignore[override]
        """Return the leads that the user has claimed and the unassigned ones that are offered to the user."""
        taken = Q(lead__state=LeadState.CLAIMED, lead__taken_by=self.user)
        return queryset.filter(taken | Q(lead__state=LeadState.UNASSIGNED, lead__offered_to=self.user))

    def of_owner(self, queryset: ActivityQuerySet, name: str, value: User) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.filter(lead__taken_by=value)

    def of_team(self, queryset: ActivityQuerySet, name: str, value: Team) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.filter(lead__taken_by__in=value.members.values("pk"))

    def none(self, queryset: ActivityQuerySet, name: str, value: Any) -> ActivityQuerySet:
        return queryset.none()

    of_type = of_group = with_warning = from_day = to_day = none  # type: ignore[assignment]
