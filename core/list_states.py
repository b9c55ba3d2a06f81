"""The state of a list beyond its address, for an app that keeps saved views and what was left: ``LIST_STATES``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.urls import Resolver404, resolve

from core.registry import declared

if TYPE_CHECKING:
    from core.list_views import FilteredListView

#: Parameters of a list that say how its rows are read, not what it shows.
PASSING = frozenset(
    {
        "after",
        "before",
        "export",
        "menus",
        "options",
        "counts",
        "sums",
        "total",
        "heads",
        "rows",
        "view",
        "_",
        "csrfmiddlewaretoken",
    }
)


class ListState:
    """What a list page asks about its state. This one keeps nothing; an app declares a subclass that does."""

    def __init__(self, view: FilteredListView) -> None:
        self.view = view
        self.request = view.request

    @property
    def name(self) -> str:
        """Return the URL name of the list; nothing for a list that belongs to one record."""
        return list_name(self.request.path)

    def parameters(self) -> dict[str, forms.Field]:
        """Return the parameters of the address that this reads."""
        return {}

    def expanded(self, query: QueryDict) -> QueryDict:
        """Return the address's parameters with those that a saved view has."""
        return query

    def opening(self) -> str:
        """Return the address that opens in place of one without parameters, or nothing."""
        return ""

    def remember(self) -> None:
        """Keep what the list shows now."""

    def whole_url(self) -> str:
        """Return the address of the list without any filter."""
        return self.request.path

    def context(self) -> dict[str, Any]:
        """Return what the page's menu of views needs."""
        return {}


def state_of(view: FilteredListView) -> ListState:
    """Return the state of a list, of the class that an app declares."""
    state_class = next(declared("LIST_STATES"), ListState)
    return state_class(view)


def is_bare(view: FilteredListView) -> bool:
    """Return whether a list shows what it opens with (``standard_query``) and has no row outside of that either."""
    query = view.request.GET
    asked = {name: query[name] for name in query if query[name] and view.filterset_class.filter_of(name)}
    return bool(asked) and asked == QueryDict(view.standard_query()).dict() and not view.get_queryset().exists()


def list_name(path: str) -> str:
    """Return the URL name of the list at ``path``; nothing where there is none or it belongs to one record."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return "" if match.kwargs or match.args else match.view_name
