"""What feedback and leads can be narrowed by: page, API and export alike."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import visible_users
from activities.enums import FeedbackAbout, LeadState
from activities.models import Activity, LeadSource
from activities.querysets import ActivityQuerySet
from activities.selectors_feedback import FEEDBACK_TABS
from activities.selectors_leads import LEAD_TABS
from crm import clock
from crm.filters import FilterSet, MomentFromFilter, MomentToFilter, YesFilter
from crm.forms import DrawnSelect
from customers.enums import BranchPurpose
from customers.filters.customers import visible_customers
from customers.models import ClassificationNode, CustomerClassification

TONES = [
    ("positive", _("positive")),
    ("negative", _("negative")),
    ("development_idea", _("development idea")),
    ("enquiry", _("enquiry")),
]


def _person(label: Any, field_name: str) -> filters.ModelChoiceFilter:
    widget = forms.Select(attrs={"data-searchable": ""})
    return filters.ModelChoiceFilter(queryset=visible_users, field_name=field_name, label=label, widget=widget)


def _groups(request: Any) -> Any:
    return ClassificationNode.objects.filter(branch__purpose=BranchPurpose.GROUP)


class AboutCustomersFilter(FilterSet):
    """What feedback and leads share."""

    q = filters.CharFilter(method="search", label=_("Search"), max_length=200)
    customer = filters.ModelChoiceFilter(
        queryset=visible_customers,
        label=_("Customer"),
        widget=DrawnSelect(attrs={"data-search-url": reverse_lazy("customers:options")}),
    )
    start_from = MomentFromFilter(field_name="start", label=_("From"))
    start_to = MomentToFilter(field_name="start", label=_("To"))

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.search(value)


class FeedbackFilter(AboutCustomersFilter):
    tone = filters.ChoiceFilter(choices=TONES, method="of_tone", label=_("Tone"))
    group = filters.ModelChoiceFilter(queryset=_groups, method="of_group", label=_("Customer group"))
    responsible = _person(pgettext_lazy("feedback", "Responsible"), "feedback__responsible")
    about = filters.ChoiceFilter(choices=FeedbackAbout.choices, field_name="feedback__about", label=_("About what"))
    field_order = ("q", "tone", "group", "responsible", "about", "start_from", "start_to", "customer")

    def of_tone(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        """An enquiry has no tone: the customer asks something."""
        if value == "enquiry":
            return queryset.exclude(keywords__code__in=[code for code, _label in TONES])
        return queryset.filter(keywords__code=value)

    def of_group(self, queryset: ActivityQuerySet, name: str, value: ClassificationNode) -> ActivityQuerySet:
        nodes = ClassificationNode.objects.in_subtree(value).order_by()
        return queryset.filter(customer__in=CustomerClassification.objects.filter(node__in=nodes).values("customer"))


class CustomerFeedbackFilter(FeedbackFilter):
    """On a customer's own page the customer and its group go without saying."""

    customer = None
    group = None


class FeedbackApiFilter(FeedbackFilter):
    state = filters.ChoiceFilter(choices=[(name, name) for name in FEEDBACK_TABS], method="in_state", label=_("State"))

    def in_state(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(FEEDBACK_TABS[value](self.user))


class LeadFilter(AboutCustomersFilter):
    state = filters.MultipleChoiceFilter(
        distinct=False,
        choices=LeadState.choices,
        field_name="lead__state",
        label=_("State"),
        widget=forms.CheckboxSelectMultiple,
    )
    source = filters.ModelChoiceFilter(queryset=LeadSource.objects.all(), field_name="lead__source", label=_("Source"))
    taken_by = _person(_("Taken up by"), "lead__taken_by")
    offered_to = _person(_("Offered to"), "lead__offered_to")
    late = YesFilter(method="only_late", label=pgettext_lazy("lead", "Late"))
    value_from = filters.NumberFilter(field_name="lead__value", lookup_expr="gte", label=_("Value from"))
    value_to = filters.NumberFilter(field_name="lead__value", lookup_expr="lte", label=_("Value to"))

    def only_late(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(Q(lead__state=LeadState.UNTAKEN, lead__take_by__lt=clock.today()))


class LeadApiFilter(LeadFilter):
    tab = filters.ChoiceFilter(choices=[(name, name) for name in LEAD_TABS], method="on_tab", label=_("Tab"))

    def on_tab(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(LEAD_TABS[value](self.user))
