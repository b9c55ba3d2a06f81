"""Filters of segmentation work, overrides and reviews, the same on pages, in the API and in exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.filters import FilterSet, SearchFilter, YesFilter
from customers.filters import CustomerFilter, CustomerFilterSet
from customers.segment_filters import SearchableSelect
from segmentation.casework.enums import Answer, Origin
from segmentation.casework.models import Inquiry, Override, Review, ReviewLine
from segmentation.casework.selectors import open_suggestions_of, primary_scheme
from segmentation.schemes.models import Scheme, Segment


class WorkFilter(CustomerFilterSet):
    """The filters of customers, the scheme, and what is suggested in it."""

    scheme = filters.ModelChoiceFilter(
        queryset=Scheme.objects.in_use().filter(is_exclusive=True), method="of_scheme", label=_("Scheme")
    )
    suggested = filters.ModelMultipleChoiceFilter(
        distinct=False,
        queryset=Segment.objects.in_use().filter(scheme__is_exclusive=True),
        method="only_suggested",
        widget=SearchableSelect,
        label=_("Suggested"),
    )

    def of_scheme(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset  # the list has chosen its rows by it

    def only_suggested(self, queryset: Any, name: str, value: Any) -> Any:
        if not value:
            return queryset
        scheme = self.form.cleaned_data.get("scheme") or primary_scheme()
        rows = open_suggestions_of(scheme).filter(segment__in=value) if scheme else None
        return queryset.none() if rows is None else queryset.filter(pk__in=rows.order_by().values("customer"))


class OverrideFilter(FilterSet):
    customer = CustomerFilter()
    scheme = filters.ModelChoiceFilter(queryset=Scheme.objects.all(), label=_("Scheme"))
    in_force = YesFilter(method="only_in_force", label=_("In force"))

    class Meta:
        model = Override
        fields: tuple[str, ...] = ()

    def only_in_force(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.in_force()


class ReviewFilter(FilterSet):
    scheme = filters.ModelChoiceFilter(queryset=Scheme.objects.all(), label=_("Scheme"))
    open = YesFilter(method="only_open", label=_("Under way"))

    class Meta:
        model = Review
        fields: tuple[str, ...] = ()

    def only_open(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.open()


class ReviewLineFilter(FilterSet):
    q = SearchFilter(method="by_name", label=_("Search"))
    mine = YesFilter(method="only_mine", label=_("My customers"))
    owner = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), widget=SearchableSelect, label=_("Owner")
    )
    answer = filters.ChoiceFilter(
        choices=[("open", Answer.NONE.label), *((a.value, a.label) for a in (Answer.KEEP, Answer.CHANGE))],
        method="by_answer",
        label=_("Answer"),
    )
    origin = filters.ChoiceFilter(choices=Origin.choices, label=_("Why"))

    class Meta:
        model = ReviewLine
        fields: tuple[str, ...] = ()

    def by_name(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(customer_name__icontains=value)

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.of_person(self.user)

    def by_answer(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.unanswered() if value == "open" else queryset.filter(answer=value) if value else queryset


class ReviewLineApiFilter(ReviewLineFilter):
    review = filters.ModelChoiceFilter(queryset=Review.objects.all(), label=_("Review"))


class InquiryFilter(FilterSet):
    asked = filters.ModelChoiceFilter(queryset=User.objects.order_by("sort_key"), label=_("Former owner"))
    open = YesFilter(method="only_open", label=_("Waits for answers"))

    class Meta:
        model = Inquiry
        fields: tuple[str, ...] = ()

    def only_open(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.open()
