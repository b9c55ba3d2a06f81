"""Filters by segments: of customers, and of the rows of other apps by the segment of their customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Count, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from core.filters import YesFilter
from customers.contact_search import exists_for_each
from customers.models import CustomerSummary
from customers.search import FEW, pick
from customers.selectors.segments import present_memberships
from segmentation.schemes.models import Segment


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


@extend_schema_field(OpenApiTypes.INT)
class FurtherSegmentsFilter(filters.ModelMultipleChoiceFilter):
    """Filter customers by their segments in the schemes besides the primary one.

    Each scheme counts as a separate filter: of the chosen segments of a scheme a customer has one, and so in every
    scheme of which some are chosen.
    """

    class field_class(filters.ModelMultipleChoiceFilter.field_class):
        def label_from_instance(self, obj: Any) -> str:
            return f"{obj.scheme.name} › {obj.name}"

    def __init__(self, **kwargs: Any) -> None:
        segments = Segment.objects.filter(scheme__is_primary=False).select_related("scheme")
        segments = segments.order_by("scheme__order", "scheme", "order")
        super().__init__(queryset=segments, widget=SearchableSelect, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        for segments in by_scheme(value):
            ids = present_memberships().filter(segment__in=segments).order_by().values("customer")
            picked = pick(qs, ids)[1]
            qs = qs.filter(pk__in=ids) if picked is None else picked
        return qs

    def value_counts_beside(self, customers: Any, chosen: Iterable[Segment]) -> dict[str, int]:
        """Return how many of the customers each segment has that the chosen segments of other schemes let through."""
        groups = by_scheme(chosen)
        found: dict[str, int] = {}
        for own in [[], *groups]:
            rows = present_memberships().filter(segment__in=self.queryset, customer__in=customers)
            for segments in groups:
                if segments is not own:
                    rows = rows.filter(
                        customer__in=present_memberships().filter(segment__in=segments).values("customer")
                    )
            schemes = {segments[0].scheme_id for segments in groups}
            rows = rows.filter(scheme=own[0].scheme_id) if own else rows.exclude(scheme__in=schemes)
            found |= {str(pk): count for pk, count in rows.order_by().values_list("segment").annotate(Count("pk"))}
        return found


def by_scheme(segments: Iterable[Segment]) -> list[list[Segment]]:
    """Return the segments as a list for each scheme."""
    found: dict[int, list[Segment]] = defaultdict(list)
    for segment in segments:
        found[segment.scheme_id].append(segment)
    return list(found.values())


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
