"""Sums at the foot of lists (``?sums=1``): of all rows that the filters let through, each with its definition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError
from django.db.models import QuerySet, Sum
from django.utils.formats import number_format
from django.utils.safestring import SafeString

from core.paging import count_up_to
from core.tables import Column, Total
from core.timeouts import limited, took_too_long

#: The longest time of one statement, in seconds.
LONGEST = 3


@dataclass(frozen=True)
class Sums:
    """The number of rows, whether there are more of them, and the sums by column; none where they are too many."""

    rows: int = 0
    are_more: bool = False
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> str:
        return number_format(self.rows, force_grouping=True) + ("+" if self.are_more else "")


@dataclass(frozen=True)
class FootCell:
    """A cell of the foot: the sum below its column, with the definition as the tooltip."""

    html: SafeString | str
    css: SafeString
    title: Any = ""


@dataclass(frozen=True)
class Foot:
    sums: Sums
    cells: list[FootCell]
    #: Sums of columns that are not shown: label, value, definition.
    others: list[tuple[Any, Any, Any]]


def summed(columns: Iterable[Column]) -> list[tuple[Column, Total]]:
    """Return the columns that have a sum, with it."""
    return [(column, column.total) for column in columns if column.total]


def has_foot(shown: Iterable[Column], columns: Iterable[Column]) -> bool:
    """Return whether a list that shows some of its ``columns`` has sums."""
    return bool(summed(shown)) or any(total.always for _column, total in summed(columns))


def sums_of(rows: QuerySet[Any], columns: Iterable[Column]) -> Sums:
    """Return the sums of ``columns`` over ``rows``; none if the rows are more than ``COUNT_LIMIT`` or take too long."""
    try:
        with limited(LONGEST):
            number, are_more = count_up_to(rows)
            if are_more:
                return Sums(number, are_more)
            each_once = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")).order_by()
            sums = {column.name: Sum(total.of, filter=total.where) for column, total in summed(columns)}
            return Sums(number, values=each_once.aggregate(**{f"sum_{name}": value for name, value in sums.items()}))
    except OperationalError as error:
        if took_too_long(error):
            return Sums(are_more=True)
        raise


def foot_of(rows: QuerySet[Any], shown: list[Column], columns: Iterable[Column]) -> Foot:
    """Return the foot of a list that shows some of its ``columns``."""
    names = {column.name for column in shown}
    hidden = [pair for pair in summed(columns) if pair[1].always and pair[0].name not in names]
    sums = sums_of(rows, [*shown, *(column for column, _total in hidden)])
    cells = [FootCell(_text(sums, column), column.css, column.total.title if column.total else "") for column in shown]
    others = [(column.label, text, total.title) for column, total in hidden if (text := _text(sums, column))]
    return Foot(sums, cells, others)


def _text(sums: Sums, column: Column) -> SafeString | str:
    value = sums.values.get(f"sum_{column.name}")
    return column.html_of(value, None) if value is not None else ""
