"""COPY of generated rows into a model's table."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core import clock


class CopyTable:
    """Collects rows of one model and copies them. Columns that a row does not give get the model's defaults."""

    def __init__(self, model: type[models.Model], columns: tuple[str, ...], **constants: Any) -> None:
        fields = {str(field.column): field for field in model._meta.local_concrete_fields}
        others = [name for name, field in fields.items() if name not in columns and not _is_made_by_database(field)]
        self.model = model
        self.constants = tuple(constants.get(name, _default(fields[name])) for name in others)
        self.sql = _copy_sql(model._meta.db_table, [*columns, *others], fields)
        self._clear()

    def add(self, row: tuple[Any, ...]) -> None:
        self.writer.writerow(row + self.constants)

    def flush(self, cursor: Any) -> None:
        """Copy the collected rows. An empty text is stored as no value where the column allows null."""
        if self.buffer.tell():
            self.buffer.seek(0)
            cursor.copy_expert(self.sql, self.buffer)
            self._clear()

    def _clear(self) -> None:
        self.buffer = io.StringIO(newline="")
        self.writer = csv.writer(self.buffer, lineterminator="\n")


def _is_made_by_database(field: models.Field[Any, Any]) -> bool:
    return field.primary_key or getattr(field, "generated", False)


def _default(field: models.Field[Any, Any]) -> Any:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return clock.now().isoformat()
    value = field.get_default()
    if isinstance(field, ArrayField):
        return "{" + ",".join(map(str, value or ())) + "}"
    return json.dumps(value) if isinstance(value, dict | list) else value


def _copy_sql(table: str, columns: list[str], fields: dict[str, models.Field[Any, Any]]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    filled = ", ".join(f'"{name}"' for name in columns if not fields[name].null)
    return f'COPY "{table}" ({names}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({filled}))'
