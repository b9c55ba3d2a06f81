"""The lists that can have saved views: those with an address of their own, by their URL names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, URLResolver, get_resolver, resolve, reverse
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError
from core.list_rows import list_view
from core.list_states import PASSING
from core.permissions import allowed


def list_names() -> tuple[str, ...]:
    """Return the URL names of all lists."""
    return tuple(sorted(_classes()))


@cache
def _classes() -> dict[str, Any]:
    """Return the classes of all lists by their URL names."""
    found = ((name, _list_at(name)) for name in set(_names(get_resolver())))
    return {name: view for name, view in found if view is not None}


def _list_at(name: str) -> Any:
    try:
        view: Any = getattr(resolve(reverse(name)).func, "view_class", None)
    except NoReverseMatch:
        return None
    return view if hasattr(view, "filterset_class") and hasattr(view, "own_parameters") else None


def _names(resolver: Any, prefix: str = "") -> Iterator[str]:
    """Yield the URL names of a resolver, with their namespaces."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif pattern.name and not pattern.pattern.converters:
            yield prefix + pattern.name


def list_choices() -> list[tuple[str, str]]:
    """Return the names and the titles of all lists, by title."""
    return sorted(((name, list_label(name)) for name in list_names()), key=lambda choice: choice[1].casefold())


def list_class(name: str) -> Any:
    """Return the class of the list with the URL name ``name``, or None where there is no such list."""
    return _classes().get(name)


def list_label(name: str) -> str:
    """Return the title of a list; its name where there is no such list any more."""
    found = list_class(name)
    return str(found.title) if found else name


def table_of(found: Any, query: QueryDict) -> Any:
    """Return the table of a list, which may depend on its tab."""
    if not isinstance(found.table, property):
        return found.table
    page: Any = found()
    request: Any = HttpRequest()
    request.GET, request.user = query, AnonymousUser()
    page.request = request
    return page.table


def may_open(name: str, user: Any) -> bool:
    """Return whether the user may open a list."""
    found = list_class(name)
    return found is not None and allowed(user, found.permission_required)


def open_lists(user: Any) -> list[str]:
    """Return the URL names of the lists that the user may open."""
    return [name for name in list_names() if may_open(name, user)]


def opened(name: str, query: str, user: Any) -> tuple[Any, Any]:
    """Return the view and the filter set of a list with the parameters of ``query``, as the user opens it.

    Raises :class:`BusinessRuleError` ``no_list`` if the user has no such list.
    """
    if not may_open(name, user):
        raise BusinessRuleError("no_list", _("There is no such list."), field="list")
    view = list_view(reverse(name), query, user)
    filterset = view.get_filterset()
    view.check_parameters(filterset)
    return view, filterset


def layout_names(view: Any) -> list[str]:
    """Return the names of a list's own parameters that say what it shows: order, columns, tab, grouping."""
    return [name for name in view.own_parameters() if name not in PASSING]


def shown_query(view: Any) -> QueryDict:
    """Return what an open list shows as parameters: its filters, its order, the columns that were chosen."""
    asked: QueryDict = view.request.GET
    query = QueryDict(mutable=True)
    base, filter_of = view.filterset_class.base_filters, view.filterset_class.filter_of
    of_rows = [name for name in asked if name not in base and filter_of(name)]
    for name in [*base, *of_rows, *layout_names(view)]:
        values = [value for value in asked.getlist(name) if value]
        if values:
            query.setlist(name, values)
    query["sort"] = view.sort
    if hasattr(view, "list_tabs"):
        query["tab"] = view.tab  # which may depend on the user
    columns = view.asked_columns()
    if columns:
        query.setlist("columns", columns)
    return query


def same(one: QueryDict, other: QueryDict) -> bool:
    """Return whether two states of a list show the same."""
    return _state(one) == _state(other)


def _state(query: QueryDict) -> dict[str, list[str]]:
    """Return the values of each parameter; but for the columns their order does not matter."""
    return {name: values if name == "columns" else sorted(values) for name, values in query.lists()}
