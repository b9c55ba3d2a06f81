"""The filter by selection, for the lists of customers and contacts, their exports and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from core.conditions.compile import Unreadable
from core.fields import Fold
from core.filters import FilterSet, SearchFilter, YesFilter
from customers.selections.enums import SelectionKind, SelectionOf
from customers.selections.models import Selection
from customers.selections.rows import few_by_id, selected


@extend_schema_field(OpenApiTypes.INT)
class SelectionFilter(filters.ModelChoiceFilter):
    """The rows of one of the selections that the user sees. One that cannot be read has no rows."""

    def __init__(self, of: SelectionOf, **kwargs: Any) -> None:
        self.of = of
        label = _("Selection")
        super().__init__(queryset=self._usable, label=label, widget=forms.Select({"data-searchable": ""}), **kwargs)

    def _usable(self, request: HttpRequest | None) -> Any:
        selections = Selection.objects.filter(of=self.of).order_by("sort_key")
        return selections.usable_by(request.user) if request else selections.none()

    def filter(self, qs: Any, value: Selection | None) -> Any:
        if not value:
            return qs
        if value.of == SelectionOf.CONTACTS and not value.includes_inactive:
            qs = qs.filter(is_hidden=False)
        try:
            return few_by_id(qs, selected(value, self.parent.user))
        except Unreadable:
            return qs.none()


class SelectionFilterSet(FilterSet):
    q = SearchFilter(method="search", label=_("Search"))
    of = filters.ChoiceFilter(choices=SelectionOf, label=_("Of what"))
    kind = filters.ChoiceFilter(choices=SelectionKind, label=_("Kind"))
    folder = filters.CharFilter(lookup_expr="iexact", label=_("Folder"), max_length=60)
    favourite = YesFilter(method="only_favourites", label=_("In my menu"))

    class Meta:
        model = Selection
        fields: tuple[str, ...] = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.alias(folded=Fold("name")).filter(folded__contains=Fold(Value(value)))

    def only_favourites(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(favourites__user=self.user)
