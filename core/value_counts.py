"""How many rows of a list each value of a filter has, for the menu of the filter (``?counts=<filter>``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.db import OperationalError
from django.db.models import Count, QuerySet
from django.http import JsonResponse

from core.filters import FilterSet, YesNoFilter
from core.paging import COUNT_LIMIT, count_up_to, counts_up_to
from core.timeouts import limited, took_too_long

#: The longest time of one statement, in seconds: numbers are an extra, and come late or not at all.
LONGEST = 2
#: Values that are counted one by one, where no field of the rows tells them apart.
MOST_SINGLE = 40
#: Filters that compare one field with the value.
BY_FIELD = (
    django_filters.ModelMultipleChoiceFilter,
    django_filters.MultipleChoiceFilter,
    django_filters.ModelChoiceFilter,
    django_filters.ChoiceFilter,
)

Counts = dict[str, int]


def counts_response(filterset: FilterSet, name: str) -> JsonResponse:
    """Return ``{"counts": {value: rows}, "is_exact": …}``; without numbers where there are too many rows to count."""
    counts = value_counts(filterset, name)
    return JsonResponse({"counts": counts or {}, "is_exact": counts is not None})


def value_counts(filterset: FilterSet, name: str) -> Counts | None:
    """Return the number of rows of each value of the filter ``name`` among those that the other filters let through.

    None if they are more than ``COUNT_LIMIT``, the database needs longer than ``LONGEST`` seconds, or the values cannot
    be distinguished. The number of queries does not depend on the number of rows.
    """
    others = filterset.without(name)
    try:
        with limited(LONGEST):
            rows = others.qs.order_by()
            if count_up_to(rows)[1]:
                return None
            return _counts(others, name, rows)
    except OperationalError as error:
        if took_too_long(error):
            return None
        raise


def _counts(filterset: FilterSet, name: str, rows: QuerySet[Any]) -> Counts | None:
    shown = filterset.filters[name]
    is_choosing = shown.extra.get("empty_label", "") is None  # without a value it chooses too
    if is_choosing or getattr(shown, "is_widening", False):
        return _each_anew(filterset, name)
    own = getattr(shown, "value_counts", None)
    if own:
        counts: Counts = own(rows.values("pk"))
        return counts
    path = filterset.counted_by.get(name) or (shown.field_name if _is_by_field(shown) else "")
    if path:
        return _by_field(rows, path)
    return _one_by_one(shown, filterset.form.fields[name], rows)


def _is_by_field(shown: Any) -> bool:
    """Return whether the filter is a plain comparison: no method and no class of ours filters the rows."""
    filters_itself = any(
        "filter" in vars(kind) for kind in type(shown).__mro__ if not kind.__module__.startswith("django_filters")
    )
    plain = isinstance(shown, BY_FIELD) and not shown.method and not filters_itself
    return plain and shown.lookup_expr == "exact" and not shown.exclude


def _by_field(rows: QuerySet[Any], path: str) -> Counts:
    of_rows = rows.model._default_manager.filter(pk__in=rows.values("pk")).order_by()
    found = of_rows.values_list(path).annotate(rows=Count("pk", distinct=True))
    return {str(value): number for value, number in found if value not in (None, "")}


def _each_anew(filterset: FilterSet, name: str) -> Counts | None:
    values = [key for key, _value in _values(filterset.filters[name], filterset.form.fields[name])]
    each = {key: filterset.having(name, key).qs for key in values[:MOST_SINGLE]}
    return {key: number for key, (number, _more) in counts_up_to(each, COUNT_LIMIT).items()}


def _one_by_one(shown: Any, field: forms.Field, rows: QuerySet[Any]) -> Counts | None:
    values = list(_values(shown, field))
    if not values or len(values) > MOST_SINGLE:
        return None
    is_many = getattr(field.widget, "allow_multiple_selected", False)
    each = {key: shown.filter(rows, [value] if is_many else value) for key, value in values}
    return {key: number for key, (number, _more) in counts_up_to(each, COUNT_LIMIT).items()}


def _values(shown: Any, field: Any) -> Iterable[tuple[str, Any]]:
    """Yield each value of the menu as the address says it and as the filter reads it."""
    if isinstance(shown, YesNoFilter):
        return [("true", True), ("false", False)]
    if isinstance(field, forms.ModelChoiceField):
        rows = list(field.queryset[: MOST_SINGLE + 1]) if field.queryset is not None else []
        return [(str(field.prepare_value(row)), row) for row in rows]
    choices = [(value, label) for value, label in getattr(field, "choices", ()) if value]
    if any(isinstance(label, list | tuple) for _value, label in choices):
        return []
    return [(str(value), value) for value, _label in choices]
