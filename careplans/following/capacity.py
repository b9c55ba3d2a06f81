"""Capacity of people: the hours of their occurrences in the coming ISO weeks, against their working time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from careplans.adherence.capacity import Work, hours_by_week, hours_of, monday_of
from careplans.adherence.days import plus_days
from careplans.adherence.periods import WEEK
from careplans.caremodels.workload import Row, working_time
from careplans.following.models import CareOccurrence
from core.working_days import is_working_day
from customers.state_filters import ALL_STATES, may_see_inactive

WEEKS = 12
#: The columns of the list to which figures lead.
LISTED = ("customer", "action", "due", "last", "state", "done", "holder", "hours")


@dataclass(frozen=True)
class Capacity:
    """The weeks by their Mondays, a row for each person by name, and the sums of all of them."""

    weeks: list[dt.date]
    rows: list[Row]
    total: Row


def coming_weeks(today: dt.date) -> list[dt.date]:
    """Return the Mondays of this week and of those that follow it."""
    return [plus_days(monday_of(today), WEEK * number) for number in range(WEEKS)]


def capacity_of(reader: Any, people: Collection[Any], weeks: Sequence[dt.date]) -> Capacity:
    """Return the hours of people and their working time by week, in a constant number of queries."""
    times = working_time([person.pk for person in people], weeks)
    works = _works(reader, times, weeks)
    rows = []
    for person in people:
        row = Row(f"user:{person.pk}", str(person), available=times[person.pk])
        found = hours_by_week(works[person.pk], is_working_day)
        row.hours.update({week: found[week] for week in weeks if week in found})
        rows.append(row)
    return Capacity(list(weeks), rows, sum_of(rows, weeks, _("Total")))


def _works(reader: Any, people: Collection[int], weeks: Sequence[dt.date]) -> dict[int, list[Work]]:
    """Return by person what takes hours in these weeks, of the customers that the reader sees."""
    found: dict[int, list[Work]] = defaultdict(list)
    rows = CareOccurrence.objects.visible_to(reader).filter(user__in=people)
    rows = rows.between(weeks[0], plus_days(weeks[-1], WEEK - 1)).order_by()
    for user, *about in rows.values_list("user", "hours", "first", "due", "last", "work_day"):
        found[user].append(Work(*about))
    return found


def sum_of(rows: Sequence[Row], weeks: Sequence[dt.date], label: str) -> Row:
    """Return a row with the sums of rows."""
    total = Row("", label)
    for week in weeks:
        total.hours[week] = sum((row.hours.get(week, Fraction(0)) for row in rows), Fraction(0))
        total.available[week] = sum((row.available[week] for row in rows), Fraction(0))
    return total


def hours_in_week(row: Any) -> Fraction:
    """Return the hours of an occurrence of ``in_week`` that are in that week."""
    work = Work(row.hours, row.first, row.due, row.last, row.work_day)
    return hours_of(work, is_working_day)[row.work_week]


def week_url(reader: Any, people: Sequence[Row], week: dt.date) -> str:
    """Return the list of what takes hours of people in a week."""
    owners = [row.key.removeprefix("user:") for row in people if row.hours.get(week)]
    asked: dict[str, Any] = {"owner": owners, "week": week, "columns": LISTED}
    if may_see_inactive(reader):
        asked["customer_state"] = ALL_STATES
    return reverse("carefollow:occurrences", query=asked)
