"""Filters by segments: of customers, and of the rows of other apps by the segment of their customer."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Count, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from core.filters import YesFilter
from core.numbers import parse_id
from customers.contact_search import exists_for_each
from customers.models import CustomerSummary
from customers.search import FEW, pick
from customers.selectors.segments import present_memberships
from segmentation.schemes.models import Scheme, Segment


class SearchableSelect(forms.SelectMultiple):
    """A select with a search field."""

    def __init__(self, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__({"data-searchable": "", **(attrs or {})}, **kwargs)


@extend_schema_field(OpenApiTypes.INT)
class SegmentsFilter(filters.ModelMultipleChoiceFilter):
    """Filter customers by their segments in the primary scheme."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Segment"))
        super().__init__(queryset=Segment.objects.primary(), widget=SearchableSelect, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        segments = [segment.pk for segment in value]
        picked = pick(qs, CustomerSummary.objects.filter(segment__in=segments).values("customer"))[1]
        return qs.filter(summary__segment__in=segments) if picked is None else picked

    def value_counts(self, customers: Any) -> dict[str, int]:
        """Return how many of the customers each segment has."""
        return _by_segment(customers.order_by().values_list("summary__segment"))


def _by_segment(segments: Any) -> dict[str, int]:
    counts = segments.annotate(rows=Count("pk")).order_by()
    return {str(pk): count for pk, count in counts if pk is not None}


#: What the names of the filters and columns of further schemes begin with; the id of the scheme follows.
OF_SCHEME = "segment_"
#: What the API's schema says of these filters, whatever schemes there are: an object of which each key is a parameter.
IN_SCHEMA: dict[str, Any] = {
    "in": "query",
    "name": f"{OF_SCHEME}{{scheme}}",
    "description": (
        "Customers in one of these segments of a further scheme, of which the id is in the name: "
        f"`{OF_SCHEME}3=7&{OF_SCHEME}3=8`. Each scheme in use besides the primary one has such a parameter; of several "
        "ones a customer meets each. Ids are those of `/api/v1/schemes/` and `/api/v1/segments/`."
    ),
    "style": "form",
    "explode": True,
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "x-patternProperties": {f"^{OF_SCHEME}[1-9][0-9]*$": {"type": "array", "items": {"type": "integer"}}},
    },
}
#: The filter of all further schemes, before each had its own.
FORMER = "further_segment"


@extend_schema_field(OpenApiTypes.INT)
class SchemeFilter(filters.ModelMultipleChoiceFilter):
    """Filter customers by their segments in one of the schemes besides the primary one."""

    def __init__(self, scheme: int, label: Any = "") -> None:
        self.scheme = scheme
        segments = Segment.objects.filter(scheme=scheme).order_by("order", "pk")
        label = label or _("Segment of another scheme")
        super().__init__(field_name=f"{OF_SCHEME}{scheme}", queryset=segments, widget=SearchableSelect, label=label)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        ids = present_memberships().filter(segment__in=[segment.pk for segment in value]).order_by().values("customer")
        picked = pick(qs, ids)[1]
        return qs.filter(pk__in=ids) if picked is None else picked

    def value_counts(self, customers: Any) -> dict[str, int]:
        """Return how many of the customers each segment has."""
        rows = present_memberships().filter(scheme=self.scheme, customer__in=customers).order_by()
        return {str(pk): count for pk, count in rows.values_list("segment").annotate(Count("pk"))}


def scheme_filter(name: str) -> SchemeFilter | None:
    """Return the filter of a further scheme by its name; None for names of other filters."""
    scheme = parse_id(name.removeprefix(OF_SCHEME)) if name.startswith(OF_SCHEME) else None
    return SchemeFilter(scheme) if scheme else None


def further_schemes(request: Any) -> list[Scheme]:
    """Return the further schemes in use, which have a filter and a column; they are read once for a request."""
    if request is None:
        return []
    found: list[Scheme] | None = getattr(request, "further_schemes", None)
    if found is None:
        found = request.further_schemes = list(Scheme.objects.further().order_by("order", "pk"))
    return found


def scheme_filters(request: Any) -> dict[str, SchemeFilter]:
    """Return a filter for each further scheme in use, by name."""
    return {f"{OF_SCHEME}{scheme.pk}": SchemeFilter(scheme.pk, scheme.name) for scheme in further_schemes(request)}


def by_scheme(data: Any) -> Any:
    """Return the parameters of an address with a filter for each scheme in the place of the former one of all.

    Where one of its values is no segment of a further scheme in use, it stays and is refused.
    """
    values = [value for value in data.getlist(FORMER) if value] if FORMER in data else []
    ids = {pk for pk in map(parse_id, values) if pk}
    segments = Segment.objects.filter(pk__in=ids, scheme__in=Scheme.objects.further()).values_list("pk", "scheme")
    found = dict(segments) if ids else {}
    if FORMER not in data or len(found) < len(set(values)):
        return data
    current = data.copy()
    current.pop(FORMER, None)
    for pk, scheme in found.items():
        current.appendlist(f"{OF_SCHEME}{scheme}", str(pk))
    return current


class SegmentFilter(SegmentsFilter):
    """The segments of the customer of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Segment of the customer"), **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        summaries = CustomerSummary.objects.filter(segment__in=[segment.pk for segment in value]).order_by()
        each = exists_for_each(summaries.filter(customer=OuterRef("customer")))
        return _of_customers(qs, summaries.values_list("customer", flat=True), each)

    def value_counts(self, rows: Any) -> dict[str, int]:
        """Return how many rows have a customer of each segment."""
        return _by_segment(rows.order_by().values_list("customer__summary__segment"))


class NoSegmentFilter(YesFilter):
    """Rows of customers without a segment."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Customer without a segment"), **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        customers = CustomerSummary.objects.filter(segment__isnull=True).order_by().values_list("customer", flat=True)
        return _of_customers(qs, customers, Q(customer__summary__segment__isnull=True))


def _of_customers(rows: Any, customers: Any, each: Any) -> Any:
    """Return the ``rows`` of some customers: by their ids if they are few, otherwise by asking ``each`` row."""
    few = list(customers[: FEW + 1])
    return rows.filter(customer__in=few) if len(few) <= FEW else rows.filter(each)
