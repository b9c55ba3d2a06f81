"""Grouping of lists (``?group_by=``): heads with the number of rows and sums, which unfold to exactly these rows.

A list declares its groupings (``FilteredListView.groupings``). The heads come by their own request (``?heads=1``), the
rows below a head by another (``?rows=1``) that has the filters of the list and the value of the head.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError
from django.db.models import Count, F, Model, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format, number_format

from core.paging import count_up_to
from core.sums import summed
from core.tables import Column, Total
from core.timeouts import limited, took_too_long

#: Parameters and their values: those of the rows of a group.
Changes = Mapping[str, str | list[str]]
#: Columns with their sums.
Summed = list[tuple[Column, Total]]
#: As many heads as one looks through; the others are added up.
MOST_HEADS = 50
#: The longest time of one statement, in seconds.
LONGEST = 3


@dataclass(frozen=True)
class Grouping:
    """One way to group a list by the value of a filter.

    ``key`` is the path or expression of the group, among the rows that ``where`` lets through; ``texts`` returns the
    texts of keys, and ``value`` what the filter ``param`` has for a key. ``empty`` is the filter of rows without a
    group, and ``empty_text`` their name. With ``is_many`` a row is in several groups: a list that is filtered by
    some of them has only these as heads, because the rows of another one are not all in the list.
    """

    name: str
    label: Any
    key: Any
    param: str
    texts: Callable[[list[Any]], Mapping[Any, Any]]
    empty: str = ""
    empty_text: Any = ""
    where: Q = field(default_factory=Q)
    is_many: bool = False

    #: Groups in the order of their keys instead of the biggest first.
    by_key = False

    def changes(self, key: Any, now: Mapping[str, Any]) -> Changes:
        """Return the parameters of the rows of a group; ``now`` has the values of the list's filters."""
        return {self.empty: "true"} if key is None else {self.param: str(key)}

    def has_head(self, key: Any, now: Mapping[str, Any]) -> bool:
        """Return whether the group is a head of a list, the filters of which have the values ``now``."""
        chosen: Any = now.get(self.param) if self.is_many else None
        if chosen is None:
            return True
        rows = [chosen] if isinstance(chosen, Model) else chosen
        return not rows or key in {row.pk for row in rows}


@dataclass(frozen=True)
class MonthGrouping(Grouping):
    """Groups by month, the latest first; the filters are the first and the last day (``…_from``, ``…_to``)."""

    by_key = True

    def changes(self, key: Any, now: Mapping[str, Any]) -> Changes:
        first = _day(key)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        since, until = now.get(f"{self.param}_from"), now.get(f"{self.param}_to")
        return {
            f"{self.param}_from": max(first, since or first).isoformat(),
            f"{self.param}_to": min(last, until or last).isoformat(),
        }


def by_month(path: str, param: str, label: Any, empty_text: Any = "") -> MonthGrouping:
    return MonthGrouping("month", label, TruncMonth(path), param, _month_texts, empty_text=empty_text)


def _day(moment: dt.date | dt.datetime) -> dt.date:
    return timezone.localtime(moment).date() if isinstance(moment, dt.datetime) else moment


def _month_texts(keys: list[Any]) -> dict[Any, str]:
    return {key: date_format(_day(key), "YEAR_MONTH_FORMAT") for key in keys}


def rows_of(queryset: Callable[[], QuerySet[Any]]) -> Callable[[list[Any]], dict[Any, str]]:
    """Return the texts of keys that are primary keys of ``queryset``."""
    return lambda keys: {pk: str(row) for pk, row in queryset().in_bulk(keys).items()}


@dataclass(frozen=True)
class Head:
    """A group: its text, number of rows, sums (label, value, definition) and the address of its rows."""

    text: Any
    count: str
    sums: list[tuple[Any, Any, Any]]
    url: str


@dataclass(frozen=True)
class Heads:
    heads: list[Head] = field(default_factory=list)
    #: There are more rows than are grouped.
    are_more: bool = False


def heads_of(
    rows: QuerySet[Any],
    grouping: Grouping,
    columns: Iterable[Column],
    url_of: Callable[[Changes], str],
    now: Mapping[str, Any],
) -> Heads:
    """Return the heads of the groups of ``rows``: the biggest first, at most ``MOST_HEADS``, and one for the others.

    None if there are more rows than ``COUNT_LIMIT`` or the database needs too long.
    """
    pairs = summed(columns)
    try:
        with limited(LONGEST):
            if count_up_to(rows)[1]:
                return Heads(are_more=True)
            found = [group for group in _groups(rows, grouping, pairs) if grouping.has_head(group["key"], now)]
    except OperationalError as error:
        if took_too_long(error):
            return Heads(are_more=True)
        raise
    shown, others = found[:MOST_HEADS], found[MOST_HEADS:]
    texts = grouping.texts([group["key"] for group in shown if group["key"] is not None])
    heads = [_head(group, grouping, pairs, texts, url_of, now) for group in shown]
    return Heads(heads + ([_rest(others, pairs)] if others else []))


def _groups(rows: QuerySet[Any], grouping: Grouping, pairs: Summed) -> list[dict[str, Any]]:
    each_once = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")).order_by()
    sums = {f"sum_{column.name}": Sum(total.of, filter=total.where) for column, total in pairs}
    of_key = (
        each_once.filter(grouping.where)
        .values(key=F(grouping.key) if isinstance(grouping.key, str) else grouping.key)
        .order_by()
    )
    found = list(of_key.annotate(rows=Count("pk", distinct=True), **sums))
    if grouping.where:
        rest = each_once.exclude(pk__in=each_once.filter(grouping.where).values("pk"))
        found.append({"key": None, **rest.aggregate(rows=Count("pk"), **sums)})
    found = [group for group in found if group["rows"]]
    if grouping.by_key:
        known = [group for group in found if group["key"] is not None]
        empty = [group for group in found if group["key"] is None]
        return sorted(known, key=lambda group: group["key"], reverse=True) + empty
    return sorted(found, key=lambda group: -group["rows"])


def _head(
    group: dict[str, Any],
    grouping: Grouping,
    pairs: Summed,
    texts: Any,
    url_of: Callable[[Changes], str],
    now: Mapping[str, Any],
) -> Head:
    key = group["key"]
    has_rows = key is not None or bool(grouping.empty)
    text = grouping.empty_text if key is None else texts.get(key, key)
    url = url_of(grouping.changes(key, now)) if has_rows else ""
    return Head(text, _number(group["rows"]), _sums(group, pairs), url)


def _rest(groups: list[dict[str, Any]], pairs: Summed) -> Head:
    added = {
        f"sum_{column.name}": sum(group[f"sum_{column.name}"] or 0 for group in groups) for column, _total in pairs
    }
    return Head("", _number(sum(group["rows"] for group in groups)), _sums(added, pairs), "")


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)


def _sums(group: Mapping[str, Any], pairs: Summed) -> list[tuple[Any, Any, Any]]:
    return [
        (column.label, column.html_of(value, None), total.title)
        for column, total in pairs
        if (value := group.get(f"sum_{column.name}")) is not None
    ]
