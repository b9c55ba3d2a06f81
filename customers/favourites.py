"""What users have put into their menus, read by one query: customers, and what other apps declare.

An app declares ``MENU_ROWS``: functions that return a user's favourites as :func:`columns` of a query set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from core.registry import declared
from customers.models import Customer

IS_CUSTOMER = "customer"
#: So many of each kind are in the menu.
MOST = 15


@dataclass(frozen=True)
class MenuRow:
    """A favourite: ``kind`` says of what, ``detail`` something about it, as its app declares them."""

    kind: str
    pk: int
    name: str
    detail: str


def columns(rows: Any, kind: Any, detail: Any = "") -> Any:
    """Return the favourites ``rows`` as the menu reads them, the first of them by name; ``kind`` may be a field."""
    key, name = F("sort_key"), Cast("name", CharField(max_length=200))
    found = rows.order_by("sort_key").values_list(key, _text(kind), F("pk"), name, _text(detail))
    return found[:MOST]


def _text(value: Any) -> Any:
    return Value(value, TextField()) if isinstance(value, str) else Cast(value, TextField())


def favourite_customers(user: Any) -> Any:
    """Return the user's favourite customers, each with the code and the colour of its segment."""
    customers = Customer.objects.visible_to(user).active().filter(favourites__user=user.pk)
    segment = Concat("summary__segment__code", Value(" "), "summary__segment__colour", output_field=TextField())
    detail = Case(When(summary__segment__isnull=True, then=Value("")), default=segment, output_field=TextField())
    return columns(customers, IS_CUSTOMER, detail)


def menu_rows(request: HttpRequest) -> list[MenuRow]:
    """Return the user's favourites by name, read once for a request."""
    if not hasattr(request, "menu_rows"):
        request.menu_rows = _read(request.user)  # type: ignore[attr-defined]
    return list(request.menu_rows)  # type: ignore[attr-defined]


def _read(user: Any) -> list[MenuRow]:
    first, *others = [read(user) for read in declared("MENU_ROWS")]
    rows = sorted(first.union(*others, all=True), key=lambda row: row[0])
    return [MenuRow(kind, pk, name, detail) for _key, kind, pk, name, detail in rows]
