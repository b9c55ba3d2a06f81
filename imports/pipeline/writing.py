"""Set-based writes: one statement for all rows of a batch in a table, however many columns they fill."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

from core import clock

#: The values of one row by column.
Record = Mapping[str, Any]


def next_ids(model: type[Model], count: int) -> list[int]:
    """Reserve and return ids of new rows, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def rows_insert(model: type[Model], records: Sequence[Record]) -> None:
    """Insert the records in one statement. A column without a value gets the default of its field."""
    if not records:
        return
    given = {name for record in records for name in record}
    everywhere = defaults(model)
    base = {name: everywhere[name] for name in given if name in everywhere}
    constants = {name: value for name, value in everywhere.items() if name not in given}
    columns = [*sorted(given), *constants]
    values = [*(f"r.{_quoted(name)}" for name in sorted(given)), *("%s" for _name in constants)]
    sql = (
        f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(map(_quoted, columns))}) "  # noqa: S608
        f"SELECT {', '.join(values)} FROM {recordset(model, sorted(given))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*constants.values(), as_json({**base, **record} for record in records)])


def rows_update(model: type[Model], records: Sequence[Record]) -> None:
    """Update the rows of the records, which all have the same columns and ``id``, in one statement."""
    if not records:
        return
    names = sorted(records[0].keys() - {"id"})
    sets = ", ".join(f"{_quoted(name)} = r.{_quoted(name)}" for name in names)
    table = _quoted(model._meta.db_table)
    sql = f"UPDATE {table} t SET {sets} FROM {recordset(model, ['id', *names])} WHERE t.id = r.id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [as_json(records)])


def objects_update(objects: Sequence[Model], names: Iterable[str]) -> None:
    """Write the named fields of the objects, all of one model, in one statement."""
    if objects:
        fields: list[Any] = [type(objects[0])._meta.get_field(name) for name in ("id", *names)]
        columns = [(field.column, field.attname) for field in fields]
        records = [{column: getattr(item, attribute) for column, attribute in columns} for item in objects]
        rows_update(type(objects[0]), records)


def recordset(model: type[Model], columns: Iterable[str]) -> str:
    """Return the SQL of a table ``r`` of records of the model, of which one parameter holds the JSON."""
    types = _types(model)
    return f"json_to_recordset(%s) AS r({', '.join(f'{_quoted(name)} {types[name]}' for name in columns)})"


def as_json(records: Iterable[Record]) -> str:
    """Return records as JSON; decimals and dates become texts, which the database reads."""
    return json.dumps(list(records), default=str, ensure_ascii=False)


@cache
def _types(model: type[Model]) -> dict[str, str]:
    """Return the database type of each column that is not computed."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.generated]
    return {field.column: str(field.db_type(connection)) for field in fields}


def defaults(model: type[Model]) -> dict[str, Any]:
    """Return the value that each column but the id has in a new row that says nothing about it."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not (field.generated or field.primary_key)]
    now = clock.now()
    dated = {field.column for field in fields if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", 0)}
    return {field.column: now if field.column in dated else field.get_default() for field in fields}


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
