"""Messages for violated database constraints, for two users who do the same thing at once.

Forms and serializers check the constraints first, but another request may write between the check and the write. The
database then refuses, and the message is the one that the check would have given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import BaseConstraint, CheckConstraint, F, Field, Model, Q, UniqueConstraint
from django.utils.translation import gettext as _


def violation(error: IntegrityError) -> ValidationError | None:
    """Return the error that a form would have shown, at its field where there is one; None where it is unknown."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return _told(constraint, field_of(constraint, model))
        for field in model._meta.local_concrete_fields:
            if field.unique and _is_index_of(field, model, name):
                return ValidationError({field.name: _("Somebody else has just taken this. Choose another.")})
    return None


def _told(constraint: BaseConstraint, field: str) -> ValidationError:
    is_own = constraint.violation_error_message != constraint.default_violation_error_message
    text = (
        constraint.violation_error_message
        if is_own
        else _("Somebody else has just saved the same data. Reload the page.")
    )
    return ValidationError({field: text} if field else str(text))


def field_of(constraint: BaseConstraint, model: type[Model], left_out: Collection[str] = ()) -> str:
    """Return the field that a constraint is about: the last one that it names, ``business_id`` or ``last`` of a check.

    A check names its fields in no order: it is the last one of the model, as forms have them, of those that people
    edit and a form has not ``left_out``. Of other constraints, such as those of days that overlap, it is none.
    """
    if isinstance(constraint, CheckConstraint):
        return _last_of(model, set(_named(constraint.condition)), left_out)
    if not isinstance(constraint, UniqueConstraint):
        return ""
    if constraint.fields:
        return constraint.fields[-1]
    parts = chain.from_iterable(map(_parts, constraint.expressions))
    named: list[str] = [part.name for part in parts if isinstance(part, F)]  # type: ignore[attr-defined]
    return named[-1] if named else ""


def _last_of(model: type[Model], names: Collection[str], left_out: Collection[str]) -> str:
    fields = [field for field in model._meta.fields if field.name in names]
    edited = [field for field in fields if field.editable and field.name not in left_out]
    return next((field.name for field in reversed(edited or fields)), "")


def _named(condition: Any) -> Iterator[str]:
    """Yield the fields that a condition compares, and those that it compares them with."""
    if isinstance(condition, Q):
        for child in condition.children:
            yield from _named(child)
    elif isinstance(condition, tuple):
        yield condition[0].partition("__")[0]
        yield from _named(condition[1])
    else:
        found: list[str] = [part.name for part in _parts(condition) if isinstance(part, F)]  # type: ignore[attr-defined]
        yield from (name.partition("__")[0] for name in found)


def _parts(expression: Any) -> Iterator[Any]:
    yield expression
    for part in expression.get_source_expressions() if hasattr(expression, "get_source_expressions") else ():
        yield from _parts(part)


def _is_index_of(field: Field[Any, Any], model: type[Model], name: str | None) -> bool:
    """PostgreSQL and Django name the constraint of a unique field by table and column."""
    start = f"{model._meta.db_table}_{field.column}_"
    return bool(name and name.startswith(start) and name.endswith(("_uniq", "_key")))
