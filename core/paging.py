"""Paging by key: the next page starts after the last row's sort value, so page 10,000 costs what page 1 costs.

A list is ordered by one ORM path and the primary key (``"-summary__last_contact_at"``). Rows without a value come
last in both directions; they are read as a part of their own, so that each part is a plain range of its index.
A token is the base64 of the boundary row's sort value and primary key.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypedDict, TypeVar

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, FieldError, ValidationError
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy

from core.exceptions import ParameterError

M = TypeVar("M", bound=Model)

COUNT_LIMIT = 10_000
NO_SUCH_PAGE = gettext_lazy("This page does not exist. Start from the first page.")


class InvalidToken(ParameterError):
    """The ``after`` / ``before`` parameter was not made by this program for this order, or both are given."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__({name: str(NO_SUCH_PAGE) for name in names})


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of rows in order, with the tokens of its neighbours (empty where there is none)."""

    rows: list[M]
    next: str
    previous: str


@dataclass(frozen=True)
class Walk:
    """A direction through a list: its sort path, downwards or not, towards the end or back to the start.

    A query set that has a better ``way`` (``ways``: by sort path, an alias of the same value) is read along that.
    """

    path: str
    descending: bool
    backwards: bool
    way: str = ""
    is_filled: bool = False

    def parts(self, queryset: QuerySet[M], token: tuple[Any, Any] | None) -> list[QuerySet[M]]:
        """Return the parts to read one after the other: rows with a value, rows without; cut at the token."""
        if self.path == "pk":
            return [self._ordered(self._cut(queryset, "pk", token[1]) if token else queryset, "pk")]
        filled = [self._ordered(part, self._along) for part in self._filled(queryset)]
        if self.is_filled or not _may_be_empty(queryset.model, self.path):
            return [self._cut_pair(part, *token) for part in filled] if token else filled
        empty = self._ordered(queryset.filter(**{f"{self.path}__isnull": True}), "pk")
        if token and token[0] is None:
            empty = self._cut(empty, "pk", token[1])
            return [empty, *filled] if self.backwards else [empty]
        if token:
            filled = [self._cut_pair(part, *token) for part in filled]
        return filled if self.backwards and token else [*filled, empty]

    def _filled(self, queryset: QuerySet[M]) -> list[QuerySet[M]]:
        """Return rows with a value; the query set's ``bounds`` of them give the planner a range of the index.

        Where it knows more of some ranges (``segments``, in ascending order), each is a part.
        """
        bound = getattr(queryset, "bounds", {}).get(self.path, Q())
        rows = queryset.filter(bound, **{f"{self._along}__isnull": False})
        parts = [rows.filter(segment) for segment in getattr(queryset, "segments", {}).get(self.path, [Q()])]
        return parts[::-1] if self._comparison == "lt" else parts

    @property
    def _along(self) -> str:
        return self.way or self.path

    @property
    def _comparison(self) -> str:
        return "lt" if self.descending != self.backwards else "gt"

    def _ordered(self, queryset: QuerySet[M], path: str) -> QuerySet[M]:
        sign = "-" if self._comparison == "lt" else ""
        return queryset.order_by(*([sign + path, sign + "pk"] if path != "pk" else [sign + "pk"]))

    def _cut(self, queryset: QuerySet[M], path: str, value: Any) -> QuerySet[M]:
        return queryset.filter(**{f"{path}__{self._comparison}": value})

    def _cut_pair(self, queryset: QuerySet[M], value: Any, pk: Any) -> QuerySet[M]:
        # The first condition says nothing new: it gives the planner the index range to start from.
        bound = Q(**{f"{self._along}__{self._comparison}e": value})
        beyond = Q(**{f"{self._along}__{self._comparison}": value}) | Q(
            **{self._along: value, f"pk__{self._comparison}": pk}
        )
        return queryset.filter(bound & beyond)


@cache
def _may_be_empty(model: type[Model], path: str) -> bool:
    """Return whether rows may have no value at ``path``: all but a field of the model itself that is never null may."""
    try:
        return bool(model._meta.get_field(path).null)
    except FieldDoesNotExist:
        return True


class AskedKey(TypedDict):
    after: str
    before: str


def asked_key(query: QueryDict) -> AskedKey:
    """Return the ``after`` and ``before`` of an address, empty where they are not given."""
    return AskedKey(after=str(query.get("after", "")), before=str(query.get("before", "")))


def keyset_page(
    queryset: QuerySet[M], order: str, *, size: int, after: str = "", before: str = "", is_filled: bool = False
) -> Page[M]:
    """Return the page of ``size`` rows after (or before) a token, in at most two queries (one if all have a value).

    ``is_filled``: the caller knows that all have one, though the field may be empty in others.
    Raises :class:`InvalidToken` when the token is not one of this order, or both are given.
    """
    path, descending = order.lstrip("-"), order.startswith("-")
    names = [name for name, token in (("after", after), ("before", before)) if token]
    rows: list[M] = []
    try:
        if len(names) > 1:
            raise ValueError(names)
        token = _decode(before or after) if names else None
        way = getattr(queryset, "ways", {}).get(path, "")
        for part in Walk(path, descending, bool(before), way, is_filled).parts(queryset, token):
            if len(rows) <= size:
                rows += part[: size + 1 - len(rows)]
    except (ValueError, TypeError, ArithmeticError, ValidationError, FieldError) as error:
        raise InvalidToken(names) from error
    if not names:
        return page_of(rows, order, size)
    more, rows = len(rows) > size, rows[:size]
    if before:
        rows.reverse()
    has_next, has_previous = (True, more) if before else (more, True)
    return Page(
        rows,
        next=_encode(rows[-1], path) if rows and has_next else "",
        previous=_encode(rows[0], path) if rows and has_previous else "",
    )


def page_of(rows: list[M], order: str, size: int) -> Page[M]:
    """Return the first page of rows that were read in this order, one more than ``size`` if there are so many."""
    shown = rows[:size]
    return Page(shown, next=_encode(shown[-1], order.lstrip("-")) if len(rows) > size else "", previous="")


def count_up_to(queryset: QuerySet[Any], limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """Return the number of rows, at most ``limit``, and whether there are more.

    A query set that knows already that it has more (``more_than``; its clones do not) is not asked again.
    """
    if getattr(queryset, "more_than", -1) >= limit:
        return limit, True
    counted = queryset.order_by()[: limit + 1].count()
    return min(counted, limit), counted > limit


def counts_up_to(rows: Mapping[str, QuerySet[Any]], limit: int) -> dict[str, tuple[int, bool]]:
    """Return the numbers of several sets of rows as :func:`count_up_to` does, all in one query."""
    statements: dict[str, str] = {}
    params: list[Any] = []
    for name, queryset in rows.items():
        with suppress(EmptyResultSet):  # nothing to ask: there are none
            sql, values = queryset.order_by().values("pk")[: limit + 1].query.sql_with_params()
            statements[name] = f"(SELECT count(*) FROM ({sql}) counted)"  # noqa: S608 - Django's own SQL
            params += values
    counted = dict.fromkeys(rows, 0)
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(statements.values()), params)
            counted |= dict(zip(statements, cursor.fetchone(), strict=True))
    return {name: (min(count, limit), count > limit) for name, count in counted.items()}


def first_rows(queryset: QuerySet[M], most: int) -> tuple[list[M], int]:
    """Return at most ``most`` rows and the number of all, which is counted only where some are left out."""
    rows = list(queryset[: most + 1])
    return rows[:most], len(rows) if len(rows) <= most else queryset.order_by().count()


def _encode(row: Any, path: str) -> str:
    value = row
    for part in path.split("__"):
        value = getattr(value, part, None)
    text = json.dumps([_pack(value), _pack(row.pk)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(token: str) -> tuple[Any, Any]:
    """Return the sort value and the key of a token. Raise ValueError if it is none."""
    try:
        padded = token + "=" * (-len(token) % 4)
        value, pk = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
        value, pk = _unpack(value), _unpack(pk)
    except (binascii.Error, TypeError, KeyError, ArithmeticError) as error:
        raise ValueError(token) from error
    if pk is None or "\x00" in f"{value}{pk}":
        raise ValueError(token)
    return value, pk


def _pack(value: Any) -> Any:
    """Write what JSON lacks as ``{"type": "text"}``."""
    if value is None or isinstance(value, int | str | bool | float):
        return value
    return {type(value).__name__: str(value)}


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        raise ValueError(value)
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    parse: Any = {"datetime": parse_datetime, "date": dt.date.fromisoformat, "Decimal": Decimal, "UUID": str}[kind]
    return parse(text)
