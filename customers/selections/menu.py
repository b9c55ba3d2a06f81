"""What users have put into their menus, customers, selections and saved views, read by one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from customers.models import Customer
from customers.saved_views.models import SavedView
from customers.selections.models import Selection

IS_CUSTOMER, IS_VIEW = "customer", "view"
#: So many of each kind are in the menu.
MOST = 15


@dataclass(frozen=True)
class MenuRow:
    """A favourite: ``kind`` is *customer*, *view*, or what a selection is of.

    ``detail`` is the code and the colour of a customer's segment, or the list of a view.
    """

    kind: str
    pk: int
    name: str
    detail: str


def menu_rows(request: HttpRequest) -> list[MenuRow]:
    """Return the user's favourites by name, read once for a request."""
    if not hasattr(request, "menu_rows"):
        request.menu_rows = _read(request.user)  # type: ignore[attr-defined]
    return list(request.menu_rows)  # type: ignore[attr-defined]


def _read(user: Any) -> list[MenuRow]:
    customers = Customer.objects.visible_to(user).active().filter(favourites__user=user.pk).order_by("sort_key")
    selections = Selection.objects.usable_by(user).filter(favourites__user=user.pk).order_by("sort_key")
    segment = Concat("summary__segment__code", Value(" "), "summary__segment__colour", output_field=TextField())
    code = Case(When(summary__segment__isnull=True, then=Value("")), default=segment, output_field=TextField())
    first = _columns(customers, Value(IS_CUSTOMER, TextField()), code)[:MOST]
    second = _columns(selections, Cast("of", TextField()), Value("", TextField()))[:MOST]
    views = SavedView.objects.usable_by(user).filter(favourites__user=user.pk).order_by("sort_key")
    third = _columns(views, Value(IS_VIEW, TextField()), Cast("list", TextField()))[:MOST]
    rows = sorted(first.union(second, third, all=True), key=lambda row: row[0])
    return [MenuRow(kind, pk, name, detail) for _key, kind, pk, name, detail in rows]


def _columns(rows: Any, kind: Any, detail: Any) -> Any:
    key, name = F("sort_key"), Cast("name", CharField(max_length=200))
    return rows.values_list(key, kind, F("pk"), name, detail)
