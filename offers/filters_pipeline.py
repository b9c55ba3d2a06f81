"""What the pipeline can be narrowed by: board, table, forecast, API and export alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from activities.enums import LeadState
from activities.filters import YES, visible_users
from activities.models import Activity
from activities.querysets import ActivityQuerySet
from crm.filters import DayFilter, FilterSet
from offers.models import Offer, OfferLine, OfferType, ProductGroup
from offers.querysets import OfferQuerySet
from offers.selectors_pipeline import stuck

WARNINGS = [
    ("stuck", _("too long at its stage")),
    ("expired", _("expired")),
    ("overdue", _("decision day has passed")),
    ("no_step", _("no next step")),
]


class PipelineFilter(FilterSet):
    q = filters.CharFilter(method="search", label=_("Search"), max_length=200)
    mine = filters.ChoiceFilter(
        choices=YES, method="only_mine", label=pgettext_lazy("offers", "My own"), empty_label="–"
    )
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
    warning = filters.ChoiceFilter(choices=WARNINGS, method="with_warning", label=_("To be mended"))
    expected_from = DayFilter(method="from_day", label=_("Decision expected from"))
    expected_to = DayFilter(method="to_day", label=_("Decision expected by"))

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
        """Offers with a product of the group or of one below it."""
        below = ProductGroup.objects.get_tree(value).order_by().values("pk")
        return queryset.filter(pk__in=OfferLine.objects.filter(product__group__in=below).values("offer"))

    def with_warning(self, queryset: OfferQuerySet, name: str, value: str) -> OfferQuerySet:
        return {
            "stuck": queryset.filter(stuck()),
            "expired": queryset.expired(),
            "overdue": queryset.undecided().filter(expected_close__lt=timezone.localdate()),
            "no_step": queryset.without_next_step(),
        }[value]

    def from_day(self, queryset: OfferQuerySet, name: str, value: dt.date) -> OfferQuerySet:
        return queryset.filter(expected_close__gte=value)

    def to_day(self, queryset: OfferQuerySet, name: str, value: dt.date) -> OfferQuerySet:
        return queryset.filter(expected_close__lte=value)


class PipelineLeadFilter(PipelineFilter):
    """The same questions asked of leads. Asked for a type, products or a decision day, which none has yet: no leads."""

    class Meta(PipelineFilter.Meta):
        model = Activity  # type: ignore[assignment]

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.search(value)

    def only_mine(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:  # type: ignore[override]
        """Those that the user has taken up, and untaken ones that are offered to him or her."""
        taken = Q(lead__state=LeadState.TAKEN, lead__taken_by=self.user)
        return queryset.filter(taken | Q(lead__state=LeadState.UNTAKEN, lead__offered_to=self.user))

    def of_owner(self, queryset: ActivityQuerySet, name: str, value: User) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.filter(lead__taken_by=value)

    def of_team(self, queryset: ActivityQuerySet, name: str, value: Team) -> ActivityQuerySet:  # type: ignore[override]
        return queryset.filter(lead__taken_by__in=value.members.values("pk"))

    def none(self, queryset: ActivityQuerySet, name: str, value: Any) -> ActivityQuerySet:
        return queryset.none()

    of_type = of_group = with_warning = from_day = to_day = none  # type: ignore[assignment]
