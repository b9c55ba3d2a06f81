"""Filters of offers for page, API, sums and export."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import visible_users
from accounts.models import Team, User
from core import clock
from core.filters import DayFilter, FilterSet, MomentFromFilter, MomentToFilter, SearchFilter, YesFilter
from customers.filters import CustomerFilter
from customers.segment_filters import NoSegmentFilter, SegmentFilter
from customers.state_filters import CustomerStateFilter, OfActiveCustomers
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import LostReason, Offer, OfferLine, OfferType
from offers.offers.querysets import OfferQuerySet
from offers.offers.selectors import COUNTED, needs_attention, stuck
from offers.products.models import ProductGroup

#: The tabs of the list, by name.
OFFER_TABS: dict[str, Any] = {
    "mine": lambda user: Q(owner=user, status__in=UNDECIDED),
    "open": lambda user: Q(status__in=UNDECIDED),
    "decided": lambda user: Q(status__in=[OfferStatus.ORDER, OfferStatus.LOST], decided_at__isnull=False),
    "all": lambda user: Q(),
}

WARNINGS = [
    ("attention", _("any of these, or expires within a week")),
    ("stuck", _("too long at its stage")),
    ("expired", _("expired")),
    ("overdue", _("expected close date has passed")),
    ("no_step", _("no next activity")),
]


class OpenOfferFilter(FilterSet):
    """Filters of undecided offers for the pipeline's board, table and forecast, API and export."""

    counted_by: ClassVar[dict[str, str]] = {"owner": "owner", "type": "type"}

    q = SearchFilter(method="search", label=_("Search"))
    mine = YesFilter(method="only_mine", label=pgettext_lazy("offers", "My own"))
    owner = filters.ModelChoiceFilter(
        queryset=visible_users,
        method="of_owner",
        label=_("Account manager"),
        widget=forms.Select(attrs={"data-searchable": ""}),
    )
    team = filters.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Team"))
    type = filters.ModelChoiceFilter(queryset=OfferType.objects.all(), method="of_type", label=_("Type"))
    group = filters.ModelChoiceFilter(
        queryset=lambda request: ProductGroup.objects.all(), method="of_group", label=_("Product group")
    )
    warning = filters.ChoiceFilter(choices=WARNINGS, method="with_warning", label=_("Needs attention"))
    expected_from = DayFilter(method="from_day", label=_("Expected close from"))
    expected_to = DayFilter(method="to_day", label=_("Expected close until"))

    class Meta:
        model = Offer
        fields: tuple[str, ...] = ()

    def search(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.search(value)

    def only_mine(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(owner=self.user)

    def of_owner(self, queryset: OfferQuerySet, name: str, value: User) -> OfferQuerySet:
        return queryset.filter(owner=value)

    def of_team(self, queryset: OfferQuerySet, name: str, value: Team) -> OfferQuerySet:
        return queryset.filter(owner__in=value.members.values("pk"))

    def of_type(self, queryset: OfferQuerySet, name: str, value: OfferType) -> OfferQuerySet:
        return queryset.filter(type=value)

    def of_group(self, queryset: OfferQuerySet, name: str, value: ProductGroup) -> OfferQuerySet:
        """Return offers with a product of the group or its subgroups."""
        below = ProductGroup.objects.get_tree(value).order_by().values("pk")
        return queryset.filter(pk__in=OfferLine.objects.filter(product__group__in=below).values("offer"))

    def with_warning(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return {
            "attention": queryset.filter(needs_attention()),
            "stuck": queryset.filter(stuck()),
            "expired": queryset.expired(),
            "overdue": queryset.undecided().filter(expected_close__lt=clock.today()),
            "no_step": queryset.without_next_step(),
        }[value]

    def from_day(self, queryset: OfferQuerySet, name: str, value: dt.date) -> OfferQuerySet:
        return queryset.filter(expected_close__gte=value)

    def to_day(self, queryset: OfferQuerySet, name: str, value: dt.date) -> OfferQuerySet:
        return queryset.filter(expected_close__lte=value)


#: What a number of days may be.
WHOLE_DAYS: dict[str, Any] = {"min_value": 0, "max_value": 36_500, "decimal_places": 0}


class OfferFilter(OfActiveCustomers, OpenOfferFilter):
    """The filters of open offers and those of decided offers."""

    status = filters.MultipleChoiceFilter(
        distinct=False, choices=OfferStatus.choices, label=_("Status"), widget=forms.CheckboxSelectMultiple
    )
    asking = ("customer", "in_reports")  # reports count decided offers of customers that have become inactive

    customer = CustomerFilter()
    customer_state = CustomerStateFilter()
    segment = SegmentFilter()
    no_segment = NoSegmentFilter()
    date_from = DayFilter(field_name="date", lookup_expr="gte", label=_("Dated from"))
    date_to = DayFilter(field_name="date", lookup_expr="lte", label=_("Dated until"))
    value_from = filters.NumberFilter(field_name="net", lookup_expr="gte", label=_("Value from"))
    value_to = filters.NumberFilter(field_name="net", lookup_expr="lte", label=_("Value to"))
    lost_reason = filters.ModelChoiceFilter(queryset=LostReason.objects.all(), label=_("Lost reason"))
    competitor = filters.CharFilter(method="won_by", label=_("Competitor"), max_length=120)
    no_competitor = YesFilter(method="won_by_nobody", label=_("No competitor known"))
    stage_days_from = filters.NumberFilter(method="at_stage_from", label=_("Days at stage, at least"), **WHOLE_DAYS)
    stage_days_to = filters.NumberFilter(method="at_stage_to", label=_("Days at stage, at most"), **WHOLE_DAYS)
    in_reports = YesFilter(method="counted", label=_("Counted in reports"))
    decided_from = MomentFromFilter(field_name="decided_at", label=_("Decided from"))
    decided_to = MomentToFilter(field_name="decided_at", label=_("Decided until"))

    def won_by(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(competitor__iexact=value).exclude(competitor="")

    def won_by_nobody(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(competitor="")

    def at_stage_from(self, queryset: OfferQuerySet, name: str, value: Decimal) -> OfferQuerySet:
        return queryset.filter(status_since__lt=_end_of(clock.today() - dt.timedelta(days=int(value))))

    def at_stage_to(self, queryset: OfferQuerySet, name: str, value: Decimal) -> OfferQuerySet:
        return queryset.filter(status_since__gte=_end_of(clock.today() - dt.timedelta(days=int(value) + 1)))

    def counted(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(COUNTED)


def _end_of(day: dt.date) -> dt.datetime:
    """Return the end of a day of ours: reports count the days at a stage by it, whoever reads them."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), timezone.get_default_timezone())


class OfferApiFilter(OfferFilter):
    tab = filters.ChoiceFilter(choices=[(name, name) for name in OFFER_TABS], method="on_tab", label=_("Tab"))

    def on_tab(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return queryset.filter(OFFER_TABS[value](self.user))
