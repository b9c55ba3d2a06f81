"""Filters of customers, shared by page, API, selection and export."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from accounts.models import User
from core import clock
from core.filters import DayFilter, FilterSet, OneFieldFilter, YesFilter
from customers.enums import BranchPurpose, BranchTarget, CustomerLanguage, CustomerState, OrganisationForm
from customers.forms.fields import CustomerSelect
from customers.models import ClassificationNode, Customer, CustomerClassification, Municipality
from customers.search import pick


class SearchableSelect(forms.SelectMultiple):
    """A select with a search field."""

    def __init__(self, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__({"data-searchable": "", **(attrs or {})}, **kwargs)


def regions() -> list[tuple[str, str]]:
    names = Municipality.objects.order_by("region").values_list("region", flat=True).distinct()
    return [(name, name) for name in names]


@extend_schema_field(OpenApiTypes.INT)
class NodesFilter(filters.ModelMultipleChoiceFilter):
    """Filter customers by classes, including the classes below them."""

    def __init__(self, purpose: str = "", **kwargs: Any) -> None:
        nodes = ClassificationNode.objects.exclude(branch__target=BranchTarget.CONTACTS).select_related("branch")
        if purpose:
            nodes = nodes.filter(branch__purpose=purpose)
        super().__init__(queryset=nodes, widget=SearchableSelect, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        subtrees = Q()
        for node in value:
            subtrees |= Q(path__startswith=node.path)
        nodes = ClassificationNode.objects.filter(subtrees).order_by()
        ids = CustomerClassification.objects.filter(node__in=nodes).values("customer")
        picked = pick(qs, ids)[1]
        return qs.filter(pk__in=ids) if picked is None else picked


def visible_customers(request: HttpRequest | None) -> Any:
    return Customer.objects.visible_to(request.user) if request else Customer.objects.none()


class CustomerFilter(filters.ModelChoiceFilter):
    """One of the customers that the user sees."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=visible_customers, label=_("Customer"), widget=CustomerSelect(), **kwargs)


class CustomerFilterSet(FilterSet):
    """The filters of customers; only users who manage passive customers can filter by state."""

    old_names: ClassVar[dict[str, str]] = {"own": "mine"}

    q = filters.CharFilter(method="search", label=_("Search"))
    mine = YesFilter(method="only_mine", label=_("My customers"))
    owner = filters.ModelMultipleChoiceFilter(
        distinct=False,
        queryset=User.objects.order_by("sort_key"),
        field_name="summary__owner",
        widget=SearchableSelect,
        label=_("Owner"),
    )
    no_owner = OneFieldFilter("summary__owner", "isnull", label=_("No owner"))
    group = NodesFilter(purpose=BranchPurpose.GROUP, label=_("Group"))
    segment = NodesFilter(purpose=BranchPurpose.SEGMENT, label=_("Segment"))
    municipality = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=Municipality.objects.all(), widget=SearchableSelect, label=_("Municipality")
    )
    last_contact = filters.NumberFilter(
        method="not_contacted",
        label=_("Last contact over … days ago"),
        help_text=_("Includes customers that have never been contacted."),
        min_value=0,
        max_value=36_500,
    )
    classification = NodesFilter(label=_("Classification"))
    ordered_from = filters.NumberFilter(
        field_name="summary__ordered_12_months",
        lookup_expr="gte",
        label=_("Orders in 12 months, at least"),
        help_text=_("Euros without VAT."),
        min_value=0,
    )
    open_offers = OneFieldFilter("summary__open_offers", "gt", 0, label=_("Open offers"))
    no_order_since = DayFilter(
        method="not_ordered_since",
        label=_("No order since"),
        help_text=_("Includes customers that have never ordered."),
    )
    region = filters.MultipleChoiceFilter(
        distinct=False, field_name="municipality__region", choices=(), widget=SearchableSelect, label=_("Region")
    )
    industry = NodesFilter(purpose=BranchPurpose.INDUSTRY, label=_("Industry"))
    size = NodesFilter(purpose=BranchPurpose.SIZE, label=_("Size class"))
    organisation_form = filters.MultipleChoiceFilter(
        distinct=False, choices=OrganisationForm, widget=SearchableSelect, label=_("Organisation form")
    )
    never_contacted = OneFieldFilter("summary__last_contact_at", "isnull", label=_("Never contacted"))
    language = filters.ChoiceFilter(choices=CustomerLanguage, empty_label=_("any"), label=_("Language"))
    source = filters.CharFilter(lookup_expr="istartswith", label=_("Source"), max_length=120)
    obliged = OneFieldFilter("is_obliged_to_buy", label=_("Obliged to buy"))
    state = filters.ChoiceFilter(
        choices=[*CustomerState.choices, ("all", _("all"))],
        empty_label=None,
        method="in_state",
        label=_("State"),
    )

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["region"].field.choices = regions()
        if self.user is None or not self.user.has_perm("customers.manage_passive"):
            self.filters.pop("state")

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave passive customers out unless the state filter asks for them (rule 2)."""
        if not self.form.cleaned_data.get("state"):
            queryset = queryset.active()
        return super().filter_queryset(queryset)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.owned_by(self.user)

    def not_contacted(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.not_contacted_since(clock.now() - dt.timedelta(days=int(value)))

    def not_ordered_since(self, queryset: Any, name: str, value: dt.date) -> Any:
        return queryset.filter(Q(summary__last_order_on__lt=value) | Q(summary__last_order_on__isnull=True))

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset if value == "all" else queryset.filter(state=value)
