"""Queries of hours of work: sums by week, person, type and customer.

The hours of an activity are those entered for it; without them, the length of a done activity from start to end, at
most ``LONGEST`` hours (whole days have no length). Unfinished activities without entered hours count as planned. Every
participant gets all the hours. Only types that count as work time are included, on the day when the activity begins in
the reader's time zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, DecimalField, F, Func, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Least, Round, TruncDate, TruncWeek
from django.utils.translation import gettext as _

from accounts.models import User
from activities.calendar.models import WorkTarget
from activities.calendar.selectors.calendar import DAY, Window, monday, week_window
from activities.log.enums import UNFINISHED, ActivityStatus
from activities.log.models import ActivityType, Participation
from activities.log.selectors import midnight
from core.exceptions import ParameterError
from core.numbers import parse_id
from customers.models import Customer

LONGEST = 8
WEEKS = 12
OWN_WORK = "customer_work"
ZERO = Decimal(0)


@dataclass
class Cell:
    """One day of a row. ``activities`` are the ids of the activities in its sum."""

    day: dt.date
    name: str
    hours: Decimal = ZERO
    planned: Decimal = ZERO
    activities: list[int] = field(default_factory=list)
    can_add: bool = False
    is_resting: bool = False  # work of an inactive customer is not changed
    error: str = ""
    typed: str | None = None

    @property
    def is_editable(self) -> bool:
        return not self.is_resting and (len(self.activities) == 1 or (not self.activities and self.can_add))


@dataclass
class Row:
    type: ActivityType
    customer: Customer | None
    cells: list[Cell]

    @property
    def total(self) -> Decimal:
        return sum((cell.hours for cell in self.cells), ZERO)

    @property
    def planned(self) -> Decimal:
        return sum((cell.planned for cell in self.cells), ZERO)


@dataclass
class Group:
    """The rows of one type, with their sums. Several rows are folded under the type."""

    type: ActivityType
    rows: list[Row]

    @property
    def name(self) -> str:
        return f"group-{self.type.pk}"

    @property
    def is_folded(self) -> bool:
        """Return whether the rows are hidden at first: not those in which something has to be corrected."""
        return not any(cell.error for row in self.rows for cell in row.cells)

    @property
    def sums(self) -> list[Decimal]:
        return [sum((row.cells[number].hours for row in self.rows), ZERO) for number in range(7)]

    @property
    def total(self) -> Decimal:
        return sum((row.total for row in self.rows), ZERO)

    @property
    def planned(self) -> Decimal:
        return sum((row.planned for row in self.rows), ZERO)


@dataclass
class WeekHours:
    person: User
    first: dt.date
    rows: list[Row]
    target: Decimal | None

    @property
    def groups(self) -> list[Group]:
        """Return the rows by type, in the order of their first rows."""
        groups: dict[int, Group] = {}
        for row in self.rows:
            groups.setdefault(row.type.pk, Group(row.type, [])).rows.append(row)
        return list(groups.values())

    @property
    def over(self) -> Decimal:
        """Return how many hours have been worked over the target."""
        return max(self.total - self.target, ZERO) if self.target is not None else ZERO

    @property
    def days(self) -> list[dt.date]:
        return [self.first + number * DAY for number in range(7)]

    @property
    def sums(self) -> list[Decimal]:
        return [sum((row.cells[number].hours for row in self.rows), ZERO) for number in range(7)]

    @property
    def total(self) -> Decimal:
        return sum((row.total for row in self.rows), ZERO)

    @property
    def planned(self) -> Decimal:
        return sum((row.planned for row in self.rows), ZERO)


@dataclass(frozen=True)
class WeekSum:
    first: dt.date
    hours: Decimal
    planned: Decimal

    @property
    def number(self) -> int:
        return self.first.isocalendar().week


def person_of(user: Any, pk: str) -> User:
    """Return the person with the id ``pk``, the user without one. Raise ParameterError if the user sees no such one."""
    if not pk:
        return cast("User", user)
    person = User.objects.visible_to(user).filter(pk=parse_id(pk) or 0).first()
    if person is None:
        raise ParameterError({"user": _("There is no such person (user).")})
    return person


def people_with_hours_seen_by(user: Any) -> QuerySet[User]:
    """Return the people with hours that ``user`` may see: the user, their staff and members of teams they lead.

    Users who may view reports or manage users see everyone.
    """
    if user.has_perm("accounts.view_reports") or user.has_perm("accounts.manage_users"):
        return User.objects.active()
    led = User.objects.filter(teams__leader=user).values("pk")
    return User.objects.active().filter(Q(pk=user.pk) | Q(manager=user) | Q(pk__in=led))


def hour_sums(people: Collection[Any] | QuerySet[User], window: Window, *by: str, **named: Any) -> QuerySet[Any]:
    """Return ``hours`` and ``planned`` grouped by ``by`` (paths from a participation) and ``named`` expressions."""
    participations = Participation.objects.filter(
        user__in=people,
        start_at__gte=window.start,
        start_at__lt=window.end,
        activity__type__counts_as_work=True,
    )
    return (
        participations.values(*by, **named)
        .annotate(
            hours=Coalesce(Sum(_counted()), Value(ZERO), output_field=_figure()),
            planned=Coalesce(Sum(_planned()), Value(ZERO), output_field=_figure()),
        )
        .order_by()
    )


def _figure() -> DecimalField[Any, Any]:
    return DecimalField(max_digits=9, decimal_places=2)


def _length() -> Any:
    seconds = Func(
        F("activity__end") - F("activity__start"), function="EXTRACT", template="EXTRACT(EPOCH FROM %(expressions)s)"
    )
    hours = Cast(seconds, DecimalField(max_digits=14, decimal_places=4)) / Value(3600)
    return Round(Least(hours, Value(LONGEST), output_field=_figure()), 2, output_field=_figure())


def _counted() -> Any:
    done = When(
        activity__status=ActivityStatus.DONE, activity__end__isnull=False, activity__is_all_day=False, then=_length()
    )
    return Coalesce("activity__hours", Case(done, output_field=_figure()), output_field=_figure())


def _planned() -> Any:
    is_planned = Q(activity__status__in=UNFINISHED) & Q(activity__hours__isnull=True)
    has_length = Q(activity__end__isnull=False, activity__is_all_day=False)
    return Case(When(is_planned & has_length, then=_length()), output_field=_figure())


def week_hours(person: User, day: dt.date) -> WeekHours:
    """Return the week of ``day`` with a row for each type and customer, rows without a customer first.

    Work without a customer always has a row, even an empty one, so that hours can be entered. Costs a constant number
    of queries.
    """
    first = monday(day)
    sums = hour_sums(
        [person.pk],
        week_window(first),
        "activity__type",
        "activity__customer",
        day=TruncDate("start_at"),
        ids=ArrayAgg("activity", order_by="activity"),
    )
    cells = {(row["activity__type"], row["activity__customer"], row["day"]): row for row in sums}
    keys = {key[:2] for key in cells}
    types = {row.pk: row for row in ActivityType.objects.filter(Q(pk__in={pk for pk, _ in keys}) | Q(code=OWN_WORK))}
    keys |= {(pk, None) for pk, kind in types.items() if kind.code == OWN_WORK and not kind.is_retired}
    customers = Customer.objects.in_bulk([pk for _kind, pk in keys if pk])
    rows = [_week_row(types[kind], customers.get(customer), first, cells) for kind, customer in keys]
    rows.sort(key=lambda row: (row.customer is not None, str(row.customer or ""), row.type.order, row.type.pk))
    target = WorkTarget.objects.filter(pk=person.pk).values_list("hours", flat=True).first()
    return WeekHours(person, first, rows, target)


def _week_row(kind: ActivityType, customer: Customer | None, first: dt.date, sums: dict[Any, Any]) -> Row:
    pk = customer.pk if customer else None
    can_add = _is_plain(kind) and (customer is not None or not kind.needs_customer)
    is_resting = customer is not None and customer.is_passive
    cells = []
    for day in (first + number * DAY for number in range(7)):
        cell = Cell(day, f"h-{kind.pk}-{pk or 0}-{day:%Y%m%d}", can_add=can_add, is_resting=is_resting)
        if day_sums := sums.get((kind.pk, pk, day)):
            cell.hours, cell.planned, cell.activities = day_sums["hours"], day_sums["planned"], day_sums["ids"]
        cells.append(cell)
    return Row(kind, customer, cells)


def _is_plain(kind: ActivityType) -> bool:
    """Return whether an activity of the type can be logged with hours alone."""
    return not (kind.is_retired or kind.needs_goal or kind.needs_contact or kind.own_details.is_incoming)


def last_weeks(person: User, day: dt.date) -> list[WeekSum]:
    """Return the sums of ``WEEKS`` weeks up to the week of ``day``, newest first, in one query."""
    last = monday(day)
    first = last - (WEEKS - 1) * 7 * DAY
    window = Window(midnight(first), midnight(last + 7 * DAY))
    rows = hour_sums([person.pk], window, week=TruncWeek("start_at"))
    sums = {row["week"].date(): WeekSum(row["week"].date(), row["hours"], row["planned"]) for row in rows}
    weeks = [last - number * 7 * DAY for number in range(WEEKS)]
    return [sums.get(week) or WeekSum(week, ZERO, ZERO) for week in weeks]


def targets(people: Iterable[int]) -> dict[int, Decimal]:
    return dict(WorkTarget.objects.filter(pk__in=list(people)).values_list("pk", "hours"))


def exported_hours(people: Collection[Any] | QuerySet[User], first: dt.date, last: dt.date) -> QuerySet[Any]:
    """Return sums by person, week, type and customer, in that order, from ``first`` to ``last``, both included."""
    window = Window(midnight(first), midnight(last + DAY))
    by = ("user__last_name", "user__first_name", "user", "activity__type", "activity__customer")
    name, state = F("activity__customer__name"), F("activity__customer__state")
    sums = hour_sums(people, window, *by, week=TruncWeek("start_at"), customer_name=name, customer_state=state)
    return sums.order_by("user__sort_key", "user", "week", "activity__type__order", "activity__customer__name")
