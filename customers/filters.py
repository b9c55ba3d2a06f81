"""Filters of customers and contacts, shared by page, API, selection and export."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from accounts.models import User
from core import clock
from core.filters import DayFilter, FilterSet, OneFieldFilter, SearchFilter, YesFilter
from customers.contact_search import exists_for_each, filter_by_ids
from customers.enums import (
    CONSENT_CHANNELS,
    BranchPurpose,
    BranchTarget,
    CustomerLanguage,
    CustomerState,
    OrganisationForm,
)
from customers.forms.fields import CustomerSelect
from customers.models import (
    ClassificationNode,
    Consent,
    Contact,
    Customer,
    CustomerClassification,
    CustomerSummary,
    Municipality,
    Position,
)
from customers.search import FEW, pick
from customers.segment_filters import (
    FORMER,
    IN_SCHEMA,
    OF_SCHEME,
    SearchableSelect,
    SegmentsFilter,
    by_scheme,
    scheme_filter,
    scheme_filters,
)
from customers.selections.enums import SelectionOf
from customers.selections.filters import ConditionsFilter, SelectionFilter, asks_for_inactive
from customers.state_filters import ALL_STATES, StateFilter, may_see_inactive

#: As many ids are read first where another filter is on.
FEW_OF_SOME = 20_000


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
        nodes = list(ClassificationNode.objects.filter(subtrees).order_by().values_list("pk", flat=True))
        # Of one class each customer is there once: then no row must be looked for twice.
        one = {"node": nodes[0]} if len(nodes) == 1 else {"node__in": nodes}
        ids = CustomerClassification.objects.filter(**one).values("customer")
        picked = pick(qs, ids, few_of(self.parent, self.field_name))[1]
        return qs.filter(pk__in=ids) if picked is None else picked

    def value_counts(self, customers: Any) -> dict[str, int]:
        """Return how many of the customers each class has with the classes below it."""
        return _rolled_up(dict(self.queryset.values_list("path", "pk")), customers)


def few_of(filterset: FilterSet, name: str) -> int:
    """Return how many ids are read first: more where another filter is on, and a walk may find little for long."""
    return FEW_OF_SOME if filterset.is_combined(name) else FEW


def _rolled_up(paths: dict[str, int], customers: Any) -> dict[str, int]:
    """Return the number of customers of each class with the classes below it."""
    found = CustomerClassification.objects.filter(node__path__in=paths, customer__in=customers).order_by()
    members: dict[int, set[int]] = defaultdict(set)
    for path, customer in found.values_list("node__path", "customer"):
        for end in range(ClassificationNode.steplen, len(path) + 1, ClassificationNode.steplen):
            if path[:end] in paths:
                members[paths[path[:end]]].add(customer)
    return {str(node): len(ids) for node, ids in members.items()}


class SummaryFilter(OneFieldFilter):
    """A condition on one field of the summary, which has an index for it."""

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        condition = {f"{self.field_name}__{self.lookup_expr}": self.operand}
        picked = pick(qs, CustomerSummary.objects.filter(**condition).values("customer"))[1]
        each = {f"summary__{name}": operand for name, operand in condition.items()}
        return qs.filter(**each) if picked is None else picked


def visible_customers(request: HttpRequest | None) -> Any:
    return Customer.objects.visible_to(request.user) if request else Customer.objects.none()


class CustomerFilter(filters.ModelChoiceFilter):
    """One of the customers that the user sees."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=visible_customers, label=_("Customer"), widget=CustomerSelect(), **kwargs)


class CustomerFilterSet(FilterSet):
    """The filters of customers; only users who manage passive customers can filter by state."""

    old_names: ClassVar[dict[str, str]] = {"own": "mine"}
    former: ClassVar[tuple[str, ...]] = (FORMER,)
    patterns: ClassVar[tuple[dict[str, Any], ...]] = (IN_SCHEMA,)
    counted_by: ClassVar[dict[str, str]] = {"region": "municipality__region"}

    q = SearchFilter(method="search", label=_("Search"))
    mine = YesFilter(method="only_mine", label=_("My customers"))
    owner = filters.ModelMultipleChoiceFilter(
        distinct=False,
        queryset=User.objects.order_by("sort_key"),
        field_name="summary__owner",
        widget=SearchableSelect,
        label=_("Owner"),
    )
    waiting = YesFilter(method="only_waiting", label=_("My customers waiting for contact"))
    no_owner = SummaryFilter("owner", "isnull", label=_("No owner"))
    no_municipality = YesFilter(method="without_municipality", label=_("No municipality"))
    no_group = SummaryFilter("group", "isnull", label=_("No group"))
    no_segment = SummaryFilter("segment", "isnull", label=_("No segment"))
    group = NodesFilter(purpose=BranchPurpose.GROUP, label=_("Group"))
    segment = SegmentsFilter()
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
        max_value=1_000_000_000,
        decimal_places=2,
        max_digits=14,
    )
    open_offers = SummaryFilter("open_offers", "gt", 0, label=_("Open offers"))
    no_order_since = DayFilter(
        method="not_ordered_since",
        label=_("No order since"),
        help_text=_("Includes customers that have never ordered."),
    )
    region = filters.MultipleChoiceFilter(
        distinct=False, method="in_region", choices=(), widget=SearchableSelect, label=_("Region")
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
    selection = SelectionFilter(SelectionOf.CUSTOMERS)
    conditions = ConditionsFilter(SelectionOf.CUSTOMERS)
    state = StateFilter(method="in_state", label=_("State"))

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._add_schemes()
        self.filters["region"].field.choices = SimpleLazyObject(regions)
        if not may_see_inactive(self.user):
            self.filters.pop("state")

    def _add_schemes(self) -> None:
        """Add a filter for each further scheme, after that of the primary one; the API reads them when it is asked."""
        asks_api = hasattr(self.request, "query_params")
        if asks_api and not any(name.startswith(OF_SCHEME) for name in self.data or ()):
            return
        every: Any = self.filters
        later = list(every)[list(every).index("segment") + 1 :]
        for name, item in scheme_filters(self.request).items():
            item.parent, item.model = self, Customer
            every[name] = item
        for name in later:
            every.move_to_end(name)

    @classmethod
    def filter_of(cls, name: str) -> filters.Filter | None:
        return super().filter_of(name) or scheme_filter(name)

    @classmethod
    def current(cls, data: Any) -> Any:
        data = super().current(data)
        return by_scheme(data) if data and hasattr(data, "getlist") else data

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave passive customers out unless the state filter or a selection asks for them (rule 2)."""
        if not asks_for_inactive(self.form.cleaned_data):
            queryset = queryset.active()
        return super().filter_queryset(queryset)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.owned_by(self.user)

    def only_waiting(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.waiting_for_contact(self.user)

    def without_municipality(self, queryset: Any, name: str, value: str) -> Any:
        ids = Customer.objects.filter(municipality__isnull=True).order_by().values("pk")
        picked = pick(queryset, ids)[1]
        return queryset.filter(municipality__isnull=True) if picked is None else picked

    def in_region(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        towns = list(Municipality.objects.filter(region__in=value).order_by().values_list("pk", flat=True))
        ids = Customer.objects.filter(municipality__in=towns).order_by().values("pk")
        picked = pick(queryset, ids, few_of(self, name))[1]
        return queryset.filter(municipality__in=towns) if picked is None else picked

    def not_contacted(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.not_contacted_since(clock.now() - dt.timedelta(days=int(value)))

    def not_ordered_since(self, queryset: Any, name: str, value: dt.date) -> Any:
        return queryset.filter(Q(summary__last_order_on__lt=value) | Q(summary__last_order_on__isnull=True))

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset if value == ALL_STATES else queryset.filter(state=value)


CONSENTS = [(channel.value, channel.label) for channel in CONSENT_CHANNELS]


class NodeFilter(filters.ModelChoiceFilter):
    """A class with the classes below it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select({"data-searchable": ""}), **kwargs)


class ContactFilterSet(FilterSet):
    q = SearchFilter(method="search", label=_("Search"))
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
    selection = SelectionFilter(SelectionOf.CONTACTS)
    conditions = ConditionsFilter(SelectionOf.CONTACTS)
    state = StateFilter(method="in_state", label=_("State"))

    class Meta:
        model = Contact
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_see_inactive(self.user):
            self.filters.pop("state")

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave out who works for inactive customers only, unless the state filter or a selection asks for them."""
        if not asks_for_inactive(self.form.cleaned_data):
            queryset = queryset.filter(is_hidden=False)
        return super().filter_queryset(queryset)

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset if value == ALL_STATES else queryset.filter(is_hidden=value == CustomerState.PASSIVE)

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
