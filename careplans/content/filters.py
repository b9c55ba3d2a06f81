"""Filters of needs and charges, the same on pages, in the API and in exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from careplans.content.enums import NeedStatus
from careplans.content.models import (
    Agreement,
    Charge,
    EditionLink,
    Need,
    PlanBlock,
    PlanContent,
    PlanVersion,
    Project,
    System,
)
from core.fields import Fold
from core.filters import FilterSet, SearchFilter, YesNoFilter
from customers.filters import CustomerFilter


class NeedFilter(FilterSet):
    q = SearchFilter(method="search", label=_("Search"))
    status = filters.MultipleChoiceFilter(distinct=False, choices=NeedStatus.choices, label=_("Status"))
    customer = CustomerFilter(field_name="customers__customer")
    is_budgeted = YesNoFilter(label=_("Budgeted"))
    fits_environment = YesNoFilter(label=_("Fits the environment"))

    class Meta:
        model = Need
        fields: tuple[str, ...] = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        folded = queryset.alias(folded=Fold("name"))
        for word in value.split()[:8]:
            folded = folded.filter(folded__contains=Fold(Value(word)))
        return folded


class ChargeFilter(FilterSet):
    customer = CustomerFilter()
    year = filters.NumberFilter(label=_("Year"))
    service = filters.CharFilter(lookup_expr="iexact", label=_("Service"))

    class Meta:
        model = Charge
        fields: tuple[str, ...] = ()


class OfCustomerFilter(FilterSet):
    """Rows of customers' plans, which are asked for by customer."""

    customer = CustomerFilter()


class PlanVersionFilter(OfCustomerFilter):
    class Meta:
        model = PlanVersion
        fields: tuple[str, ...] = ()


class EditionLinkFilter(OfCustomerFilter):
    class Meta:
        model = EditionLink
        fields: tuple[str, ...] = ()


class PlanContentFilter(OfCustomerFilter):
    class Meta:
        model = PlanContent
        fields: tuple[str, ...] = ()


class PlanBlockFilter(OfCustomerFilter):
    class Meta:
        model = PlanBlock
        fields: tuple[str, ...] = ()


class ProjectFilter(OfCustomerFilter):
    class Meta:
        model = Project
        fields: tuple[str, ...] = ()


class SystemFilter(OfCustomerFilter):
    class Meta:
        model = System
        fields: tuple[str, ...] = ()


class AgreementFilter(OfCustomerFilter):
    class Meta:
        model = Agreement
        fields: tuple[str, ...] = ()
