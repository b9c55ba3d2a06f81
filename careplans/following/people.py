"""Who has an occurrence on its due day, and the unit and team of that person.

Responsibilities for customers have their days. Members of groups and teams have none: those of today count, and an
occurrence keeps the unit and the team that it had on its due day (:func:`careplans.following.rows.as_it_was`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from accounts.enums import TeamKind
from accounts.models import Team, TeamMembership, User
from customers.models import Responsibility


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an occurrence: a person, a team or unit, several people of a role or group; without a key nobody."""

    key: str = ""
    user: int | None = None
    team: int | None = None
    unit: int | None = None
    #: What it follows from has its days; who is in a group of users, or active, has none.
    is_dated: bool = True


NOBODY, NOBODY_TODAY = Holder(), Holder(is_dated=False)
Term = tuple[dt.date, dt.date | None, int]


@dataclass
class People:
    """The people of the program by groups and teams, and who is responsible for some customers."""

    today: dt.date
    #: By customer and role.
    responsible: dict[tuple[int, str], list[Term]]
    _groups: dict[str, list[int]] = field(default_factory=dict)
    _people: dict[tuple[int, bool], Holder] = field(default_factory=dict)

    @classmethod
    def read(cls, customers: Collection[int], today: dt.date) -> People:
        found: dict[tuple[int, str], list[Term]] = defaultdict(list)
        if customers:
            rows = Responsibility.objects.filter(customer__any_of=list(customers))
            for customer, role, start, end, user in rows.values_list("customer", "role", "start", "end", "user"):
                found[customer, role].append((start, end, user))
        return cls(today, found)

    @cached_property
    def active(self) -> set[int]:
        return set(User.objects.filter(is_active=True).values_list("pk", flat=True))

    @cached_property
    def _active_responsible(self) -> set[int]:
        people = {user for terms in self.responsible.values() for _start, _end, user in terms}
        return set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))

    @cached_property
    def teams(self) -> dict[int, tuple[str, int | None]]:
        """The kind of each team and what it is part of."""
        return {pk: (kind, parent) for pk, kind, parent in Team.objects.values_list("pk", "kind", "parent")}

    @cached_property
    def _memberships(self) -> dict[int, list[int]]:
        """The teams of each person, in order."""
        found: dict[int, list[int]] = defaultdict(list)
        for user, team in TeamMembership.objects.order_by("team").values_list("user", "team"):
            found[user].append(team)
        return found

    def place_of(self, user: int) -> tuple[int | None, int | None]:
        """Return the team and unit of a person: the first team that is no unit; the first unit, or that of the team."""
        teams = self._memberships.get(user, ())
        units = [pk for pk in teams if self.teams[pk][0] == TeamKind.UNIT]
        others = [pk for pk in teams if pk not in units]
        team = others[0] if others else None
        return team, units[0] if units else self.unit_of(team)

    def unit_of(self, team: int | None) -> int | None:
        """Return the team itself if it is a unit, else the nearest unit that it is part of."""
        seen: set[int] = set()
        while team is not None and team not in seen:
            kind, parent = self.teams[team]
            if kind == TeamKind.UNIT:
                return team
            seen.add(team)
            team = parent
        return None

    def holder(self, customer: int, keys: Iterable[str], day: dt.date) -> Holder:
        """Return who has what is due on a day: the first of the responsible ones that has a holder on it."""
        is_dated = True
        for key in keys:
            kind, _colon, name = key.partition(":")
            if kind == "team":
                if int(name) in self.teams:
                    return self.of_team(int(name))
                is_dated = False
                continue
            if kind == "role":
                people = self._role(customer, name, day)
                is_dated = is_dated and all(user in self._active_responsible for user in people)
                if day >= self.today:
                    people = [user for user in people if user in self._active_responsible]
            else:
                people, is_dated = self._group(name), False  # also one that nobody is in today may have been somebody's
            if people:
                return self._person(people[0], is_dated) if len(people) == 1 else Holder(key, is_dated=is_dated)
        return NOBODY if is_dated else NOBODY_TODAY

    def _role(self, customer: int, role: str, day: dt.date) -> list[int]:
        """Return who has a role for a customer on a day, also who has been deactivated since."""
        terms = self.responsible.get((customer, role), ())
        people = [user for start, end, user in terms if start <= day and (end is None or end >= day)]
        return sorted(set(people)) if len(people) > 1 else people

    def _group(self, name: str) -> list[int]:
        if name not in self._groups:
            rows = User.objects.filter(is_active=True, groups__name=name)
            self._groups[name] = list(rows.values_list("pk", flat=True))
        return self._groups[name]

    def _person(self, user: int, is_dated: bool) -> Holder:
        known = user, is_dated
        if known not in self._people:
            team, unit = self.place_of(user)
            self._people[known] = Holder(f"user:{user}", user, team, unit, is_dated)
        return self._people[known]

    def of_team(self, team: int) -> Holder:
        """Return the team or unit itself, with what it is part of."""
        key = f"team:{team}"
        if self.teams[team][0] == TeamKind.UNIT:
            return Holder(key, None, None, team)
        return Holder(key, None, team, self.unit_of(team))
