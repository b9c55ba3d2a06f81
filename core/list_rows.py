"""The rows of a list by its address, as a user sees them: for exports as jobs and bulk operations."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError


def list_of(path: str, query: str, user: Any) -> tuple[Any, Any]:
    """Return the view of the list at ``path`` and the rows that its filters let through, as if the user asked for it.

    Raises :class:`BusinessRuleError`: ``forbidden`` if the user may not have the list, or there is none at the
    address; ``filter`` if a parameter cannot be read.
    """
    try:
        view = list_view(path, query, user)
        view.check_permissions()
        filterset = view.get_filterset()
        view.check_parameters(filterset)
        if filterset.is_valid():
            return view, filterset.qs
    except (PermissionDenied, Http404):
        raise no_access() from None
    raise BusinessRuleError("filter", filterset.error_text(), field="filter")


def no_access() -> BusinessRuleError:
    return BusinessRuleError("forbidden", _("You no longer have access to this list."))


def list_view(path: str, query: str, user: Any) -> Any:
    """Return the view of the list at ``path`` as if the user asked for it. Raise Http404 if there is none."""
    request: Any = HttpRequest()
    request.method, request.path, request.user = "GET", path, user
    request.GET = QueryDict(query)
    match: Any = resolve(path)
    view_class: Any = getattr(match.func, "view_class", None)
    if not hasattr(view_class, "get_export_queryset"):  # a later version has another page there
        raise Http404
    view = view_class()
    view.setup(request, *match.args, **match.kwargs)
    return view
