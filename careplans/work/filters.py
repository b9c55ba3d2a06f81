"""Filters of absences, the same on the page, in the API and in exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from careplans.work.lists import list_choices, listed_for
from careplans.work.models import Absence, CareWork
from core.filters import DayFilter, FilterSet, YesFilter
from customers.filters import CustomerFilter
from customers.segment_filters import SearchableSelect


class AbsenceFilter(FilterSet):
    mine = YesFilter(method="only_mine", label=_("Mine, and those in which I am the substitute"))
    person = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), widget=SearchableSelect, label=_("Person")
    )
    substitute = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), widget=SearchableSelect, label=_("Substitute")
    )
    team = filters.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Team"))
    day_from = DayFilter(field_name="last", lookup_expr="gte", label=_("From"))
    day_to = DayFilter(field_name="first", lookup_expr="lte", label=_("Until"))

    class Meta:
        model = Absence
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(Q(person=self.user.pk) | Q(substitute=self.user.pk))

    def of_team(self, queryset: Any, name: str, value: Team) -> Any:
        return queryset.filter(person__in=value.memberships.values("user"))


class ListedFilter(FilterSet):
    mine = YesFilter(method="only_mine", label=_("On my lists"))
    list_key = filters.ChoiceFilter(choices=list_choices, label=_("Shared list"))
    customer = CustomerFilter()

    class Meta:
        model = CareWork
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(listed_for(self.user))
