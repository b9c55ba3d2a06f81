"""Queries of the team week: each member's week, open activities and hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from accounts.models import Team, User
from activities.calendar.selectors.calendar import (
    CalendarEvent,
    Day,
    by_days,
    calendar_events,
    stale_before,
    week_window,
)
from activities.calendar.selectors.hours import ZERO, hour_sums, people_with_hours_seen_by, targets
from activities.log.models import Activity, Participation
from core import clock
from core.numbers import parse_id
from customers.querysets import of_active

OPEN_SHOWN = 6
MAX_PEOPLE = 30
#: The columns that are read of open activities: memos and search vectors are long.
OPEN_READ = (
    "user", "due_at", "activity__title", "activity__start", "activity__status", "activity__type__icon",
    "activity__customer__name", "activity__customer__state",
)  # fmt: skip


@dataclass(frozen=True)
class PersonWeek:
    """One person's part of the page. ``hours`` is None if the reader may not see them."""

    person: User
    days: list[Day]
    open: list[Activity]
    unfinished: int
    overdue: int
    stale: int
    hours: Decimal | None
    target: Decimal | None

    @property
    def more(self) -> int:
        return self.unfinished - len(self.open)


def team_of(user: Any, pk: str) -> Team | None:
    """Return the team with the id ``pk``, or None; without an id one of the user's own, else the first."""
    teams = Team.objects.visible_to(user).order_by("name", "pk")
    if pk:
        return teams.filter(pk=parse_id(pk) or 0).first()
    return teams.filter(members=user).first() or teams.first()


def team_week(user: Any, team: Team, first: dt.date) -> tuple[list[PersonWeek], bool]:
    """Return the week from ``first`` of each active member, ordered by name, and whether something was left out.

    Costs a constant number of queries whatever the size of the team.
    """
    people = list(User.objects.active().filter(teams=team).order_by("sort_key", "pk")[: MAX_PEOPLE + 1])
    is_cut, people = len(people) > MAX_PEOPLE, people[:MAX_PEOPLE]
    events, too_many = calendar_events(user, people, week_window(first))
    facts = _TeamFacts(user, [person.pk for person in people], first)
    return [_person_week(person, events, first, facts) for person in people], is_cut or too_many


class _TeamFacts:
    """Counts, open activities, hours and targets of all people, by their ids."""

    def __init__(self, user: Any, people: list[int], first: dt.date) -> None:
        self.counts = _counts(people)
        self.open = _oldest_open(people)
        visible = people_with_hours_seen_by(user).filter(pk__in=people).values_list("pk", flat=True)
        sums = hour_sums(people, week_window(first), "user")
        hours = {row["user"]: row["hours"] for row in sums}
        self.hours = {pk: hours.get(pk, ZERO) for pk in visible}
        self.targets = targets(self.hours)


def _person_week(person: User, events: list[CalendarEvent], first: dt.date, facts: _TeamFacts) -> PersonWeek:
    own = [event for event in events if person.pk in event.people]
    counts = facts.counts.get(person.pk, {})
    return PersonWeek(
        person=person,
        days=by_days(own, first, 7),
        open=facts.open.get(person.pk, []),
        unfinished=counts.get("unfinished", 0),
        overdue=counts.get("overdue", 0),
        stale=counts.get("stale", 0),
        hours=facts.hours.get(person.pk),
        target=facts.targets.get(person.pk),
    )


def _due(people: list[int]) -> Any:
    """Return the people's unfinished work, without inactive customers."""
    due = Participation.objects.filter(user__in=people, due_at__isnull=False)
    return due.filter(of_active("activity__customer"))


def _counts(people: list[int]) -> dict[int, dict[str, int]]:
    rows = (
        _due(people)
        .values("user")
        .annotate(
            unfinished=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=clock.now())),
            stale=Count("pk", filter=Q(due_at__lt=stale_before())),
        )
    )
    return {row["user"]: row for row in rows.order_by()}


def _oldest_open(people: list[int]) -> dict[int, list[Activity]]:
    """Return each person's unfinished activities that are due first, at most ``OPEN_SHOWN``."""
    place = Window(RowNumber(), partition_by=F("user"), order_by=("due_at", "pk"))
    oldest = _due(people).annotate(place=place).filter(place__lte=OPEN_SHOWN)
    activities: dict[int, list[Activity]] = {}
    oldest = oldest.select_related("activity__type", "activity__customer").only(*OPEN_READ)
    for participation in oldest.order_by("due_at", "pk"):
        activities.setdefault(participation.user_id, []).append(participation.activity)
    return activities
