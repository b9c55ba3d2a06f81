"""One declaration of a list's columns serves the screen and the export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import localize, number_format
from django.utils.html import conditional_escape, format_html


@dataclass(frozen=True)
class Column:
    """A column: where its value comes from, how it sorts and how a cell looks.

    ``value`` is an attribute path (``summary.owner``) or a function of the row. ``sort`` is the ORM path that an
    index serves; a column without it can't be sorted. ``template`` renders the cell with ``value``, ``row``;
    ``export`` is what a file gets (the plain value unless given). ``link`` makes the cell lead to the row's page.
    ``shown`` columns are on the screen until the user chooses others; ``wide`` ones are left out on a phone; the one
    that may ``grow`` takes the room that the others leave and is shortened first.
    """

    name: str
    label: Any
    value: str | Callable[[Any], Any] = ""
    sort: str = ""
    template: str = ""
    export: Callable[[Any], Any] | None = None
    link: bool = False
    numeric: bool = False
    shown: bool = True
    wide: bool = False
    grow: bool = False

    def get(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for part in (self.value or self.name).split("."):
            row = getattr(row, part, None)
        return row

    def get_export(self, row: Any) -> Any:
        return self.export(row) if self.export else self.get(row)

    def html(self, row: Any) -> str:
        value = self.get(row)
        if self.template:
            return render_to_string(self.template, {"value": value, "row": row})
        if isinstance(value, dt.datetime):
            value = timezone.localtime(value)
        if self.numeric and isinstance(value, int | Decimal):
            value = number_format(value, use_l10n=True, force_grouping=True)
        text = conditional_escape("–" if value in (None, "") else localize(value))
        return format_html('<a href="{}">{}</a>', row.get_absolute_url(), text) if self.link else text


@dataclass(frozen=True)
class Cell:
    column: Column
    html: str


@dataclass(frozen=True)
class Row:
    object: Any
    url: str
    cells: list[Cell]


@dataclass(frozen=True)
class Header:
    name: str
    label: Any
    sort_url: str
    sorted: str
    numeric: bool
    wide: bool
    grow: bool


@dataclass(frozen=True)
class Choice:
    name: str
    label: Any
    shown: bool


@dataclass(frozen=True)
class Table:
    """A list's columns and its default order (column names, ``-`` before a descending one)."""

    columns: Sequence[Column]
    default_sort: str

    def chosen(self, names: Iterable[str]) -> list[Column]:
        """Return the columns to show: the user's choice in declared order, on a phone too, or the default ones."""
        wanted = set(names) & {column.name for column in self.columns}
        if not wanted:
            return [column for column in self.columns if column.shown]
        return [replace(column, wide=False) for column in self.columns if column.name in wanted]

    @property
    def sort_paths(self) -> dict[str, str]:
        """The ORM path behind each sortable column."""
        return {column.name: column.sort for column in self.columns if column.sort}

    def sort(self, asked: str) -> str:
        """Return ``asked`` (``?sort=``) if it names a sortable column, else the default."""
        return asked if asked.lstrip("-") in self.sort_paths else self.default_sort

    def order(self, asked: str) -> str:
        """Return the ORM path (``-`` when descending) for ``?sort=``."""
        sort = self.sort(asked)
        return ("-" if sort.startswith("-") else "") + self.sort_paths[sort.lstrip("-")]


@dataclass
class BoundTable:
    """What ``generic/list.html`` draws."""

    columns: list[Header]
    rows: list[Row]
    all_columns: list[Choice] = field(default_factory=list)


def bind_rows(columns: list[Column], objects: Iterable[Any]) -> list[Row]:
    return [
        Row(obj, getattr(obj, "get_absolute_url", str)(), [Cell(column, column.html(obj)) for column in columns])
        for obj in objects
    ]
