"""What offers can be narrowed by: page, API, sums and export alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.filters import EARLIEST, visible_customers
from activities.forms.widgets import DrawnSelect
from crm.filters import DayFilter
from offers.enums import UNDECIDED, OfferStatus
from offers.filters_pipeline import PipelineFilter
from offers.models import LostReason
from offers.querysets import OfferQuerySet

#: The tabs of the list, by name.
OFFER_TABS: dict[str, Any] = {
    "mine": lambda user: Q(owner=user, status__in=UNDECIDED),
    "open": lambda user: Q(status__in=UNDECIDED),
    "decided": lambda user: Q(status__in=[OfferStatus.ORDER, OfferStatus.LOST], decided_at__isnull=False),
    "all": lambda user: Q(),
}


class OfferFilter(PipelineFilter):
    """The pipeline's questions, and those that concern decided offers too."""

    status = filters.MultipleChoiceFilter(
        distinct=False, choices=OfferStatus.choices, label=_("Status"), widget=forms.CheckboxSelectMultiple
    )
    customer = filters.ModelChoiceFilter(
        queryset=visible_customers,
        label=_("Customer"),
        widget=DrawnSelect(attrs={"data-search-url": reverse_lazy("customers:options")}),
    )
    date_from = DayFilter(field_name="date", lookup_expr="gte", label=_("Dated from"))
    date_to = DayFilter(field_name="date", lookup_expr="lte", label=_("Dated by"))
    value_from = filters.NumberFilter(field_name="net", lookup_expr="gte", label=_("Value from"))
    value_to = filters.NumberFilter(field_name="net", lookup_expr="lte", label=_("Value to"))
    lost_reason = filters.ModelChoiceFilter(queryset=LostReason.objects.all(), label=_("Reason of losing"))
    competitor = filters.CharFilter(method="won_by", label=_("Competitor"), max_length=120)
    decided_from = DayFilter(method="decided_since", label=_("Decided from"))
    decided_to = DayFilter(method="decided_by", label=_("Decided by"))

    def decided_since(self, queryset: OfferQuerySet, name: str, value: dt.date) -> OfferQuerySet:
        return queryset.filter(decided_at__gte=_start_of(value))

    def decided_by(self, queryset: OfferQuerySet, name: str, value: dt.date) -> OfferQuerySet:
        """The day itself is included."""
        if value == dt.date.max:
            return queryset.filter(decided_at__isnull=False)
        return queryset.filter(decided_at__lt=_start_of(value + dt.timedelta(days=1)))

    def won_by(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(competitor__iexact=value).exclude(competitor="")


class OfferApiFilter(OfferFilter):
    tab = filters.ChoiceFilter(choices=[(name, name) for name in OFFER_TABS], method="on_tab", label=_("Tab"))

    def on_tab(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(OFFER_TABS[value](self.user))


def _start_of(day: dt.date) -> dt.datetime:
    """Return when the day begins; days before any offer are all alike."""
    return timezone.make_aware(dt.datetime.combine(max(day, EARLIEST), dt.time()))
