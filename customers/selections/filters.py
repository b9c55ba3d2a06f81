"""The filter by selection, for the lists of customers and contacts, their exports and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from core.conditions.compile import Unreadable
from core.fields import Fold
from core.filters import FilterSet, SearchFilter, YesFilter
from customers.selections.enums import SelectionKind, SelectionOf
from customers.selections.models import Selection, SelectionReference
from customers.selections.rows import few_by_id, selected
from customers.selections.sharing import shared_with


@extend_schema_field(OpenApiTypes.INT)
class SelectionFilter(filters.ModelChoiceFilter):
    """The rows of one of the selections that the user sees. One that cannot be read has no rows."""

    def __init__(self, of: SelectionOf, **kwargs: Any) -> None:
        self.of = of
        super().__init__(
            queryset=self._usable, label=_("Selection"), widget=forms.Select({"data-searchable": ""}),
            error_messages={"invalid_choice": _("There is no such selection, or it is not shared with you.")},
            **kwargs,
        )  # fmt: skip

    def _usable(self, request: HttpRequest | None) -> Any:
        selections = Selection.objects.filter(of=self.of).order_by("sort_key")
        return selections.usable_by(request.user) if request else selections.none()

    def filter(self, qs: Any, value: Selection | None) -> Any:
        if not value:
            return qs
        try:
            return few_by_id(qs, selected(value, self.parent.user))
        except Unreadable:
            return qs.none()


class ConditionsFilter(SelectionFilter):
    """The deeper conditions of a list, edited in the builder: a selection without a name.

    They are of the user who made them, and of all who see a saved view that has them. They ask for inactive rows if a
    selection that they name does.
    """

    def __init__(self, of: SelectionOf) -> None:
        super().__init__(of)
        self.extra["widget"] = forms.HiddenInput()
        self.label = pgettext_lazy("list", "More conditions")

    def _usable(self, request: HttpRequest | None) -> Any:
        made = Selection.objects.filter(of=self.of, is_unnamed=True)
        return made.filter(may_use(request.user)) if request else made.none()

    def filter(self, qs: Any, value: Selection | None) -> Any:
        try:
            return few_by_id(qs, selected(value, self.parent.user)) if value else qs
        except Unreadable:
            return qs.none()


def may_use(user: Any) -> Q:
    """Return the condition that the user may use deeper conditions of a list."""
    in_views = SelectionReference.objects.filter(shared_with(user, "view__"))
    return Q(owner=user.pk) | Q(pk__in=in_views.values("target"))


def asks_for_inactive(values: Mapping[str, Any]) -> bool:
    """Return whether the values of a list's filters ask for inactive rows.

    That are the state, a selection or deeper conditions that include them, and an inactive customer that is named.
    """
    named = (values.get("selection"), values.get("conditions"))
    is_asked = values.get("state") or getattr(values.get("customer"), "is_passive", False)
    return bool(is_asked) or any(selection and selection.includes_inactive for selection in named)


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
