from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from imports.enums import FATES, ImportKind, RunState
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.problems import SENTENCES, general_sentence
from imports.querysets import ImportRowQuerySet


class RunFilter(FilterSet):
    kind = django_filters.ChoiceFilter(choices=ImportKind.choices, label=_("Kind"))
    state = django_filters.ChoiceFilter(choices=RunState.choices, label=_("State"))

    class Meta:
        model = ImportRun
        fields: list[str] = []


class RowFilter(FilterSet):
    fate = django_filters.ChoiceFilter(choices=[(fate.value, fate.label) for fate in FATES], label=_("Fate"))
    reason = django_filters.ChoiceFilter(method="filter_reason", label=_("Reason"))
    to_mend = django_filters.BooleanFilter(method="filter_to_mend", label=_("Needs a look"))

    class Meta:
        model = ImportRow
        fields: list[str] = []

    def __init__(self, *args: Any, reasons: Sequence[tuple[str, Any]] | None = None, **kwargs: Any) -> None:
        """``reasons`` are those that the rows have; the API takes any."""
        super().__init__(*args, **kwargs)
        every = [(code, general_sentence(code)) for code in SENTENCES]
        self.filters["reason"].extra["choices"] = every if reasons is None else reasons

    def filter_reason(self, queryset: ImportRowQuerySet, name: str, value: str) -> ImportRowQuerySet:
        return queryset.with_reason(value)

    def filter_to_mend(self, queryset: ImportRowQuerySet, name: str, value: bool) -> Any:
        return queryset.to_mend() if value else queryset.exclude(pk__in=queryset.to_mend().values("pk"))


class HeldFilter(FilterSet):
    kind = django_filters.ChoiceFilter(field_name="run__kind", choices=ImportKind.choices, label=_("Kind"))

    class Meta:
        model = ImportRow
        fields: list[str] = []


class MappingFilter(FilterSet):
    kind = django_filters.ChoiceFilter(choices=ImportKind.choices, label=_("Kind"))

    class Meta:
        model = ImportMapping
        fields: list[str] = []
