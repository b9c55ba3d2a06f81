"""Filters of schemes and segments in the API."""

from __future__ import annotations

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet, YesNoFilter
from segmentation.schemes.models import Scheme, Segment


class SchemeFilter(FilterSet):
    retired = YesNoFilter(field_name="retired_at", lookup_expr="isnull", exclude=True, label=_("Retired"))

    class Meta:
        model = Scheme
        fields: tuple[str, ...] = ()


class SegmentFilter(FilterSet):
    scheme = filters.ModelChoiceFilter(queryset=Scheme.objects.all(), label=_("Scheme"))
    retired = YesNoFilter(field_name="retired_at", lookup_expr="isnull", exclude=True, label=_("Retired"))

    class Meta:
        model = Segment
        fields: tuple[str, ...] = ()
