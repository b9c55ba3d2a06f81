"""Hours of several people: sums by person and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models.functions import TruncDate

from accounts.models import Team, User
from accounts.selectors import people_ids
from activities.calendar.selectors.calendar import DAY, week_window
from activities.calendar.selectors.hours import ZERO, hour_sums, people_with_hours_seen_by, targets
from activities.calendar.selectors.team import MAX_PEOPLE, team_of
from core.paging import first_rows


@dataclass(frozen=True)
class PersonHours:
    """One person's week: hours by day, planned hours, and the target, if there is one."""

    person: User
    days: list[Decimal]
    planned: Decimal
    target: Decimal | None

    @property
    def total(self) -> Decimal:
        return sum(self.days, ZERO)

    @property
    def over(self) -> Decimal:
        return max(self.total - self.target, ZERO) if self.target is not None else ZERO

    @property
    def left(self) -> Decimal:
        return max(self.target - self.total, ZERO) if self.target is not None else ZERO


def people_of_page(user: Any, pk: str) -> tuple[Team | None, list[User], int]:
    """Return the team of the page with those of its people that are shown, and the number that the user may see.

    Without a chosen team (``pk``) all visible people are on the page, if they fit on it; else those of one of the
    user's own teams, or of the first one.
    """
    seen = people_with_hours_seen_by(user).order_by("sort_key", "pk")
    people, number = first_rows(seen, MAX_PEOPLE)
    team = team_of(user, pk) if pk or number > MAX_PEOPLE else None
    if team is not None:
        people, number = first_rows(seen.filter(pk__in=people_ids(team)), MAX_PEOPLE)
    return team, people, number


def people_hours(people: list[User], first: dt.date) -> list[PersonHours]:
    """Return the hours of the week from ``first`` of each, in two queries."""
    keys = [person.pk for person in people]
    by_day: dict[tuple[int, dt.date], Decimal] = {}
    planned = dict.fromkeys(keys, ZERO)
    for row in hour_sums(keys, week_window(first), "user", day=TruncDate("start_at")):
        by_day[row["user"], row["day"]] = row["hours"]
        planned[row["user"]] += row["planned"]
    wanted = targets(keys)
    return [
        PersonHours(
            person=person,
            days=[by_day.get((person.pk, first + number * DAY), ZERO) for number in range(7)],
            planned=planned[person.pk],
            target=wanted.get(person.pk),
        )
        for person in people
    ]
