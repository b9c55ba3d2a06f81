"""The parameters of an endpoint's address: one that nothing reads is an error, it never means "all"."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS

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


def declared_parameters(view: Any) -> frozenset[str]:
    """Return the names of the parameters that the schema of the action has besides filters and pages."""
    schema = action_schema(view)
    found = schema.get_override_parameters() if schema else []
    return frozenset(
        item.name for item in found if isinstance(item, OpenApiParameter) and item.location == OpenApiParameter.QUERY
    )


def check_query(view: Any) -> None:
    """Raise ``ValidationError`` for parameters that the action does not know, before it does anything."""
    asked = set(view.request.query_params)
    if asked:
        known = declared_parameters(view) | FRAMEWORK
        if view.request.method in SAFE_METHODS:
            known |= filter_names(view) | (PAGING if view.paginator else frozenset())
        _refuse(asked - known)


def check_unread(view: Any) -> None:
    """Raise ``ValidationError`` for filters that the action has not asked, and pages of what has none."""
    asked = set(view.request.query_params) - declared_parameters(view)
    unread = set() if getattr(view.request, "filters_read", False) else asked & filter_names(view)
    if view.paginator is None or view.paginator.page is None:
        unread |= (asked & PAGING) - filter_names(view)
    _refuse(unread)


def filter_names(view: Any) -> frozenset[str]:
    """Return the names of all filters of the view; the filter set itself refuses those that the user may not use."""
    filterset = getattr(view, "filterset_class", None)
    return frozenset((*filterset.base_filters, *filterset.old_names)) if filterset else frozenset()


def _refuse(names: set[str]) -> None:
    if names:
        raise ValidationError({name: [_("There is no such parameter here.")] for name in sorted(names)})
