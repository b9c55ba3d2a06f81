"""Who has an action of a customer: a person, or the shared list of a role, a group or a team."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from accounts.models import Team, User
from careplans.plans.services.members import FALLBACK
from customers.models import Responsibility

#: Who has what nobody else has: the customer has no owner, the group no members.
LAST = f"group:{FALLBACK}"


@dataclass(frozen=True, slots=True)
class Holder:
    """A person, or the list of those who may claim the work."""

    person: int | None
    list_key: str = ""
    members: frozenset[int] = frozenset()


@dataclass
class Holders:
    """The holders of the roles for some customers; groups and teams are read when they are needed first."""

    customers: Collection[int]
    day: dt.date
    _members: dict[str, list[int]] = field(default_factory=dict)
    _found: dict[tuple[int, tuple[str, ...]], Holder] = field(default_factory=dict)

    @cached_property
    def _roles(self) -> dict[tuple[int, str], list[int]]:
        """The active people of each customer and role, in one query."""
        found: dict[tuple[int, str], list[int]] = defaultdict(list)
        rows = Responsibility.objects.current(self.day).filter(
            customer__any_of=list(self.customers), user__is_active=True
        )
        for customer, role, user in rows.order_by("pk").values_list("customer", "role", "user"):
            if user not in found[customer, role]:
                found[customer, role].append(user)
        return found

    def of(self, customer: int, responsible: Sequence[str]) -> Holder:
        """Return who has an action: the first of its responsible with anybody."""
        key = customer, tuple(responsible)
        if key not in self._found:
            self._found[key] = self._first(customer, responsible)
        return self._found[key]

    def _first(self, customer: int, responsible: Sequence[str]) -> Holder:
        for key in (*responsible, LAST):
            people = self._people(customer, key)
            if len(people) == 1:
                return Holder(people[0])
            if people:
                return Holder(None, key, frozenset(people))
        return Holder(None, LAST)

    def _people(self, customer: int, key: str) -> list[int]:
        kind, _colon, name = key.partition(":")
        if kind == "role":
            return self._roles.get((customer, name), [])
        if key not in self._members:
            about = {"groups__name": name} if kind == "group" else {"teams": name}
            people = User.objects.active().filter(**about).order_by("pk").distinct()
            self._members[key] = list(people.values_list("pk", flat=True))
        return self._members[key]


def leader_of(list_key: str) -> int | None:
    """Return the active leader of a team's list."""
    kind, _colon, name = list_key.partition(":")
    if kind != "team":
        return None
    return Team.objects.filter(pk=name, leader__is_active=True).values_list("leader", flat=True).first()
