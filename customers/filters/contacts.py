"""Filters of contacts, shared by page, API and export."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from customers.contact_search import exists_for_each, filter_by_ids
from customers.enums import CONSENT_CHANNELS, BranchPurpose, BranchTarget, CustomerLanguage
from customers.filters.customers import CustomerFilter
from customers.models import ClassificationNode, Consent, Contact, Municipality, Position

CONSENTS = [(channel.value, channel.label) for channel in CONSENT_CHANNELS]


class NodeFilter(filters.ModelChoiceFilter):
    """A class with the classes below it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select({"data-searchable": ""}), **kwargs)


class ContactFilterSet(FilterSet):
    q = filters.CharFilter(method="search", label=_("Search"))
    customer = CustomerFilter(method="at")
    role = NodeFilter(
        queryset=ClassificationNode.objects.filter(branch__purpose=BranchPurpose.CONTACT_ROLE).select_related("branch"),
        method="in_role",
        label=_("Role in decisions"),
    )
    municipality = filters.ModelChoiceFilter(
        queryset=Municipality.objects.all(),
        method="from_municipality",
        widget=forms.Select({"data-searchable": ""}),
        label=_("Municipality"),
    )
    consent = filters.ChoiceFilter(choices=CONSENTS, method="consenting", label=_("Marketing consent"))
    language = filters.ChoiceFilter(choices=CustomerLanguage, label=_("Language"))
    classification = NodeFilter(
        queryset=ClassificationNode.objects.exclude(branch__target=BranchTarget.CUSTOMERS).select_related("branch"),
        method="in_class",
        label=_("Classification"),
    )

    class Meta:
        model = Contact
        fields: tuple[str, ...] = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def at(self, queryset: Any, name: str, value: Any) -> Any:
        return _with_position(queryset, customer=value)

    def in_role(self, queryset: Any, name: str, value: ClassificationNode) -> Any:
        return _with_position(queryset, role__in=list(ClassificationNode.objects.in_subtree(value)))

    def from_municipality(self, queryset: Any, name: str, value: Any) -> Any:
        return _with_position(queryset, customer__municipality=value, customer__state="active")

    def consenting(self, queryset: Any, name: str, value: str) -> Any:
        """Filter by consent: the newest answer about the channel is yes."""
        answers = Consent.objects.filter(contact=OuterRef("pk"), channel=value).order_by("-given_on", "-pk")
        each = Q(Exact(Subquery(answers.values("is_given")[:1]), Value(True)))
        return filter_by_ids(queryset, consents_in_force(value).values_list("contact"), each)

    def in_class(self, queryset: Any, name: str, value: ClassificationNode) -> Any:
        nodes = ClassificationNode.objects.in_subtree(value).order_by()
        return queryset.filter(pk__in=Contact.objects.filter(classifications__node__in=nodes).order_by().values("pk"))


def _with_position(contacts: Any, **conditions: Any) -> Any:
    positions = Position.objects.current().filter(**conditions).order_by()
    return filter_by_ids(
        contacts, positions.values_list("contact"), exists_for_each(positions.filter(contact=OuterRef("pk")))
    )


def consents_in_force(channel: str) -> QuerySet[Consent]:
    """Return the given consents of a channel without a later answer of the same contact."""
    same = Consent.objects.filter(contact=OuterRef("contact"), channel=channel).order_by()
    later = Exists(same.filter(given_on__gt=OuterRef("given_on")))
    later_same_day = Exists(same.filter(given_on=OuterRef("given_on"), pk__gt=OuterRef("pk")))
    return Consent.objects.filter(~later, ~later_same_day, channel=channel, is_given=True).order_by()
