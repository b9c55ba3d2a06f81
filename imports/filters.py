from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet, YesNoFilter
from core.import_kinds import hidden_kinds
from core.undo.reasons import LABELS
from imports.enums import ROW_STATUSES, WRITTEN, ImportKind, RunState, UndoStatus
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.problems import SENTENCES, general_sentence
from imports.querysets import ImportRowQuerySet

#: The empty status is that of rows that no undo has looked at.
UNDO_CHOICES = [(status.value, status.label) for status in UndoStatus if status]


class KindFilterSet(FilterSet):
    """Filters with one by the kind, which offers those that the user knows."""

    kind: django_filters.ChoiceFilter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = hidden_kinds(self.user) if self.user else []
        self.offer("kind", [choice for choice in ImportKind.choices if choice[0] not in hidden])


class RunFilter(KindFilterSet):
    kind = django_filters.ChoiceFilter(choices=ImportKind.choices, label=_("Kind"))
    state = django_filters.ChoiceFilter(choices=RunState.choices, label=_("State"))

    class Meta:
        model = ImportRun
        fields: list[str] = []


class RowFilter(FilterSet):
    fate = django_filters.ChoiceFilter(
        choices=[(status.value, status.label) for status in ROW_STATUSES], label=_("Result")
    )
    reason = django_filters.ChoiceFilter(method="filter_reason", label=_("Reason"))
    undo = django_filters.ChoiceFilter(choices=UNDO_CHOICES, label=_("Undo"))
    to_mend = YesNoFilter(method="filter_with_problems", label=_("Has problems"))

    class Meta:
        model = ImportRow
        fields: list[str] = []

    def __init__(self, *args: Any, reasons: Sequence[tuple[str, Any]] | None = None, **kwargs: Any) -> None:
        """Offer ``reasons`` as choices, or (None) every reason."""
        super().__init__(*args, **kwargs)
        every = [(code, general_sentence(code)) for code in SENTENCES]
        self.offer("reason", every if reasons is None else reasons)

    def filter_reason(self, queryset: ImportRowQuerySet, name: str, value: str) -> ImportRowQuerySet:
        return queryset.with_reason(value)

    def filter_with_problems(self, queryset: ImportRowQuerySet, name: str, value: bool) -> Any:
        return queryset.with_problems() if value else queryset.exclude(pk__in=queryset.with_problems().values("pk"))


class UndoFilter(FilterSet):
    """Rows that added or changed a record, by what an undo would do or has done with them."""

    undo = django_filters.ChoiceFilter(choices=UNDO_CHOICES, label=_("Undo"))
    fate = django_filters.ChoiceFilter(choices=[(item.value, item.label) for item in WRITTEN], label=_("The import"))
    undo_reason = django_filters.ChoiceFilter(choices=list(LABELS.items()), method="filter_reason", label=_("Reason"))

    class Meta:
        model = ImportRow
        fields: list[str] = []

    def filter_reason(self, queryset: ImportRowQuerySet, name: str, value: str) -> ImportRowQuerySet:
        return queryset.kept_because(value)


class ReviewFilter(KindFilterSet):
    kind = django_filters.ChoiceFilter(field_name="run__kind", choices=ImportKind.choices, label=_("Kind"))

    class Meta:
        model = ImportRow
        fields: list[str] = []


class MappingFilter(KindFilterSet):
    kind = django_filters.ChoiceFilter(choices=ImportKind.choices, label=_("Kind"))

    class Meta:
        model = ImportMapping
        fields: list[str] = []
