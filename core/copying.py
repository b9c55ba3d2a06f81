"""New rows by ``COPY``: what an ``INSERT`` of many rows says, at a fraction of its time."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Model

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def copy_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values of the fields ``names`` (``customer_id``, ``code``); columns not named get no default.

    A key that is not named is given by the database. Triggers run as with any insert.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = list(zip(*rows, strict=True))
    if columns:
        cells = [_column(fields[name], values) for name, values in zip(names, columns, strict=True)]
        copy_lines(model, names, map("\t".join, zip(*cells, strict=True)))


def copy_lines(model: type[Model], names: Sequence[str], lines: Iterable[str]) -> None:
    """Insert rows of cells as ``COPY`` reads them, with the values of the fields ``names``."""
    fields = {field.attname: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{fields[name]}"' for name in names)
    text = io.StringIO("\n".join([*lines, ""]))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN', text)


@dataclass(slots=True)
class Pattern:
    """An unsaved object to which the rows to insert are equal, but for the values of the fields ``varying``."""

    names: list[str]
    #: The row with ``%s`` where a value varies, and the places of these values in the order of the row.
    _line: str
    _order: list[int]

    @classmethod
    def of(cls, item: Model, varying: Sequence[str], *, without_key: bool = False) -> Pattern:
        """Return the pattern of an object; ``without_key``: the database gives the rows their keys."""
        fields = [field for field in item._meta.concrete_fields if not field.generated]
        fields = [field for field in fields if not (without_key and field.primary_key)]
        names = [field.attname for field in fields]
        cells = [_writer(field)(field.pre_save(item, add=True)).replace("%", "%%") for field in fields]
        for name in varying:
            cells[names.index(name)] = "%s"
        return cls(names, "\t".join(cells), sorted(range(len(varying)), key=lambda place: names.index(varying[place])))

    def line(self, cells: Sequence[str]) -> str:
        """Return the row with these cells (:func:`cells_of`) of the varying fields."""
        return self._line % tuple([cells[place] for place in self._order])


def cells_of(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of rows of plain values, of which each column has one type."""
    return zip(*[map(_Cells().__getitem__, column) for column in zip(*rows, strict=True)], strict=True)


def new_keys(model: type[Model], count: int) -> list[int]:
    """Return keys for rows to insert."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, column])  # once, not for each key
        [sequence] = cursor.fetchone()
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [pk for (pk,) in cursor.fetchall()]


class _Cells(dict[Any, str]):
    """The cells of the values of a column, which are of one type, each written once: most come again."""

    def __missing__(self, value: Any) -> str:
        cell = self[value] = _cell(value)
        return cell


def _column(field: Field[Any, Any], values: Iterable[Any]) -> Iterable[str]:
    """Return the values of a field as cells of ``COPY``; those of lists and JSON have no key to know them by."""
    is_plain = not isinstance(field, ArrayField | JSONField)
    return map(_Cells().__getitem__ if is_plain else _writer(field), values)


def _writer(field: Field[Any, Any]) -> Callable[[Any], str]:
    """Return the function that writes a value of a field as a cell of ``COPY``."""
    if isinstance(field, JSONField):
        return lambda value: "\\N" if value is None else json.dumps(value, cls=field.encoder).translate(_ESCAPES)
    return _cell


def _text(value: str) -> str:
    """Return a text as a cell; most have nothing to escape."""
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


_PLAIN: Mapping[type, Callable[[Any], str]] = {
    NoneType: lambda value: "\\N",
    str: _text,
    bool: lambda value: "t" if value else "f",
    int: str,
    Decimal: str,
    dt.date: dt.date.isoformat,
    dt.datetime: dt.datetime.isoformat,
}


def _cell(value: Any) -> str:
    write = _PLAIN.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, str):  # a choice
        return str(value).translate(_ESCAPES)
    if isinstance(value, list | tuple):
        return "{" + ",".join([_element(item) for item in value]) + "}"
    raise TypeError(f"COPY knows no {type(value).__name__}")


def _element(value: Any) -> str:
    """Return an element of an array, quoted where it is text."""
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return _cell(value)
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'.translate(_ESCAPES)
