"""What selections add to other pages: navigation, commands, the menu of favourites; rows that conditions name."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.conditions.fields import Preset
from core.registry import Command, NavItem, SearchHit, SearchSource
from customers.favourites import columns, menu_rows
from customers.models import ClassificationNode
from customers.selections.bulk import AddContacts, AddCustomers
from customers.selections.enums import SelectionOf
from customers.selections.models import (
    ClassReference,
    CustomerReference,
    MunicipalityReference,
    RoleReference,
    SegmentReference,
    Selection,
    SelectionReference,
    TeamReference,
    UserReference,
    list_url,
)

NAV = (
    NavItem(
        name="selections",
        label=_("Selections"),
        url_name="selections:list",
        icon="bookmark",
        section="customers",
        order=25,
    ),
)
BULK_OPERATIONS = (AddCustomers(), AddContacts())
COMMANDS = (
    Command.opening(NAV[0], keywords="poiminnat poiminta selections"),
    Command(
        name="new_selection",
        label=_("New selection"),
        url_name="selections:create",
        icon="plus",
        keywords="uusi poiminta new",
        order=32,
    ),
)

CONDITION_REFERENCES = (
    ClassReference,
    SegmentReference,
    UserReference,
    MunicipalityReference,
    CustomerReference,
    SelectionReference,
    TeamReference,
    RoleReference,
)


def _decision_maker() -> dict[str, Any] | None:
    role = ClassificationNode.objects.filter(branch__purpose="contact_role", code="decision_maker")
    node = role.in_use().values_list("pk", flat=True).first()
    if node is None:
        return None
    rule = {"field": "person.role", "values": {"op": "is", "rows": [node]}}
    return {"join": "all", "relation": "person", "parts": [rule]}


CONDITION_PRESETS = (
    Preset(
        subject="customer",
        name="mine",
        label=_("My customers"),
        tree=lambda: {"field": "customer.owner", "values": {"op": "me"}},
        order=5,
    ),
    Preset(
        subject="customer",
        name="no_contact",
        label=_("No contact in … days"),
        tree=lambda: {"field": "customer.last_contact", "values": {"when": "not_last", "days": 90}},
        order=8,
    ),
    Preset(
        subject="customer",
        name="decision_maker",
        label=_("Decision maker known"),
        tree=_decision_maker,
        order=20,
    ),
)


def find_selections(user: Any, text: str, limit: int) -> list[SearchHit]:
    found = Selection.objects.usable_by(user).filter(name__icontains=text).order_by("sort_key")
    return [SearchHit(hit.name, hit.words[:120], hit.list_url, "bookmark") for hit in found[:limit]]


SEARCHES = (SearchSource(name="selections", label=_("Selections"), find=find_selections, order=60),)


def in_menu(request: HttpRequest) -> dict[str, Any]:
    """Return the user's favourite selections for the side menu, read only when it is drawn."""
    return {"nav_selections": SimpleLazyObject(lambda: _in_menu(request))}


def _in_menu(request: HttpRequest) -> list[dict[str, Any]]:
    shown = request.GET.get("selection", "")
    return [
        {"name": row.name, "url": list_url(row.kind, row.pk), "active": shown == str(row.pk), "count": None}
        for row in menu_rows(request)
        if row.kind in SelectionOf.values
    ]


def favourite_selections(user: Any) -> Any:
    """Return the user's favourite selections; what they are of is their kind."""
    return columns(Selection.objects.usable_by(user).filter(favourites__user=user.pk), F("of"))


FRAME = (in_menu,)
MENU_ROWS = (favourite_selections,)


def _left_behind(user: Any) -> str:
    count = Selection.objects.named().alive().filter(owner=user).exclude(sharing="own").count()
    text = ngettext(
        "The user owns %(count)d shared selection, which others can still use and copy.",
        "The user owns %(count)d shared selections, which others can still use and copy.",
        count,
    )
    return text % {"count": count} if count else ""


#: What a user leaves behind when the account is deactivated.
DUTIES = (_left_behind,)
