"""The parameters of an endpoint's address: one that nothing reads is an error, it never means "all"."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS

from core.filters import ONCE

PAGING = frozenset(("limit", "after", "before", "ordering"))
#: What the framework itself reads.
FRAMEWORK = frozenset(("format",))


class FilterBackend(DjangoFilterBackend):
    """Filters of lists. An error of a filter set, about a filter that the user may not use too, is a 400."""


def action_schema(view: Any) -> Any:
    """Return what ``extend_schema`` says about the action that is asked for, None where it says nothing."""
    handler = getattr(view, view.action or "", None)
    schema_class = getattr(handler, "kwargs", {}).get("schema")
    if schema_class is None:
        return None
    schema = schema_class()
    schema.view, schema.method = view, view.request.method
    return schema


def declared_parameters(view: Any) -> dict[str, bool]:
    """Return the parameters that the schema of the action has besides filters and pages, and which may be repeated."""
    schema = action_schema(view)
    found = schema.get_override_parameters() if schema else []
    own = [item for item in found if isinstance(item, OpenApiParameter) and item.location == OpenApiParameter.QUERY]
    return {item.name: bool(item.many) for item in own}


def check_query(view: Any) -> None:
    """Raise ``ValidationError`` for parameters that the action does not know, before it does anything."""
    query = view.request.query_params
    if query:
        declared = declared_parameters(view)
        known, filters = FRAMEWORK.union(declared), filter_names(view)
        if view.request.method in SAFE_METHODS:
            known |= filters | (PAGING if view.paginator else frozenset())
        _refuse(set(query) - known)
        once = known - filters - {name for name, many in declared.items() if many}
        _refuse_repeated({name for name in once if len(query.getlist(name)) > 1})


def check_unread(view: Any) -> None:
    """Raise ``ValidationError`` for filters that the action has not asked, and pages of what has none."""
    asked = set(view.request.query_params) - declared_parameters(view).keys()
    unread = set() if getattr(view.request, "filters_read", False) else asked & filter_names(view)
    if view.paginator is None or view.paginator.page is None:
        unread |= (asked & PAGING) - filter_names(view)
    _refuse(unread)


def filter_names(view: Any) -> frozenset[str]:
    """Return the names of all filters of the view; the filter set itself refuses those that the user may not use."""
    filterset = getattr(view, "filterset_class", None)
    if not filterset:
        return frozenset()
    of_rows = [name for name in view.request.query_params if filterset.filter_of(name)]
    return frozenset((*filterset.base_filters, *filterset.old_names, *filterset.former, *of_rows))


def _refuse_repeated(names: set[str]) -> None:
    if names:
        raise ValidationError({name: [ONCE % {"name": name}] for name in sorted(names)})


def _refuse(names: set[str]) -> None:
    if names:
        raise ValidationError({name: [_("There is no such parameter here.")] for name in sorted(names)})
