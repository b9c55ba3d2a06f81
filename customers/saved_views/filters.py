"""Filters of the list of saved views."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from core.fields import Fold
from core.filters import FilterSet, SearchFilter, YesFilter
from customers.saved_views.lists import list_choices, may_open
from customers.saved_views.models import SavedView


class SavedViewFilterSet(FilterSet):
    q = SearchFilter(method="search", label=_("Search"))
    list = filters.ChoiceFilter(choices=list_choices, label=_("List"))
    folder = filters.CharFilter(lookup_expr="iexact", label=_("Folder"), max_length=60)
    favourite = YesFilter(method="only_favourites", label=_("In my menu"))

    class Meta:
        model = SavedView
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user:
            self.offer("list", [choice for choice in list_choices() if may_open(choice[0], self.user)])

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.alias(folded=Fold("name")).filter(folded__contains=Fold(Value(value)))

    def only_favourites(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(favourites__user=self.user)
