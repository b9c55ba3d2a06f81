"""What saved views add to other pages: the state of lists, the menu of favourites, commands, hits of the search."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.registry import Command, SearchHit, SearchSource
from customers.favourites import columns, menu_rows
from customers.saved_views.lists import may_open
from customers.saved_views.models import SavedView, view_url
from customers.saved_views.state import SavedState

LIST_STATES = (SavedState,)
COMMANDS = (
    Command(
        name="views",
        label=_("Saved views"),
        url_name="views:list",
        icon="bookmark",
        keywords="näkymät näkymä tallennetut views",
        order=33,
    ),
    Command(
        name="role_views",
        label=_("Default views of groups"),
        url_name="views:roles",
        permission="accounts.manage_users",
        icon="users",
        keywords="oletusnäkymät näkymät defaults",
        order=205,
    ),
)


def find_views(user: Any, text: str, limit: int) -> list[SearchHit]:
    found = SavedView.objects.usable_by(user).filter(name__icontains=text).order_by("sort_key")
    hits = (hit for hit in found[: limit * 4] if may_open(hit.list, user))
    return [
        SearchHit(hit.name, f"{hit.list_label}: {hit.words}"[:120], hit.list_url, "list-check")
        for hit in islice(hits, limit)
    ]


SEARCHES = (SearchSource(name="views", label=_("Saved views"), find=find_views, order=58),)


def in_menu(request: HttpRequest) -> dict[str, Any]:
    """Return the user's favourite views of lists that may be opened for the side menu, read only when it is drawn."""
    return {"nav_views": SimpleLazyObject(lambda: _in_menu(request))}


def _in_menu(request: HttpRequest) -> list[dict[str, Any]]:
    shown = request.GET.get("view", "")
    return [
        {"name": row.name, "url": view_url(row.detail, row.pk), "active": shown == str(row.pk)}
        for row in menu_rows(request)
        if row.kind == IS_VIEW and may_open(row.detail, request.user)
    ]


IS_VIEW = "view"


def favourite_views(user: Any) -> Any:
    """Return the user's favourite views, each with its list."""
    return columns(SavedView.objects.usable_by(user).filter(favourites__user=user.pk), IS_VIEW, F("list"))


FRAME = (in_menu,)
MENU_ROWS = (favourite_views,)


def _left_behind(user: Any) -> str:
    count = SavedView.objects.alive().filter(owner=user).exclude(sharing="own").count()
    text = ngettext(
        "The user owns %(count)d shared view, which others can still use.",
        "The user owns %(count)d shared views, which others can still use.",
        count,
    )
    return text % {"count": count} if count else ""


#: What a user leaves behind when the account is deactivated.
DUTIES = (_left_behind,)
