"""The statements of an undo: records that the run made are removed, changed ones get their former values back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from core import clock
from core.undo.items import SNAPSHOT, Item, columns_of, pk_column, quoted
from core.undo.plan import Plan


def take_back(plan: Plan) -> None:
    """Take back what is planned, with a few statements for each table.

    What was made is removed first: it may hold a name, number or period that the former record needs. Nothing is
    cascaded: a record that somebody has meanwhile referred to raises ``IntegrityError`` when the constraints are
    checked.
    """
    for model in reversed(plan.undoing.models):
        own = [item for item in plan.done if item.model is model]
        _remove(model, [item.pk for item in own if item.is_made])
        _restore(model, [item for item in own if item.is_changed and item.before])
        _add_again(model, [item.before.id for item in own if item.is_removed and item.before])


def remove_followers(plan: Plan) -> None:
    """Remove the records without a history that belong to those that go."""
    made = ids_by_model(item for item in plan.done if item.is_made)
    for follower in plan.undoing.followers:
        rows = follower.rows(made[follower.of])
        if follower.only:
            rows.delete()
        else:
            rows._raw_delete(rows.db)


def ids_by_model(items: Iterable[Item]) -> dict[type[Model], list[int]]:
    ids: dict[type[Model], list[int]] = defaultdict(list)
    for item in items:
        ids[item.model].append(item.pk)
    return ids


def check_constraints() -> None:
    """Raise ``IntegrityError`` now, not at the end of the transaction, if something refers to what was removed."""
    _execute("SET CONSTRAINTS ALL IMMEDIATE", None)
    _execute("SET CONSTRAINTS ALL DEFERRED", None)


def snapshot(model: type[Model], column: str, ids: Sequence[int]) -> None:
    """Keep in the history what records are now that have none: an undo needs the values before the first change.

    They are those with one of ``ids`` in ``column``. Records that were loaded without a history, such as the
    demonstration data, have none.
    """
    columns = ", ".join(quoted(name) for name in columns_of(model))
    sql = f"""
        INSERT INTO {_events(model)} ({columns}, pgh_obj_id, pgh_label, pgh_created_at)
        SELECT {columns}, t.{quoted(pk_column(model))}, %(label)s, %(now)s FROM {quoted(model._meta.db_table)} t
        WHERE t.{quoted(column)} = ANY(%(ids)s)
            AND NOT EXISTS (SELECT 1 FROM {_events(model)} e WHERE e.pgh_obj_id = t.{quoted(pk_column(model))})
    """  # noqa: S608
    _execute(sql, {"ids": list(ids), "label": SNAPSHOT, "now": clock.now()})


def _remove(model: type[Model], ids: Sequence[int]) -> None:
    if ids:
        _execute(f"DELETE FROM {quoted(model._meta.db_table)} WHERE {quoted(pk_column(model))} = ANY(%s)", [list(ids)])  # noqa: S608


def _restore(model: type[Model], items: Iterable[Item]) -> None:
    """Write the content before the run to these records, as a new version."""
    by_columns: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for item in items:
        if item.before:
            by_columns[item.columns].append(item.before.id)
    for columns, event_ids in by_columns.items():
        _restore_columns(model, columns, event_ids)


def _restore_columns(model: type[Model], columns: Sequence[str], event_ids: Sequence[int]) -> None:
    pk, own = pk_column(model), {field.column for field in model._meta.concrete_fields}
    sets = [f"{quoted(column)} = e.{quoted(column)}" for column in columns if column != pk]
    sets += ["version = t.version + 1"] if "version" in own else []
    sets += ["updated_at = %(now)s"] if "updated_at" in own else []
    sql = f"""
        UPDATE {quoted(model._meta.db_table)} t SET {", ".join(sets)}
        FROM {_events(model)} e WHERE e.pgh_id = ANY(%(ids)s) AND t.{quoted(pk)} = e.pgh_obj_id
    """  # noqa: S608
    _execute(sql, {"ids": list(event_ids), "now": clock.now()})


def _add_again(model: type[Model], event_ids: Sequence[int]) -> None:
    """Add the records of these events with their former ids."""
    if not event_ids:
        return
    columns = ", ".join(quoted(column) for column in columns_of(model))
    sql = f"""
        INSERT INTO {quoted(model._meta.db_table)} ({columns})
        SELECT {columns} FROM {_events(model)} WHERE pgh_id = ANY(%s)
    """  # noqa: S608
    _execute(sql, [list(event_ids)])


def _events(model: type[Model]) -> str:
    return quoted(model.pgh_event_model._meta.db_table)  # type: ignore[attr-defined]


def _execute(sql: str, params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
