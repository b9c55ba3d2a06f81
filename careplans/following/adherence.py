"""Adherence by rows and period, from the sums by day; by customer, or of one, from the occurrences themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.db.models import BooleanField, Count, Func, Q, Sum, Value
from django.db.models.functions import Coalesce

from careplans.adherence.capacity import monday_of
from careplans.adherence.days import Span, plus_days, plus_months
from careplans.adherence.figures import Figures, Pace, Reach
from careplans.following.enums import GroupBy, OccurrenceState, Part, Period
from careplans.following.models import CareOccurrence, CareReach, CareSum
from careplans.following.parts import PARTS
from careplans.following.permissions import people_seen, sees_everyone
from customers.models import Customer

NUMBERS = ("done", "late", "missed", "coming", "already_done", "scheduled")
#: The column of each kind of rows.
COLUMNS: dict[str, str] = {
    GroupBy.OWNER: "holder", GroupBy.TEAM: "team_id", GroupBy.UNIT: "unit_id", GroupBy.SEGMENT: "segment_id",
    GroupBy.GROUP: "node_id", GroupBy.MODEL: "care_model_id", GroupBy.ACTION: "code", GroupBy.CUSTOMER: "customer_id",
}  # fmt: skip
#: The filters with their fields.
FIELDS = {
    "customer": "customer", "owner": "user", "team": "team", "unit": "unit", "segment": "segment", "group": "node",
    "care_model": "care_model", "code": "code",
}  # fmt: skip
#: The row of the people whose figures the user does not see.
OTHERS = "others"
_COMING = Q(state=OccurrenceState.COMING)
COUNTED = {
    **{name: Q(state=name) for name in ("done", "late", "missed", "coming")},
    "already_done": _COMING & Q(done_on__isnull=False),
    "scheduled": _COMING & Q(is_scheduled=True),
}
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


def days_of(period: str, today: dt.date) -> Span:
    """Return the first and the last day of a present period."""
    if period == Period.WEEK:
        first = monday_of(today)
        return first, plus_days(first, 6)
    if period == Period.MONTHS_12:
        return plus_days(plus_months(today, -12), 1), today
    months = _MONTHS[Period(period)]
    first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    return first, first + relativedelta(months=months, days=-1)


def former_days(period: str, days: Span) -> Span:
    """Return the period before: the week, month, quarter or year before, else as many days."""
    first, last = days
    if period in _MONTHS:
        return first - relativedelta(months=_MONTHS[Period(period)]), plus_days(first, -1)
    if period == Period.MONTHS_12:
        return plus_days(plus_months(last, -24), 1), plus_days(first, -1)
    return plus_days(first, -(last - first).days - 1), plus_days(first, -1)


@dataclass(frozen=True)
class Query:
    """What is asked: days, which actions, filters by name, a further condition, and what the rows are."""

    reader: Any
    first: dt.date
    last: dt.date
    period: str = Period.OWN
    part: str = Part.MANDATORY
    by: str = GroupBy.SEGMENT
    chosen: Mapping[str, Any] = field(default_factory=dict)
    also: Q = field(default_factory=Q)

    @property
    def days(self) -> Span:
        return self.first, self.last

    @property
    def former(self) -> Query:
        first, last = former_days(self.period, self.days)
        return replace(self, first=first, last=last, period=Period.OWN)

    @property
    def is_of_customers(self) -> bool:
        """Whether occurrences are asked, because sums do not know customers."""
        return self.by == GroupBy.CUSTOMER or "customer" in self.chosen

    @property
    def condition(self) -> Q:
        chosen = {FIELDS[name]: value for name, value in self.chosen.items()}
        return PARTS[self.part] & Q(**chosen) & self.also

    @property
    def occurrences(self) -> Any:
        rows = CareOccurrence.objects.filter(self.condition, last__range=self.days)
        return rows.counted().order_by()

    @property
    def sums(self) -> Any:
        return CareSum.objects.filter(self.condition, day__range=self.days).order_by()

    @cached_property
    def seen(self) -> set[str] | None:
        """The holders that the reader sees by name; None: all of them."""
        if sees_everyone(self.reader):
            return None
        return {f"user:{pk}" for pk in people_seen(self.reader).values_list("pk", flat=True)}


def figures_by(query: Query) -> dict[Any, Figures]:
    """Return the figures of each row; the rows add up to the total."""
    column = COLUMNS[query.by]
    if query.is_of_customers:
        numbers: dict[str, Any] = {f"n_{name}": Count("pk", filter=found) for name, found in COUNTED.items()}
        rows = query.occurrences
    else:
        numbers = {f"n_{name}": Coalesce(Sum(name), 0) for name in NUMBERS}
        rows = query.sums
    found: dict[Any, Figures] = {}
    for key, *values in rows.values_list(column).annotate(**numbers).values_list(column, *numbers):
        name = shown_key(query, key)
        figures = Figures(*values)
        if figures.planned:
            found[name] = found[name] + figures if name in found else figures
    return found


def shown_key(query: Query, key: Any) -> Any:
    """Return the row of a key: people that the reader does not see are one row together."""
    if query.by != GroupBy.OWNER or query.seen is None or not str(key).startswith("user:"):
        return key
    return key if key in query.seen else OTHERS


def total_of(found: Mapping[Any, Figures]) -> Figures:
    return sum(found.values(), Figures())


Paces = dict[str, int]
_PACES = """
WITH each (key, customer, missed, ahead) AS MATERIALIZED ({}),
once AS (SELECT customer, sum(missed) AS missed, sum(ahead) AS ahead FROM each GROUP BY customer)
SELECT FALSE, key, count(*) FILTER (WHERE missed > 0),
    count(*) FILTER (WHERE missed = 0 AND ahead = 0), count(*) FILTER (WHERE missed = 0 AND ahead > 0)
FROM each GROUP BY key
UNION ALL
SELECT TRUE, NULL, count(*) FILTER (WHERE missed > 0),
    count(*) FILTER (WHERE missed = 0 AND ahead = 0), count(*) FILTER (WHERE missed = 0 AND ahead > 0)
FROM once
"""


def paces_by(query: Query) -> tuple[dict[Any, Paces], Paces]:
    """Return how many customers are behind, on schedule and ahead: by row, and of all, where each is once."""
    each = query.occurrences.values_list(COLUMNS[query.by], "customer_id").annotate(
        missed=Count("pk", filter=COUNTED["missed"]), ahead=Count("pk", filter=COUNTED["already_done"])
    )  # fmt: skip
    sql, params = each.query.sql_with_params()
    found: dict[Any, Paces] = {}
    total: Paces = {}
    with connection.cursor() as cursor:
        cursor.execute(_PACES.format(sql), params)
        for is_total, key, *numbers in cursor.fetchall():
            paces = total if is_total else found.setdefault(shown_key(query, key), {})
            for pace, number in zip((Pace.BEHIND, Pace.ON_SCHEDULE, Pace.AHEAD), numbers, strict=True):
                paces[pace] = paces.get(pace, 0) + number
    return found, total


#: Filters of occurrences that are also those of customers, as they are now.
OF_CUSTOMERS = {"customer": "pk", "segment": "summary__segment", "group": "summary__group"}


class HasDay(Func):
    """Whether an array of days has one from the first to the last."""

    template = (
        "EXISTS (SELECT FROM (VALUES (%(expressions)s)) asked (days, since, until), unnest(asked.days) day"
        " WHERE day BETWEEN asked.since AND asked.until)"
    )
    output_field = BooleanField()


def has_reach(query: Query) -> bool:
    """Return whether there is a reach: another filter than those of customers says nothing of customers."""
    return query.part == Part.MANDATORY and not set(query.chosen) - set(OF_CUSTOMERS)


def reach_in(query: Query, today: dt.date) -> Reach | None:
    """Return how many customers should be in contact on the period's last day, and how many were in the period.

    Filters ask for the present segment and group of customers. None: see :func:`has_reach`, and for a period that has
    not begun.
    """
    if query.first > today or not has_reach(query):
        return None
    last = min(query.last, today)
    asked = {OF_CUSTOMERS[name]: getattr(value, "pk", value) for name, value in query.chosen.items()}
    customers = Customer.objects.filter(**asked)
    rows = CareReach.objects.filter(first__lte=last, last__gte=last).order_by()
    if query.chosen:
        rows = rows.filter(customer__in=customers.values("pk"))
    reached = rows.filter(HasDay("days", Value(query.first), Value(last)))
    return Reach(
        rows.aggregate(number=Count("customer", distinct=True))["number"],
        reached.aggregate(number=Count("customer", distinct=True))["number"],
    )
