"""Filters of the inbox and of messages."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from activities.mail.enums import Direction, MessageState
from activities.mail.models import EmailMessage, Mailbox
from activities.mail.querysets import UNFILED
from core.filters import FilterSet, SearchFilter

UNFILED_CHOICES = [(state.value, state.label) for state in UNFILED]


def inbox_mailboxes(request: HttpRequest | None) -> Any:
    return Mailbox.objects.of_inbox(request.user) if request else Mailbox.objects.none()


class InboxFilter(FilterSet):
    q = SearchFilter(method="search", label=_("Search the inbox"))
    state = django_filters.ChoiceFilter(choices=UNFILED_CHOICES, label=_("State"), widget=forms.RadioSelect)
    mailbox = django_filters.ModelChoiceFilter(queryset=inbox_mailboxes, label=_("Mailbox"))

    class Meta:
        model = EmailMessage
        fields: tuple[str, ...] = ()

    @property
    def qs(self) -> Any:
        """Return the waiting messages if no state is chosen."""
        rows = super().qs
        return rows if self.data.get("state") else rows.filter(state=MessageState.INBOX)

    def search(self, queryset: QuerySet[EmailMessage], name: str, value: str) -> QuerySet[EmailMessage]:
        fields = ("sender", "sender_name", "subject")
        return queryset.filter(Q(*((f"{field}__icontains", value) for field in fields), _connector=Q.OR))


class EmailFilter(FilterSet):
    direction = django_filters.ChoiceFilter(choices=Direction.choices, label=_("Direction"))
    state = django_filters.ChoiceFilter(choices=MessageState.choices, label=_("State"))
    customer = django_filters.NumberFilter(field_name="activity__customer", label=_("Customer"))
    activity = django_filters.NumberFilter(field_name="activity", label=_("Activity"))
    thread = django_filters.NumberFilter(field_name="thread", label=_("Thread"))

    class Meta:
        model = EmailMessage
        fields: tuple[str, ...] = ()
