"""Who may act on what is late: the one rule of red on lists, cards, calendars, panels and pages.

Red says "this waits for you". It waits for the people who are to do it, for those who may do it for them (the owner
and the deputies of its customer, the substitute of today) and for those who lead them. Others see the same words
in plain colours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, Value

from accounts.models import User
from accounts.standing_in import people_of
from customers.enums import ResponsibilityRole
from customers.models import Responsibility

Key = TypeVar("Key", bound=Hashable)
STANDING_IN = (ResponsibilityRole.OWNER, ResponsibilityRole.DEPUTY)


@dataclass(frozen=True)
class Concern:
    """Who is to do something: ``people`` and the customer by their ids; ``anyone``: whoever takes it."""

    people: frozenset[int] = frozenset()
    customer: int | None = None
    anyone: bool = False

    @classmethod
    def of(cls, *people: int | None, customer: int | None = None) -> Concern:
        return cls(frozenset(pk for pk in people if pk), customer)


def acting_on(user: Any, concerns: Mapping[Key, Concern]) -> set[Key]:
    """Return the keys of what the user may act on. One query at most, none where all of it is the user's own."""
    own = {key for key, concern in concerns.items() if concern.anyone or user.pk in concern.people}
    others = {key: concern for key, concern in concerns.items() if key not in own}
    people = {pk for concern in others.values() for pk in concern.people}
    customers = {concern.customer for concern in others.values() if concern.customer}
    led, stood_in_for = _near(user, people, customers) if people or customers else (set(), set())
    return own | {key for key, concern in others.items() if concern.people & led or concern.customer in stood_in_for}


def mark_acting(user: Any, rows: Iterable[Any], concern: Callable[[Any], Concern | None]) -> None:
    """Set ``may_act`` of rows. ``concern`` says who is to do a late row; None: nobody needs to."""
    rows = list(rows)
    found = {number: one for number, row in enumerate(rows) if (one := concern(row)) is not None}
    own = acting_on(user, found)
    for number, row in enumerate(rows):
        row.may_act = number in own


def _near(user: Any, people: Collection[int], customers: Collection[int]) -> tuple[set[int], set[int]]:
    """Return which of the people the user leads or replaces today, and for which customers he or she answers."""
    near = Q(manager=user) | Q(teams__leader=user) | Q(pk__any_of=people_of(user))
    led = User.objects.filter(near, pk__in=people)
    current = Responsibility.objects.current().filter(user=user, role__in=STANDING_IN, customer__in=customers)
    found = (
        led.order_by().values_list(Value(True), "pk").union(current.order_by().values_list(Value(False), "customer"))
    )
    rows = list(found)
    return {pk for is_person, pk in rows if is_person}, {pk for is_person, pk in rows if not is_person}
