"""One declaration of a list's columns serves the screen and the export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.formats import localize
from django.utils.safestring import SafeString

from core.formatting import date_text, number_text
from core.html import html, safe

TICK = '<td class="tick"><input type="checkbox" class="form-check-input" name="ids" value="{}" aria-label="{}"></td>'


@dataclass(frozen=True)
class Total:
    """A sum at the foot of a list: the field that is summed, of which rows, and its definition in words.

    ``always``: also where the column is not shown.
    """

    of: str
    title: Any
    where: Q | None = None
    always: bool = False


@dataclass(frozen=True)
class Column:
    """A column: where its value comes from, how it sorts and how a cell looks.

    ``value`` is an attribute path (``summary.owner``; a method is called) or a function of the row. ``sort`` is the ORM
    path that an index serves; a column without it can't be sorted. ``cell`` draws the cell from value and row
    (``core.cells``); ``export`` is what a file gets (the plain value unless given). ``link`` makes the cell lead to the
    row's page.
    ``shown`` columns are on the screen until the user chooses others; ``wide`` ones are left out on a phone; the one
    that may ``grow`` takes the room that the others leave. A ``long`` text is broken into lines. ``inline`` names the
    field that is edited in its cells (``core.inline``). ``card`` is set by the table: the ``head`` and the ``fact``s
    of a row's card on a phone.

    ``sql`` says where the database finds what a file gets: a path, or a function of the user that returns an
    expression. A plain ``value`` needs none (docs/architecture.md, *Exports*). ``finish`` makes of that value what
    SQL cannot.
    """

    name: str
    label: Any
    value: str | Callable[[Any], Any] = ""
    sort: str = ""
    cell: Callable[[Any, Any], Any] | None = None
    export: Callable[[Any], Any] | None = None
    link: bool = False
    numeric: bool = False
    shown: bool = True
    wide: bool = False
    grow: bool = False
    long: bool = False
    inline: str = ""
    sql: str | Callable[[Any], Any] | None = None
    finish: Callable[[Any], Any] | None = None
    card: str = ""
    total: Total | None = None

    @cached_property
    def _path(self) -> list[str]:
        return str(self.value or self.name).split(".")

    @cached_property
    def css(self) -> SafeString:
        """The class attribute of its cells, with the space before it."""
        has = (
            ("num", self.numeric),
            ("grow", self.grow),
            ("long", self.long or self.grow),
            (self.card, self.card),
            ("hide-sm", self.wide),
        )
        names = [name for name, it_has in has if it_has]
        label = html(' data-label="{}"', self.label) if self.card == "fact" else ""
        return SafeString((f' class="{" ".join(names)}"' if names else "") + label)

    @cached_property
    def editable_css(self) -> SafeString:
        """The attributes of its cells in rows that the user may change."""
        if not self.inline:
            return self.css
        column = f' data-column="{self.name}"' if self.name != self.inline else ""
        return SafeString(f'{self.css} data-inline="{self.inline}"{column}')

    def get(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for part in self._path:
            row = getattr(row, part, None)
        return row() if callable(row) else row

    def get_export(self, row: Any) -> Any:
        return self.export(row) if self.export else self.get(row)

    def html(self, row: Any) -> SafeString:
        return self.html_of(self.get(row), row)

    def html_of(self, value: Any, row: Any) -> SafeString:
        if self.cell:
            return safe(self.cell(value, row))
        text = safe("–" if value in (None, "") else self._text(value))
        return html('<a href="{}">{}</a>', row.get_absolute_url(), text) if self.link and row else text

    def _text(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, dt.datetime):
            return date_text(value, "DATETIME_FORMAT")
        if isinstance(value, dt.date):
            return date_text(value, "DATE_FORMAT")
        return number_text(value) if self.numeric and isinstance(value, int | Decimal) else localize(value)


@dataclass(frozen=True)
class Cell:
    column: Column
    html: SafeString


@dataclass(frozen=True)
class Row:
    object: Any
    cells: list[Cell]
    is_editable: bool = False
    about: Any = None  # what its box selects, where that is another record

    def html(self, tick: str = "") -> SafeString:
        """Return the row of the table; ``tick`` is the text of the box that selects it, with ``%(name)s``."""
        about = self.about or self.object
        box = html(TICK, about.pk, tick % {"name": about}) if tick else ""
        if self.is_editable:
            cells = "".join([f"<td{cell.column.editable_css}>{cell.html}</td>" for cell in self.cells])
            return SafeString(f'<tr data-row="{int(self.object.pk)}">{box}{cells}</tr>')
        cells = "".join([f"<td{cell.column.css}>{cell.html}</td>" for cell in self.cells])
        return SafeString(f"<tr>{box}{cells}</tr>")


@dataclass(frozen=True)
class Header:
    name: str
    label: Any
    sort_url: str
    sorted: str
    numeric: bool
    wide: bool
    grow: bool
    width: int = 0  # in CSS pixels, as the user has drawn it


@dataclass(frozen=True)
class Choice:
    """A column that may be shown; ``up_url`` moves one that is to the left."""

    name: str
    label: Any
    shown: bool
    up_url: str = ""


def column_choices(
    columns: Iterable[Column], shown: Sequence[Column], url_of: Callable[[list[str]], str]
) -> list[Choice]:
    """Return the columns that a list may show: first those that it does, in their order, with how one is moved.

    ``url_of`` returns the address of the list with columns of these names.
    """
    names = [column.name for column in shown]
    rest = [Choice(column.name, column.label, False) for column in columns if column.name not in names]
    first = [
        Choice(column.name, column.label, True, url_of(_moved_up(names, at)) if at else "")
        for at, column in enumerate(shown)
    ]
    return [*first, *rest]


def _moved_up(names: list[str], at: int) -> list[str]:
    """Return the names with the one ``at`` a place before the one before it."""
    return [*names[: at - 1], names[at], names[at - 1], *names[at + 1 :]]


@dataclass(frozen=True)
class Table:
    """A list's columns and its default order (column names, ``-`` before a descending one).

    On a phone each row is a card: of the columns that lead to the row, the one that may grow or else the first is its
    head, and ``facts`` names the three columns below it.
    """

    columns: Sequence[Column]
    default_sort: str
    facts: Sequence[str] = ()

    def chosen(self, names: Iterable[str]) -> list[Column]:
        """Return the columns to show: the user's choice in its order, on a phone too, or the default ones."""
        known = {column.name: column for column in self.columns}
        chosen = {name: known[name] for name in names if name in known}
        if not chosen:
            return self._as_cards([column for column in self.columns if column.shown], self.facts)
        return self._as_cards(list(chosen.values()), chosen)

    def _as_cards(self, columns: list[Column], facts: Collection[str]) -> list[Column]:
        head = self.head_of(columns)
        return [
            replace(column, card="head" if column is head else "fact", wide=False)
            if column is head or column.name in facts
            else column
            for column in columns
        ]

    @staticmethod
    def head_of(columns: Sequence[Column]) -> Column:
        """Return the column that names the row: one that leads to it, if there is any."""
        leading = [column for column in columns if column.link] or list(columns)
        return next((column for column in leading if column.grow), leading[0])

    @property
    def sort_paths(self) -> dict[str, str]:
        """The ORM path behind each sortable column."""
        return {column.name: column.sort for column in self.columns if column.sort}

    def sort(self, asked: str) -> str:
        """Return ``asked`` (``?sort=``) if it names a sortable column, else the default."""
        return asked if asked.removeprefix("-") in self.sort_paths else self.default_sort

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
    inline_url: str = ""


def bind_rows(
    columns: list[Column], objects: Iterable[Any], editable: Collection[int] = (), bulk_path: str = "pk"
) -> list[Row]:
    """Return the rows of a table; those with a primary key in ``editable`` are edited in place.

    The box of a row selects the record at ``bulk_path``.
    """
    return [
        Row(
            obj,
            [Cell(column, column.html(obj)) for column in columns],
            bool(editable) and obj.pk in editable,
            None if bulk_path == "pk" else getattr(obj, bulk_path),
        )
        for obj in objects
    ]
