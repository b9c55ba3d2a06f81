"""Occurrences of customers' actions by month and state: sums by day for many, the occurrences themselves for one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count as Number
from django.db.models import Q, Sum
from django.db.models.functions import ExtractMonth
from django.urls import reverse

from careplans.adherence.days import Span, plus_days
from careplans.caremodels.validators import OWN_PREFIX
from careplans.clock.rows import Count
from careplans.clock.words import STATES
from careplans.following.enums import Direction, OccurrenceState, Part
from careplans.following.labels import COUNTED
from careplans.following.models import CareOccurrence, CareSum
from customers.models import Customer
from customers.state_filters import ALL_STATES, may_see_inactive

#: The code of an action and its care model; None: the customer's own, or a statutory task.
Source = tuple[str, int | None]
#: What is there on each day on which windows end.
Days = dict[Source, dict[dt.date, Count]]
#: With it begin the names of the rows of actions of single customers.
OWN = "own:"


@dataclass(frozen=True)
class Scope:
    """Which occurrences are counted: filters of the list, and what they mean of the sums."""

    filters: Mapping[str, Any]
    condition: Q = field(default_factory=Q)


def sums_by_day(scope: Scope, first: dt.date, last: dt.date) -> Days:
    """Return what there is by action and day, in one query; actions of single customers are together by their part.

    What is coming and done already is done here.
    """
    rows = CareSum.objects.filter(scope.condition, day__range=(first, last)).order_by()
    totals = {f"n_{name}": Sum(name) for name in (*STATES, "already_done")}
    columns = ("code", "care_model", "scope", "is_mandatory", "day")
    found: Days = defaultdict(dict)
    for code, model, direction, is_mandatory, day, done, late, missed, coming, already in (
        rows.values_list(*columns).annotate(**totals)
    ):  # fmt: skip
        count = Count(done + already, late, missed, coming - already)
        if count.total:
            name = f"{OWN}{part_of(direction, is_mandatory)}" if code.startswith(OWN_PREFIX) else code
            found[name, model][day] = found[name, model].get(day, Count()) + count
    return found


def part_of(direction: str, is_mandatory: bool) -> str:
    """Return which of the parts of figures an occurrence is in."""
    if direction != Direction.CUSTOMER:
        return str(Part(direction).value)
    return str((Part.MANDATORY if is_mandatory else Part.RECOMMENDED).value)


def by_month(days: Mapping[dt.date, Count], year: int, after: int = 0) -> dict[int, Count]:
    """Return what is due in each month of a year: windows end ``after`` days after the due day."""
    found: dict[int, Count] = {}
    for day, count in days.items():
        due = plus_days(day, -after)
        if due.year == year:
            found[due.month] = found.get(due.month, Count()) + count
    return found


def of_customer(customer: Customer, year: int) -> dict[str, dict[int, Count]]:
    """Return what is due for a customer by action and month, in one query."""
    rows = CareOccurrence.objects.filter(customer=customer, due__range=year_days(year)).counted().order_by()
    by = rows.annotate(month=ExtractMonth("due"), is_done=Q(done_on__isnull=False))
    found: dict[str, dict[int, Count]] = defaultdict(dict)
    grouped = by.values_list("code", "month", "state", "is_done").annotate(number=Number("pk"))
    for code, month, state, is_done, number in grouped:
        is_ahead = state == OccurrenceState.COMING and is_done
        found[code].setdefault(month, Count()).add("done" if is_ahead else str(state), number)
    return found


def year_days(year: int) -> Span:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def month_days(year: int, month: int) -> Span:
    first = dt.date(year, month, 1)
    return first, first + relativedelta(months=1, days=-1)


def list_url(user: Any, filters: Mapping[str, Any], days: Span, *, by: str = "last", after: int = 0) -> str:
    """Return the list of exactly the occurrences that are counted."""
    asked = {f"{by}_from": plus_days(days[0], after), f"{by}_to": plus_days(days[1], after), **COUNTED["planned"]}
    if may_see_inactive(user) and "customer" not in filters:
        asked["customer_state"] = ALL_STATES
    return reverse("carefollow:occurrences", query={**filters, **asked})
