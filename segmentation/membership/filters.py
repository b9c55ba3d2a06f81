"""Filters of memberships and proposals, the same on pages, in the API and in exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet, YesFilter
from customers.filters import CustomerFilter
from customers.segment_filters import SearchableSelect
from segmentation.membership.enums import ProposalStatus
from segmentation.membership.models import Membership, Proposal
from segmentation.schemes.models import Scheme, Segment


class ProposalFilter(FilterSet):
    awaiting = YesFilter(method="only_awaiting", label=_("Waiting for my decision"))
    mine = YesFilter(method="only_mine", label=_("Proposed by me"))
    segment = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=Segment.objects.all(), widget=SearchableSelect, label=_("Segment")
    )
    customer = CustomerFilter()

    class Meta:
        model = Proposal
        fields: tuple[str, ...] = ()

    def only_awaiting(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(pk__in=Proposal.objects.awaiting(self.user).order_by().values("pk"))

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(proposed_by=self.user)


class ProposalApiFilter(ProposalFilter):
    status = filters.MultipleChoiceFilter(distinct=False, choices=ProposalStatus.choices, label=_("Status"))


class MembershipFilter(FilterSet):
    customer = CustomerFilter()
    scheme = filters.ModelChoiceFilter(queryset=Scheme.objects.all(), label=_("Scheme"))
    segment = filters.ModelMultipleChoiceFilter(distinct=False, queryset=Segment.objects.all(), label=_("Segment"))
    present = YesFilter(method="only_present", label=_("Present"))

    class Meta:
        model = Membership
        fields: tuple[str, ...] = ()

    def only_present(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.present()
