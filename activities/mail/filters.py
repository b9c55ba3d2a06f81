"""Filters of messages."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from activities.mail.enums import Direction, MessageState
from activities.mail.models import EmailMessage
from core.filters import FilterSet


class EmailFilter(FilterSet):
    direction = django_filters.ChoiceFilter(choices=Direction.choices, label=_("Direction"))
    state = django_filters.ChoiceFilter(choices=MessageState.choices, label=_("State"))
    customer = django_filters.NumberFilter(field_name="activity__customer", label=_("Customer"))
    activity = django_filters.NumberFilter(field_name="activity", label=_("Activity"))
    thread = django_filters.NumberFilter(field_name="thread", label=_("Thread"))

    class Meta:
        model = EmailMessage
        fields: tuple[str, ...] = ()
