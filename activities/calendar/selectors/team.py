"""Queries of the team week: sums by person and day, and the week of one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Q, When
from django.db.models.functions import TruncDate

from accounts.enums import TeamKind
from accounts.models import Team, User
from accounts.selectors import people_ids
from activities.calendar.moments import DayOfMoments, collapsed
from activities.calendar.selectors.calendar import (
    DAY,
    Window,
    by_days,
    calendar_events,
    days_of,
    monday,
    participations_in,
    stale_before,
    week_window,
)
from activities.calendar.selectors.hours import ZERO, hour_sums, people_with_hours_seen_by, targets
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, Participation
from core import clock
from core.numbers import parse_id
from core.paging import first_rows
from core.registry import declared
from customers.querysets import of_active

OPEN_SHOWN = 6
#: The number of entries of an unfolded day that are shown beside its moments.
DAY_SHOWN = 6
MAX_PEOPLE = 30
#: The columns that are read of open activities: memos and search vectors are long.
OPEN_READ = (
    "activity__title", "activity__start", "activity__status", "activity__type__icon", "activity__customer__name",
    "activity__customer__state",
)  # fmt: skip


@dataclass
class DaySum:
    """What begins on a day: the number of entries, how many of them are not done yet, and the hours.

    ``hours`` is None if the reader may not see them. ``is_away``: the person is absent.
    """

    date: dt.date
    count: int = 0
    open: int = 0
    hours: Decimal | None = None
    is_away: bool = False


@dataclass(frozen=True)
class PersonSums:
    """One person's row of the page. ``hours`` is None if the reader may not see them.

    ``unfinished`` are the open activities that are due by the end of the week, late ones among them.
    """

    person: User
    days: list[DaySum]
    unfinished: int
    overdue: int
    stale: int
    hours: Decimal | None
    target: Decimal | None

    @property
    def count(self) -> int:
        return sum(day.count for day in self.days)

    @property
    def is_over(self) -> bool:
        """Return whether the person has worked longer than the week's target."""
        return self.hours is not None and self.target is not None and self.hours > self.target


@dataclass(frozen=True)
class PersonWeek:
    """One person's week, unfolded: the entries by day and the open activities that are due first."""

    person: User
    days: list[DayOfMoments]
    open: list[Activity]
    unfinished: int
    is_cut: bool

    @property
    def more(self) -> int:
        return self.unfinished - len(self.open)


def load_end(first: dt.date) -> dt.datetime:
    """Return until when work is load on the page of a week: to its end, on those of former weeks to that of today's.

    What plans ask for in coming months is no load yet.
    """
    return week_window(load_day(first)).end


def load_day(first: dt.date) -> dt.date:
    """Return the last day of :func:`load_end`."""
    return max(first, monday(clock.user_today())) + 6 * DAY


def team_of(user: Any, pk: str) -> Team | None:
    """Return the team with the id ``pk``, or None; without an id one of the user's own, else the first with members.

    Teams of people who work together come before care teams, which look after a segment beside other work.
    """
    teams = Team.objects.visible_to(user)
    if pk:
        return teams.filter(pk=parse_id(pk) or 0).first()
    in_order = teams.order_by(Case(When(kind=TeamKind.CARE, then=1), default=0), "name", "pk")
    return in_order.filter(members=user).first() or in_order.exclude(members=None).first() or in_order.first()


def members_of(team: Team) -> tuple[list[User], int]:
    """Return the active people of the team by name, at most ``MAX_PEOPLE``, and the number of all."""
    people = User.objects.active().filter(pk__in=people_ids(team)).order_by("sort_key", "pk")
    return first_rows(people, MAX_PEOPLE)


def team_week(user: Any, team: Team, first: dt.date) -> tuple[list[PersonSums], int]:
    """Return the sums of the week from ``first`` of the active members that are shown, and the number of all.

    Costs a constant number of queries whatever the size of the team: each groups ranges of one index.
    """
    people, number = members_of(team)
    facts = _TeamFacts(user, people, first)
    return [facts.row(person) for person in people], number


def totals_of(members: Iterable[PersonSums], first: dt.date) -> list[DaySum]:
    """Return the sums of all people for each day; ``hours`` are those that the reader may see."""
    totals = [DaySum(first + number * DAY) for number in range(7)]
    for member in members:
        for total, day in zip(totals, member.days, strict=True):
            total.count += day.count
            total.open += day.open
            if day.hours is not None:
                total.hours = (total.hours or ZERO) + day.hours
    return totals


class _TeamFacts:
    """Entries and hours by day, open activities and targets of all people, by their ids."""

    def __init__(self, user: Any, people: list[User], first: dt.date) -> None:
        self.first, keys = first, [person.pk for person in people]
        self.due = _due_counts(keys, load_end(first))
        self.entries, self.away = _entries(user, people, first)
        self.seen = set(people_with_hours_seen_by(user).filter(pk__in=keys).values_list("pk", flat=True))
        sums = hour_sums(list(self.seen), week_window(first), "user", day=TruncDate("start_at"))
        self.hours = {(row["user"], row["day"]): row["hours"] for row in sums}
        self.targets = targets(self.seen)

    def row(self, person: User) -> PersonSums:
        days = [self._day(person.pk, self.first + number * DAY) for number in range(7)]
        due = self.due.get(person.pk, {})
        return PersonSums(
            person=person,
            days=days,
            unfinished=due.get("unfinished", 0),
            overdue=due.get("overdue", 0),
            stale=due.get("stale", 0),
            hours=sum((day.hours or ZERO for day in days), ZERO) if person.pk in self.seen else None,
            target=self.targets.get(person.pk),
        )

    def _day(self, pk: int, day: dt.date) -> DaySum:
        count, unfinished = self.entries.get((pk, day), (0, 0))
        hours = self.hours.get((pk, day), ZERO) if pk in self.seen else None
        return DaySum(day, count, unfinished, hours, (pk, day) in self.away)


#: A person and a day.
OnDay = tuple[int, dt.date]


def _entries(user: Any, people: list[User], first: dt.date) -> tuple[dict[OnDay, tuple[int, int]], set[OnDay]]:
    """Return the number of entries by person and day, how many of them are not done yet, and who is away.

    What began before the week and lasts is on its first day. Sources of other apps are counted too.
    """
    window = week_window(first)
    found: dict[OnDay, tuple[int, int]] = {}
    away: set[OnDay] = set()
    rows = participations_in([person.pk for person in people], window).values("user", day=TruncDate("start_at"))
    unfinished = Count("pk", filter=Q(activity__status__in=UNFINISHED))
    for row in rows.annotate(count=Count("pk"), unfinished=unfinished).order_by():
        _add(found, row["user"], max(row["day"], first), row["count"], row["unfinished"])
    for source in declared("CALENDAR_SOURCES"):
        for event in source.events(user, people, window.start, window.end):
            days = days_of(event, first, first + 6 * DAY)
            if event.is_absence:
                away.update((pk, day) for pk in event.people for day in days)
                continue
            for pk in event.people:
                _add(found, pk, days[0], 1, int(not event.is_done))
    return found, away


def _add(found: dict[OnDay, tuple[int, int]], pk: int, day: dt.date, count: int, unfinished: int) -> None:
    before = found.get((pk, day), (0, 0))
    found[pk, day] = (before[0] + count, before[1] + unfinished)


def person_week(user: Any, person: User, first: dt.date) -> PersonWeek:
    """Return the week of one person from ``first`` with the open activities, in a constant number of queries."""
    window = week_window(first)
    events, is_cut = calendar_events(user, [person], Window(window.start, window.end))
    due = _due([person.pk], load_end(first))
    oldest = due.select_related("activity__type", "activity__customer").only(*OPEN_READ).order_by("due_at", "pk")
    return PersonWeek(
        person=person,
        days=collapsed(by_days(events, first, 7), at_most=DAY_SHOWN),
        open=[participation.activity for participation in oldest[:OPEN_SHOWN]],
        unfinished=due.count(),
        is_cut=is_cut,
    )


def _due(people: Collection[int], end: dt.datetime) -> Any:
    """Return the people's unfinished work that is due before ``end``, without inactive customers."""
    return Participation.objects.filter(user__in=people, due_at__lt=end).filter(of_active("activity__customer"))


def _due_counts(people: list[int], end: dt.datetime) -> dict[int, dict[str, int]]:
    rows = (
        _due(people, end)
        .values("user")
        .annotate(
            unfinished=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=clock.now())),
            stale=Count("pk", filter=Q(due_at__lt=stale_before())),
        )
    )
    return {row["user"]: row for row in rows.order_by()}
