"""Figures as SQL: for columns, filters and conditions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, DecimalField, F, Func, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from core.metrics import Metric


class Numeric(Func):
    """A text as a number of any length: what the indexes of figures have."""

    template = "(%(expressions)s)::numeric"
    output_field = DecimalField(max_digits=20, decimal_places=2)


def figure(code: str, path: str = "values") -> Numeric:
    """Return a figure as a number: ``("values" ->> 'code')::numeric``; NULL where it is not known."""
    return Numeric(KeyTextTransform(code, F(path)))


def rounded(code: str, path: str, digits: int) -> Cast:
    """Return a figure with so many decimals."""
    return Cast(KeyTextTransform(code, F(path)), DecimalField(max_digits=20, decimal_places=digits))


def value_of(row: Any, metric: Metric) -> Decimal | None:
    """Return a figure of a customer that was read with its metrics."""
    kept = getattr(row, "metrics", None)
    value = kept.values.get(metric.code) if kept else None
    return None if value is None else Decimal(str(value)).quantize(Decimal(1).scaleb(-metric.unit.digits))


def is_missing(metrics: Sequence[Metric], path: str = "metrics") -> Q:
    """Return the condition that one of the figures is not known."""
    if not metrics:
        return Q(pk__in=[])
    codes = [metric.code for metric in metrics]
    return Q(**{f"{path}__isnull": True}) | ~Q(**{f"{path}__values__has_keys": codes})


def missing_of(row: Any, metrics: Sequence[Metric]) -> list[str]:
    """Return the names of the figures of a customer that are not known."""
    return [str(metric.label) for metric in metrics if value_of(row, metric) is None]


def missing_sql(metrics: Sequence[Metric], path: str = "metrics") -> Any:
    """Return :func:`missing_of` as one text."""
    texts = [
        Case(
            When(**{f"{path}__values__has_key": metric.code}, then=Value(None, output_field=CharField())),
            default=Value(str(metric.label)),
            output_field=CharField(),
        )
        for metric in metrics
    ]
    return Func(Value(", "), *texts, function="concat_ws", output_field=TextField())
