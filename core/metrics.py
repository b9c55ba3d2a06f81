"""Metrics of customers: small declarations by the apps that own the data, and what follows when the data changes.

An app declares ``METRIC_SOURCES`` (rows of its tables) and ``METRICS`` (one figure each) in its registrations;
``METRIC_MAKERS`` are functions that return further metrics, one for each row that administrators keep. All metrics of a
source are computed in one statement, grouped by customer (``segmentation.metrics``).

The SQL of a metric is an aggregate over the rows of its source or, without a source, an expression over other metrics
(``{orders_12}``). It may use the parameters ``day`` (the day that is evaluated), ``day_end`` (the moment after it),
``zone`` and, for 12, 24 and 36 months, ``since_12`` (a day; what is later counts) and ``from_12`` (the first moment
that counts): *in n months* is (day − n months, day].
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.registry import declared

MONTHS = (12, 24, 36)
#: Parts of SQL: a day, or a moment, in the months that end with the day of the figure.
IN_12, IN_24, IN_36 = (f"{{}} > %(since_{months})s" for months in MONTHS)
AT_12, AT_24, AT_36 = (f"{{}} >= %(from_{months})s" for months in MONTHS)
CODE = re.compile(r"[a-z][a-z0-9_]{1,59}")
NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Unit(StrEnum):
    """What a figure counts."""

    COUNT = "count"
    PERSONS = "persons"
    EUROS = "euros"
    PERCENT = "percent"
    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    YES = "yes"  # 1 or 0
    SCORE = "score"  # 0–10
    NPS = "nps"  # −100–100
    LEVEL = "level"  # a number with words

    @property
    def digits(self) -> int:
        """The decimals that are kept."""
        return {Unit.EUROS: 2, Unit.HOURS: 2, Unit.PERCENT: 1, Unit.SCORE: 1}.get(self, 0)

    @property
    def label(self) -> Any:
        return UNIT_LABELS[self]


UNIT_LABELS: dict[Unit, Any] = {
    Unit.COUNT: _("count"),
    Unit.PERSONS: _("persons"),
    Unit.EUROS: _("euros"),
    Unit.PERCENT: _("per cent"),
    Unit.HOURS: _("hours"),
    Unit.DAYS: _("days"),
    Unit.MONTHS: _("months"),
    Unit.YEARS: _("years"),
    Unit.YES: _("yes or no"),
    Unit.SCORE: _("score 0–10"),
    Unit.NPS: _("NPS, −100–100"),
    Unit.LEVEL: _("level"),
}


class Missing(StrEnum):
    """What it means that a source has no rows of a customer: registers of our own say 0, others that it is unknown."""

    ZERO = "zero"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Any:
        return _("No data means 0.") if self == Missing.ZERO else _("No data means that the value is not known.")


class Section(StrEnum):
    """The headings under which metrics are listed, in order."""

    SIZE = "size"
    RELATION = "relation"
    VOLUME = "volume"
    VARIETY = "variety"
    CONTACT = "contact"
    FEEDBACK = "feedback"
    SOFT = "soft"
    OWN = "own"
    PROFIT = "profit"

    @property
    def label(self) -> Any:
        return SECTION_LABELS[self]

    @property
    def order(self) -> int:
        return list(Section).index(self)


SECTION_LABELS: dict[Section, Any] = {
    Section.SIZE: _("Size and location"),
    Section.RELATION: _("Relationship"),
    Section.VOLUME: _("Offers and orders"),
    Section.VARIETY: _("Variety"),
    Section.CONTACT: _("Contacts and work"),
    Section.FEEDBACK: _("Feedback"),
    Section.SOFT: _("Soft values"),
    Section.OWN: _("Own metrics"),
    Section.PROFIT: _("Profitability"),
}


@dataclass(frozen=True, kw_only=True)
class MetricSource:
    """Rows of an app's tables: ``rows`` is what follows FROM, ``customer`` the column of the customer's id.

    ``is_single`` sources have one row for each customer, so that nothing is grouped. ``is_value`` sources are left out
    where the value of customers is not used at all.
    """

    name: str
    label: Any
    rows: str
    customer: str
    where: str = ""
    is_single: bool = False
    is_value: bool = False


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure of a customer.

    ``is_value`` ones say what the customer is worth to us and follow the value mode. A ``helper`` is computed for
    others and neither kept nor shown. ``is_needed`` ones are asked for when they are not known. Those without history
    change with the calendar alone. Conditions of selections do not ask those of which the app has a condition of its
    own (``is_asked``). ``rows`` returns the address of the rows that a figure counts, of a customer's id
    and the day; ``words`` says what a number means.
    """

    code: str
    label: Any = ""
    definition: Any = ""
    unit: Unit = Unit.COUNT
    section: Section = Section.VOLUME
    source: str = ""
    sql: str
    missing: Missing = Missing.ZERO
    order: int = 100
    is_value: bool = False
    is_helper: bool = False
    is_needed: bool = False
    keeps_history: bool = True
    is_asked: bool = True
    rows: Callable[[int, dt.date], str] | None = None
    words: Callable[[Decimal], str] | None = None

    @property
    def needs(self) -> list[str]:
        """The codes of the metrics that a derived one is made of."""
        return [] if self.source else NAME.findall(self.sql)

    @property
    def place(self) -> tuple[int, int]:
        return self.section.order, self.order

    @property
    def source_label(self) -> str:
        """What the figure is computed of, in words."""
        return str(sources()[self.source].label) if self.source else str(_("Other metrics"))


def helper(code: str, source: str, sql: str, missing: Missing = Missing.ZERO, *, is_value: bool = False) -> Metric:
    """Return a metric that others are made of."""
    return Metric(code=code, source=source, sql=sql, missing=missing, is_helper=True, is_value=is_value)


@cache
def sources() -> dict[str, MetricSource]:
    """Return the declared sources by name. Raise ``ValueError`` if one is declared twice."""
    return _by_name(declared("METRIC_SOURCES"), "name")


@cache
def fixed_metrics() -> dict[str, Metric]:
    """Return the metrics that the apps declare, by code, in order. Raise ``ValueError`` with what is not right."""
    found = _by_name(sorted(declared("METRICS"), key=lambda metric: metric.place), "code")
    if wrong := [text for metric in found.values() for text in faults(metric, found)]:
        raise ValueError("; ".join(wrong))
    return found


def all_metrics() -> dict[str, Metric]:
    """Return the declared metrics and those that are made from data, by code, in order.

    One that is made takes the place of a declared one of the same code, to which it adds words.
    """
    made = _by_name((metric for make in declared("METRIC_MAKERS") for metric in make()), "code")
    every = sorted((fixed_metrics() | made).values(), key=lambda metric: metric.place)
    return {metric.code: metric for metric in every}


def shown_metrics() -> dict[str, Metric]:
    """Return all metrics but helpers."""
    return {code: metric for code, metric in all_metrics().items() if not metric.is_helper}


def _by_name(items: Iterable[Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        if getattr(item, name) in found:
            raise ValueError(f"{getattr(item, name)} is declared twice")
        found[getattr(item, name)] = item
    return found


def faults(metric: Metric, metrics: dict[str, Metric]) -> Iterator[str]:
    """Yield what a declaration lacks, in sentences."""
    if not CODE.fullmatch(metric.code):
        yield f"{metric.code}: the code is not made of small letters, digits and underscores"
    if not metric.is_helper:
        for name in ("label", "definition"):
            if not str(getattr(metric, name)).strip():
                yield f"{metric.code} has no {name}"
    if metric.source and metric.source not in sources():
        yield f"{metric.code}: there is no source {metric.source}"
    if not metric.source and not metric.needs:
        yield f"{metric.code} has neither a source nor other metrics"
    for name in metric.needs:
        if name not in metrics:
            yield f"{metric.code} needs {name}, which is not declared"
        elif metrics[name].is_value and not metric.is_value:
            yield f"{metric.code} is made of the value figure {name} and is none"


def untranslated(metric: Metric, languages: Iterable[str] = ("fi", "en")) -> Iterator[str]:
    """Yield which texts of a metric are the same in both languages: nobody has translated them."""
    for name in () if metric.is_helper else ("label", "definition"):
        texts = set()
        for language in languages:
            with override(language):
                texts.add(str(getattr(metric, name)))
        if len(texts) == 1:
            yield f"{metric.code}: {name}"


def listed(
    url_name: str, first: str, last: str, months: int | None = None, **query: Any
) -> Callable[[int, dt.date], str]:
    """Return a metric's ``rows``: a list of the customer's rows in so many months, by the names of its two filters.

    ``query`` may have functions, which are asked when the address is made.
    """

    def url(customer: int, day: dt.date) -> str:
        values = {name: value() if callable(value) else value for name, value in query.items()}
        start = {first: (since(day, months) + dt.timedelta(days=1)).isoformat()} if months else {}
        return reverse(url_name, query={"customer": customer, **values, **start, last: day.isoformat()})

    return url


def since(day: dt.date, months: int) -> dt.date:
    """Return the last day that is not in the months that end with ``day``."""
    return day - relativedelta(months=months)


_is_quiet: ContextVar[bool] = ContextVar("_is_quiet", default=False)


@contextmanager
def untouched() -> Iterator[None]:
    """Note no changes within, for loads that compute all metrics at their end."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


class _Touched:
    """Ids of customers that a transaction has changed; called when it has committed."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def __call__(self) -> None:
        for refresh in declared("METRIC_REFRESHES"):
            refresh(sorted(self.ids))


def customers_touched(customer_ids: Iterable[int | None]) -> None:
    """Note that figures of these customers may have changed: they are computed again after the commit, once.

    Calls in one transaction become one; what a savepoint takes back is computed for nothing, which is harmless.
    """
    ids = {pk for pk in customer_ids if pk}
    if not ids or _is_quiet.get():
        return
    touched = _waiting() or _Touched()
    is_new = not touched.ids
    touched.ids |= ids
    if is_new:
        transaction.on_commit(touched)


def _waiting() -> _Touched | None:
    """Return what is called after the commit already, if it is so too when the present savepoint is kept."""
    own = set(connection.savepoint_ids)
    for hook in connection.run_on_commit:
        savepoints, function = hook[:2]
        if isinstance(function, _Touched) and set(savepoints) <= own:
            return function
    return None
