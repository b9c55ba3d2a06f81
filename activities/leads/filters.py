"""Filters of leads, the same on the page, in the API and in the export."""

from __future__ import annotations

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.leads.enums import LeadState
from activities.leads.models import LeadSource
from activities.leads.selectors import LEAD_TABS
from activities.log.filters import AboutCustomersFilter, _person
from activities.log.querysets import ActivityQuerySet
from core import clock
from core.filters import OneFieldFilter, YesFilter


class LeadFilter(AboutCustomersFilter):
    state = filters.MultipleChoiceFilter(
        distinct=False,
        choices=LeadState.choices,
        field_name="lead__state",
        label=_("State"),
        widget=forms.CheckboxSelectMultiple,
    )
    source = filters.ModelChoiceFilter(queryset=LeadSource.objects.all(), field_name="lead__source", label=_("Source"))
    taken_by = _person(_("Claimed by"), "lead__taken_by")
    offered_to = _person(_("Offered to"), "lead__offered_to")
    unclaimed = OneFieldFilter("lead__taken_by", "isnull", label=_("Claimed by nobody"))
    no_source = OneFieldFilter("lead__source", "isnull", label=_("No source"))
    late = YesFilter(method="only_late", label=pgettext_lazy("lead", "Late"))
    value_from = filters.NumberFilter(field_name="lead__value", lookup_expr="gte", label=_("Value from"))
    value_to = filters.NumberFilter(field_name="lead__value", lookup_expr="lte", label=_("Value to"))

    def only_late(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(Q(lead__state=LeadState.UNASSIGNED, lead__take_by__lt=clock.today()))


class LeadApiFilter(LeadFilter):
    tab = filters.ChoiceFilter(choices=[(name, name) for name in LEAD_TABS], method="on_tab", label=_("Tab"))

    def on_tab(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(LEAD_TABS[value](self.user))
