"""Filters of suggestions and of the moves of a preview, shared by pages, exports and the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from core.filters import FilterSet, SearchFilter, YesFilter
from customers.models import Customer
from segmentation.criteria.enums import Outcome
from segmentation.criteria.models import Evaluation, PreviewMove
from segmentation.criteria.selectors import is_proposed, is_refused, refused_suggestions
from segmentation.schemes.models import Segment

WITHOUT = "none"


def _segments() -> list[tuple[str, Any]]:
    rows = Segment.objects.filter(scheme__is_exclusive=True).select_related("scheme").order_by("scheme__order", "order")
    return [(str(row.pk), row.name) for row in rows]


class SegmentChoice(filters.ChoiceFilter):
    """One segment of any scheme, or none."""

    def filter(self, qs: Any, value: Any) -> Any:
        if value in (None, ""):
            return qs
        if value == WITHOUT:
            return qs.filter(**{f"{self.field_name}__isnull": True})
        return qs.filter(**{self.field_name: int(value)})


class CustomerSearchMixin(FilterSet):
    """Finds the rows of customers by their names."""

    q = SearchFilter(method="filter_q", label=_("Search"))
    #: The filters by segment, and whether they offer *none* too.
    by_segment: ClassVar[dict[str, bool]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segments = _segments()
        for name, with_none in self.by_segment.items():
            none = [(WITHOUT, _("without a segment"))] if with_none else []
            self.offer(name, [*segments, *none])

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(customer__in=Customer.objects.active().search(value))


class EvaluationFilter(CustomerSearchMixin):
    by_segment: ClassVar[dict[str, bool]] = {"segment": False}
    segment = SegmentChoice(label=_("Suggested"))
    owner = filters.ModelChoiceFilter(
        queryset=User.objects.order_by("sort_key"), field_name="customer__summary__owner",
        label=_("Owner"),
    )  # fmt: skip
    outcome = filters.ChoiceFilter(choices=Outcome.choices, label=_("Outcome"))
    decided = YesFilter(method="only_decided", label=_("Decided otherwise"))

    class Meta:
        model = Evaluation
        fields: tuple[str, ...] = ()

    def only_decided(self, queryset: Any, name: str, value: str) -> Any:
        return refused_suggestions(queryset)

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave out what has been proposed or somebody has decided against, unless just the latter is asked for."""
        rows = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("decided"):
            return rows
        return rows.exclude(is_refused(), is_suggestion=True).exclude(is_proposed(), is_suggestion=True)


class MoveFilter(CustomerSearchMixin):
    by_segment: ClassVar[dict[str, bool]] = {"from_segment": True, "to_segment": True}
    from_segment = SegmentChoice(field_name="before", label=pgettext_lazy("segment", "From"))
    to_segment = SegmentChoice(field_name="after", label=pgettext_lazy("segment", "To"))

    class Meta:
        model = PreviewMove
        fields: tuple[str, ...] = ()
