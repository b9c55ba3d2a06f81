"""What the columns of a list show, as SQL: an export reads texts from the database instead of building objects.

:func:`values_of` returns an expression per column; :func:`copy_statement` lets PostgreSQL write the file from them.
Both yield what :mod:`core.exports` makes of the same rows in Python, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import connection, models
from django.db.models import Case, F, Model, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import get_format

from core.export_watch import Watch
from core.fields import SPACES
from core.tables import Column

#: The signs that begin a formula, with their full-width and small forms, which Excel reads as the same.
FORMULA_SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
#: Characters that XML, and so an Excel file, cannot hold.
UNPRINTABLE = "".join(chr(code) for code in range(1, 32) if code not in (9, 10, 13))


def _one_of(characters: str) -> str:
    return "[" + "".join(f"\\u{ord(character):04x}" for character in characters) + "]"


_FORMULA = f"^{_one_of(chr(9) + chr(10) + chr(13))}|^{_one_of(SPACES)}*{_one_of(FORMULA_SIGNS)}"
_UNUSUAL = f"{_FORMULA}|{_one_of(UNPRINTABLE)}"


def values_of(columns: Sequence[Column], queryset: QuerySet[Any], user: Any) -> list[Any] | None:
    """Return the SQL expression of each column's value, or None if a column has none or the rows cannot be so read."""
    query = queryset.query
    if query.distinct or query.combinator or query.is_sliced:
        return None
    values = [column_sql(column, queryset, user) for column in columns]
    return values if all(value is not None for value in values) else None


def column_sql(column: Column, queryset: QuerySet[Any], user: Any) -> Any:
    """Return the expression of what a file shows of a column: its ``sql``, or what its path leads to; else None."""
    if callable(column.sql):
        return column.sql(user)
    if column.sql is None and (column.export or callable(column.value)):
        return None
    path = column.sql or column.value or column.name
    if path in queryset.query.annotations:
        return F(path)
    return path_sql(queryset.model, str(path))


def path_sql(model: type[Model], path: str) -> Any:
    """Return what an attribute path (``summary.owner``, ``get_state_display``) leads to as text, number or date.

    A row of another table is what its model's ``text_sql`` says; None if there is nothing of that name in the database.
    """
    *steps, name = path.split(".")
    prefix = ""
    try:
        for step in steps:
            prefix += f"{step}__"
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        if name.startswith("get_") and name.endswith("_display"):
            return labels(model, name.removeprefix("get_").removesuffix("_display"), prefix)
        field = model._meta.get_field(name)
    except (FieldDoesNotExist, AttributeError):
        return None
    if field.is_relation:
        return text_sql(field.related_model, f"{prefix}{name}__") if field.many_to_one or field.one_to_one else None
    return F(prefix + name)


def text_sql(model: Any, prefix: str = "") -> Any:
    """Return ``str()`` of the row that ``prefix`` leads to; None if the model does not say it (``text_sql``)."""
    described = getattr(model, "text_sql", None)
    return F(prefix + described) if isinstance(described, str) else described and described(prefix)


def labels(model: type[Model], name: str, prefix: str = "") -> Case:
    """Return the labels of a field's choices in the current language; a value without one is shown as it is."""
    field: Any = model._meta.get_field(name)
    path = prefix + name
    whens = [When(**{path: value}, then=Value(str(label))) for value, label in field.flatchoices if value is not None]
    return Case(*whens, default=F(path), output_field=models.TextField())


def joined(rows: QuerySet[Any], text: Any) -> ArraySubquery:
    """Return the texts of related ``rows`` (filtered by ``OuterRef``, ordered) as a list."""
    return ArraySubquery(rows.values_list(text))


def copy_statement(rows: QuerySet[Any]) -> str | None:
    """Return the ``COPY`` that writes ``rows`` (a ``values_list``) as lines of CSV.

    None if it cannot show a value, or if there is nothing to ask: no row can meet the conditions.

    The values are those of the inner query, in its order; the outer one makes texts of them.
    """
    try:
        shown = _shown(rows)
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    if shown is None:
        return None
    names = [f"c{number}" for number in range(len(shown))]
    texts = ", ".join(template.format(name) for (template, _params), name in zip(shown, names, strict=True))
    text_params = [param for _template, params in shown for param in params]
    select = f"SELECT {texts} FROM ({sql}) AS rows ({', '.join(names)})"  # noqa: S608 - compiled from expressions
    with connection.cursor() as cursor:
        statement = cursor.cursor.mogrify(select, [*text_params, *params]).decode()
    return f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, DELIMITER ';')"


def copy_lines(statement: str, target: IO[bytes], watch: Watch, *, is_single: bool) -> None:
    """Run a ``COPY`` and write its lines to ``target`` as they come; ``is_single`` when they have one cell."""
    lines = _Lines(target, watch, is_single=is_single)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(statement, lines)


#: How PostgreSQL writes a cell that is alone in its line, and how :mod:`csv` does.
_ALONE = {b"": b'""', b'"\\."': b"\\."}


class _Lines:
    """Gets each row from ``COPY`` and writes it with the line end of :mod:`csv`, counting."""

    def __init__(self, target: IO[bytes], watch: Watch, *, is_single: bool) -> None:
        self.target, self.watch, self.is_single = target, watch, is_single

    def write(self, row: bytes) -> int:
        self.watch.done += 1
        line = row[:-1]
        self.target.write((_ALONE.get(line, line) if self.is_single else line) + b"\r\n")
        return len(row)


def _shown(rows: QuerySet[Any]) -> list[tuple[str, list[Any]]] | None:
    """Return how each value becomes the text of its cell: SQL around its name, with parameters."""
    compiler = rows.query.get_compiler(connection=connection)
    compiler.as_sql()
    shown = [_cell(expression.output_field) for expression, _sql, _alias in compiler.select]
    return None if None in shown else shown  # type: ignore[return-value]


def decimal_sign() -> str:
    """Return the decimal sign of the present language."""
    return str(get_format("DECIMAL_SEPARATOR"))


def _cell(field: Any) -> tuple[str, list[Any]] | None:
    """Return the SQL that makes of a value, named ``{0}``, the text of its cell, as :func:`core.exports.cell` does."""
    if isinstance(field, models.DateTimeField):
        zone = timezone.get_current_timezone_name()
        return "to_char({0} AT TIME ZONE %s, 'YYYY-MM-DD HH24:MI')", [zone]
    if isinstance(field, models.DateField):
        return "to_char({0}, 'YYYY-MM-DD')", []
    if isinstance(field, models.BooleanField):
        return "CASE WHEN {0} THEN 'True' WHEN NOT {0} THEN 'False' END", []
    if isinstance(field, models.DecimalField):
        return "replace({0}::text, '.', %s)", [decimal_sign()]
    if isinstance(field, models.IntegerField | models.AutoField):
        return "{0}", []
    if isinstance(field, ArrayField) and isinstance(field.base_field, models.CharField | models.TextField):
        return _guarded("array_to_string({0}, ', ')")
    return _guarded("{0}") if isinstance(field, models.CharField | models.TextField) else None


def _guarded(text: str) -> tuple[str, list[Any]]:
    """Return SQL that leaves out unprintable characters and puts ``'`` before a formula; an empty text is no text."""
    clean = f"translate({text}, %s, '')"
    harmless = f"CASE WHEN {clean} ~ %s THEN '''' ELSE '' END || {clean}"
    sql = f"NULLIF(CASE WHEN {text} ~ %s THEN {harmless} ELSE {text} END, '')"
    return sql, [_UNUSUAL, UNPRINTABLE, _FORMULA, UNPRINTABLE]
