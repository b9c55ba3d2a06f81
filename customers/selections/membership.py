"""The condition to be in another selection."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from core.conditions.compile import Unreadable
from core.conditions.fields import Asked, ConditionField
from core.conditions.kinds import IS, IS_NOT, operator, operator_words
from core.conditions.operands import Rows
from customers.models import Contact, Customer
from customers.selections.enums import SelectionOf
from customers.selections.models import Selection
from customers.selections.rows import selected


def _in_selection(of: SelectionOf) -> Any:
    def condition(asked: Asked) -> Q:
        found = Q(pk__in=[])
        for selection in Selection.objects.filter(pk__in=asked["rows"], of=of):
            if selection.is_deleted:  # who was to be left out would be let through
                raise Unreadable("deleted selection")
            found |= selected_by_key(selection, asked)
        return found if asked["op"] == IS else ~found

    return condition


def selected_by_key(selection: Selection, asked: Asked) -> Q:
    """Return the condition to be in a selection, also where the subject's columns are another row's."""
    condition = selected(selection, asked.user, asked.within)
    if not asked.prefix:
        return condition
    model: Any = Customer if selection.of == SelectionOf.CUSTOMERS else Contact
    return asked.q(pk__in=model.objects.filter(condition).order_by().values("pk"))


def selection_field(of: SelectionOf, **about: Any) -> ConditionField:
    rows = Rows(
        name="rows", label=gettext_lazy("Selections"), model=Selection,
        rows=lambda: Selection.objects.filter(of=of).named().alive().order_by("sort_key"),
    )  # fmt: skip
    return ConditionField(
        name="selection",
        label=gettext_lazy("Selection"),
        operands=(operator(IS, IS_NOT), rows),
        condition=_in_selection(of),
        words=operator_words,
        **about,
    )
