"""Filters of scorecards, the same on the page, in the API and in exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from careplans.scorecards.enums import CardKind, CardStatus, StrategyStatus
from careplans.scorecards.models import Scorecard, StrategyVersion
from core.filters import FilterSet, YesFilter
from customers.filters import CustomerFilter
from customers.segment_filters import SearchableSelect


class ScorecardFilter(FilterSet):
    awaiting = YesFilter(method="only_awaiting", label=_("Waiting for my decision"))
    year = filters.NumberFilter(label=_("Year"), min_value=2000, max_value=2100)
    kind = filters.MultipleChoiceFilter(distinct=False, choices=CardKind.choices, label=_("Type"))
    status = filters.MultipleChoiceFilter(distinct=False, choices=CardStatus.choices, label=_("Status"))
    responsible = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), widget=SearchableSelect,
        label=pgettext_lazy("scorecard", "Responsible"),
    )  # fmt: skip
    customer = CustomerFilter()
    team = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=Team.objects.all(), widget=SearchableSelect, label=_("Team")
    )

    class Meta:
        model = Scorecard
        fields: tuple[str, ...] = ()

    def only_awaiting(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(pk__in=Scorecard.objects.awaiting(self.user).order_by().values("pk"))


class StrategyFilter(FilterSet):
    status = filters.MultipleChoiceFilter(distinct=False, choices=StrategyStatus.choices, label=_("Status"))

    class Meta:
        model = StrategyVersion
        fields: tuple[str, ...] = ()
