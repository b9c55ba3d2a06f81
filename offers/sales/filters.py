"""What the leads of the pipeline can be narrowed by; its offers are narrowed by ``OpenOfferFilter``."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import Team, User
from activities.leads.enums import LeadState
from activities.log.models import Activity
from activities.log.querysets import ActivityQuerySet
from offers.offers.filters import OpenOfferFilter


class PipelineLeadFilter(OpenOfferFilter):
    """The same questions asked of leads. Asked for a type, products or a decision day, which none has yet: no leads."""

    class Meta(OpenOfferFilter.Meta):
        model = Activity  # type: ignore[assignment]

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.search(value)

    def only_mine(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:  # type: ignore[override]
        """Those that the user has taken up, and untaken ones that are offered to him or her."""
        taken = Q(lead__state=LeadState.CLAIMED, lead__taken_by=self.user)
        return queryset.filter(taken | Q(lead__state=LeadState.UNASSIGNED, lead__offered_to=self.user))

    def of_owner(self, queryset: ActivityQuerySet, name: str, value: User) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.filter(lead__taken_by=value)

    def of_team(self, queryset: ActivityQuerySet, name: str, value: Team) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.filter(lead__taken_by__in=value.members.values("pk"))

    def none(self, queryset: ActivityQuerySet, name: str, value: Any) -> ActivityQuerySet:
        return queryset.none()

    of_type = of_group = with_warning = from_day = to_day = none  # type: ignore[assignment]
