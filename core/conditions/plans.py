"""The same condition in other forms, where PostgreSQL does not find the quick plan."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact


def ways(condition: Any) -> list[Q]:
    """Return the alternatives of a condition: the rows of each way alone are found sooner than those of all at once."""
    if condition.negated:
        return [condition]
    if condition.connector == Q.OR:
        return [child if isinstance(child, Q) else Q(child) for child in condition.children]
    groups = [child for child in condition.children if _is_choice(child)]
    if len(groups) != 1:
        return [condition]
    rest = Q(*(child for child in condition.children if child is not groups[0]))
    return [rest & way for way in ways(groups[0])]


def _is_choice(child: Any) -> bool:
    return isinstance(child, Q) and not child.negated and child.connector == Q.OR and len(child.children) > 1


def row_by_row(condition: Any) -> Q:
    """Return the condition in a form that is looked at row by row, along the order of a list.

    PostgreSQL may read all rows of a table for an EXISTS or an IN; for these scalar subqueries it cannot. Where many
    rows match, a page of them is found soon.
    """
    each = Q(*map(_each, condition.children), _connector=condition.connector)
    return ~each if condition.negated else each


def _each(child: Any) -> Any:
    if isinstance(child, Q):
        return row_by_row(child)
    if isinstance(child, Exists):
        return _scalar(child)
    if isinstance(child, tuple) and hasattr(child[1], "row_by_row"):
        return _scalar(child[1].row_by_row)
    return child


def _scalar(exists: Exists) -> Exact:
    """Return the condition of an EXISTS as a subquery of one value; where it has no row, the condition is false."""
    query = exists.query.clone()
    query.clear_ordering(force=True)
    query.clear_select_clause()
    query.add_annotation(Value(True), "yes")
    if query.high_mark is None:
        query.set_limits(high=1)
    found = Coalesce(Subquery(query, output_field=BooleanField()), Value(False))  # NULL has no opposite
    return Exact(found, Value(True))
