"""Who has an occurrence on its due day, and the unit and team of that person.

Responsibilities for customers have their days, and so has who is active. Members of groups and teams have none: those
of today count, and an occurrence keeps what it had of them on its due day (:func:`careplans.following.rows.as_it_was`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.apps import apps
from django.utils import timezone

from accounts.enums import TeamKind
from accounts.models import Team, TeamMembership, User
from careplans.adherence.days import Steps, at_end_of_day, value_on
from customers.models import Responsibility

#: The history of people, and of who was in which group.
_EVENTS: Any = apps.get_model("accounts", "UserEvent")
_MEMBERS: Any = apps.get_model("accounts", "GroupMembershipEvent")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an occurrence: a person, a team or unit, several people of a role or group; without a key nobody."""

    key: str = ""
    user: int | None = None
    team: int | None = None
    unit: int | None = None
    #: Who may have had it while a group or team that came before was another one; None where none came before.
    former: frozenset[str] | None = None
    #: Who has it by what has its days alone.
    by_role: Holder | None = None


NOBODY = Holder()
Term = tuple[dt.date, dt.date | None, int]


@dataclass
class People:
    """The people of the program by groups and teams, and who is responsible for some customers."""

    today: dt.date
    #: By customer and role.
    responsible: dict[tuple[int, str], list[Term]]
    _groups: dict[str, list[int]] = field(default_factory=dict)
    _people: dict[int, Holder] = field(default_factory=dict)
    _former: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    _known: dict[tuple[str, str, tuple[str, ...]], Holder] = field(default_factory=dict)

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
    def _activity(self) -> dict[int, Steps[bool]]:
        """From which days on the responsible people who were ever deactivated have been active, or not."""
        people = {user for terms in self.responsible.values() for _start, _end, user in terms}
        rows = _EVENTS.objects.filter(pgh_obj__in=people, is_active=False).values("pgh_obj")
        events = _EVENTS.objects.filter(pgh_obj__in=rows).order_by("pgh_created_at", "pgh_id")
        changes: dict[int, list[tuple[dt.datetime, bool]]] = defaultdict(list)
        for user, at, is_active in events.values_list("pgh_obj", "pgh_created_at", "is_active"):
            changes[user].append((at, is_active))
        zone = timezone.get_default_timezone()
        found: dict[int, Steps[bool]] = {user: at_end_of_day(steps, zone) for user, steps in changes.items()}
        for user in people - self.active:  # from today on, also where no history says so
            found[user] = [*(step for step in found.get(user, ()) if step[0] < self.today), (self.today, False)]
        return found

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

    def holder(self, customer: int, keys: Sequence[str], day: dt.date) -> Holder:
        """Return who has what is due on a day: the first of the responsible ones that has a holder on it."""
        passed: list[str] = []
        now: Holder | None = None
        for key in keys:
            kind, _colon, name = key.partition(":")
            if kind == "role":
                found = self._of(key, self._role(customer, name, day))
                if found is not None:
                    return self._undated(now or found, found, passed) if passed else found
                continue
            if kind == "team" and int(name) in self.teams:
                found = self.of_team(int(name))
                return self._undated(now or found, found, passed) if passed else found
            passed.append(key)  # who was in it, or that it was there, has no days
            now = now or (self._of(key, self._group(name)) if kind == "group" else None)
        return self._undated(now or NOBODY, NOBODY, passed) if passed else NOBODY

    def _of(self, key: str, people: Sequence[int]) -> Holder | None:
        if not people:
            return None
        return self._person(people[0]) if len(people) == 1 else Holder(key)

    def _undated(self, now: Holder, by_role: Holder, passed: Sequence[str]) -> Holder:
        """Return who has it now, with who may have had it of groups and teams, and who has it without them."""
        known = now.key, by_role.key, tuple(passed)
        if known not in self._known:
            self._known[known] = replace(now, former=self._had(known[2]), by_role=by_role)
        return self._known[known]

    def _had(self, keys: tuple[str, ...]) -> frozenset[str]:
        """Return the groups and teams with all who are or ever were in the groups."""
        if keys not in self._former:
            names = [key.partition(":")[2] for key in keys if key.startswith("group:")]
            events = _MEMBERS.objects.filter(group__name__in=names).order_by()
            people = {
                *events.values_list("user", flat=True).distinct(),
                *(pk for name in names for pk in self._group(name)),
            }
            self._former[keys] = frozenset({*keys, *(f"user:{pk}" for pk in people)})
        return self._former[keys]

    def _role(self, customer: int, role: str, day: dt.date) -> list[int]:
        """Return who has a role for a customer at the end of a day, of the people who are active then."""
        terms = self.responsible.get((customer, role), ())
        people = [
            user
            for start, end, user in terms
            if start <= day and (end is None or end >= day) and value_on(self._activity.get(user, ()), day) is not False
        ]
        return sorted(set(people)) if len(people) > 1 else people

    def _group(self, name: str) -> list[int]:
        if name not in self._groups:
            rows = User.objects.filter(is_active=True, groups__name=name)
            self._groups[name] = list(rows.values_list("pk", flat=True))
        return self._groups[name]

    def _person(self, user: int) -> Holder:
        if user not in self._people:
            team, unit = self.place_of(user)
            self._people[user] = Holder(f"user:{user}", user, team, unit)
        return self._people[user]

    def of_team(self, team: int) -> Holder:
        """Return the team or unit itself, with what it is part of."""
        key = f"team:{team}"
        if self.teams[team][0] == TeamKind.UNIT:
            return Holder(key, None, None, team)
        return Holder(key, None, team, self.unit_of(team))
