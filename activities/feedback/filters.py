"""Filters of feedback, for pages, API and export."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.feedback.conditions import LIMITS, SCORES
from activities.feedback.enums import FeedbackAbout
from activities.feedback.models import NpsQuestion
from activities.feedback.selectors import FEEDBACK_TABS
from activities.log.filters import AboutCustomersFilter, _person
from activities.log.querysets import ActivityQuerySet
from core.filters import FilterSet, MomentFromFilter, MomentToFilter, OneFieldFilter
from customers.enums import BranchPurpose
from customers.filters import CustomerFilter
from customers.models import ClassificationNode, CustomerClassification
from customers.state_filters import CustomerStateFilter, OfActiveCustomers

TONES = [
    ("positive", _("positive")),
    ("negative", _("negative")),
    ("development_idea", _("development idea")),
    ("enquiry", _("enquiry")),
]


def _groups(request: Any) -> Any:
    return ClassificationNode.objects.filter(branch__purpose=BranchPurpose.GROUP)


class FeedbackFilter(AboutCustomersFilter):
    tone = filters.ChoiceFilter(choices=TONES, method="of_tone", label=_("Tone"))
    group = filters.ModelChoiceFilter(queryset=_groups, method="of_group", label=_("Customer group"))
    responsible = _person(pgettext_lazy("feedback", "Responsible"), "feedback__responsible")
    no_responsible = OneFieldFilter("feedback__responsible", "isnull", label=_("Nobody is responsible"))
    about = filters.ChoiceFilter(choices=FeedbackAbout.choices, field_name="feedback__about", label=_("Topic"))
    field_order = (
        "q",
        "tone",
        "group",
        "responsible",
        "no_responsible",
        "about",
        "start_from",
        "start_to",
        "customer",
        "customer_state",
    )

    def of_tone(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        """Filter by tone; an enquiry has none of the tone keywords."""
        if value == "enquiry":
            return queryset.exclude(keywords__code__in=[code for code, _label in TONES])
        return queryset.filter(keywords__code=value)

    def of_group(self, queryset: ActivityQuerySet, name: str, value: ClassificationNode) -> ActivityQuerySet:
        nodes = ClassificationNode.objects.in_subtree(value).order_by()
        return queryset.filter(customer__in=CustomerClassification.objects.filter(node__in=nodes).values("customer"))


class NpsAnswerFilter(OfActiveCustomers, FilterSet):
    kind = filters.ChoiceFilter(choices=SCORES, method="of_kind", label=_("Answer"))
    customer: Any = CustomerFilter()
    answered_from = MomentFromFilter(field_name="answered_at", label=pgettext_lazy("NPS", "Answered from"))
    answered_to = MomentToFilter(field_name="answered_at", label=pgettext_lazy("NPS", "Answered until"))
    customer_state: Any = CustomerStateFilter()

    class Meta:
        model = NpsQuestion
        fields: tuple[str, ...] = ()

    def of_kind(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(score__range=LIMITS[value])


class CustomerFeedbackFilter(FeedbackFilter):
    """The filters on a customer's own page, without the customer and its group."""

    customer = None
    customer_state = None
    group = None


class FeedbackApiFilter(FeedbackFilter):
    state = filters.ChoiceFilter(choices=[(name, name) for name in FEEDBACK_TABS], method="in_state", label=_("State"))

    def in_state(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(FEEDBACK_TABS[value](self.user))
