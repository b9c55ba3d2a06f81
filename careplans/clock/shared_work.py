"""Work of customers that waits on shared lists: how much there is for each person who may claim it, in five queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Value, Window
from django.db.models.functions import Concat, RowNumber
from django.urls import reverse

from careplans.clock.shared import NAMED, people_of_lists
from careplans.following.permissions import holders_of
from careplans.work.enums import WorkState
from careplans.work.models import CareWork
from careplans.work.weekly import Told
from core import clock

ROLES = "role:"
#: When a work is due, which one it is, and how it is named.
Named = tuple[dt.date, int, str]


def work_listed_url() -> str:
    return reverse("carework:listed", query={"mine": "true"})


def work_told() -> dict[int, Told]:
    """Return what waits on the lists of each person who may log activities, the first ones by name."""
    counts, first = _counted(_of_lists(), "list_key")
    held, first_held = _counted(_of_roles(), "held__user")
    people = defaultdict(set, people_of_lists(set(counts)))
    told = {}
    for person in holders_of("activities", "log_activity") & (people.keys() | held.keys()):
        named = [*first_held[person], *(one for key in people[person] for one in first[key])]
        count = held.get(person, 0) + sum(counts[key] for key in people[person])
        told[person] = Told(count, [name for _due, _pk, name in sorted(named)[:NAMED]])
    return told


def _waiting() -> QuerySet[CareWork]:
    return CareWork.objects.filter(state=WorkState.OPEN, person=None, customer__state="active").order_by()


def _of_lists() -> QuerySet[Any]:
    """Return what waits on the lists of groups and teams."""
    return _waiting().exclude(list_key__startswith=ROLES)


def _of_roles() -> QuerySet[Any]:
    """Return what waits for those who have a role for the customer, once for each of them."""
    today, path = clock.today(), "customer__responsibilities"
    now = Q(**{f"{path}__start__lte": today}) & (Q(**{f"{path}__end": None}) | Q(**{f"{path}__end__gte": today}))
    rows = _waiting().filter(list_key__startswith=ROLES).alias(held=FilteredRelation(path, condition=now))
    return rows.filter(list_key=Concat(Value(ROLES), F("held__role")))


def _counted(rows: QuerySet[Any], by: str) -> tuple[dict[Any, int], dict[Any, list[Named]]]:
    """Return how many there are by list or person, and the first ones of each."""
    counts = dict(rows.values_list(by).annotate(number=Count("pk", distinct=True)))
    first: dict[Any, list[Named]] = defaultdict(list)
    rank = Window(RowNumber(), partition_by=F(by), order_by=("due", "pk"))
    ranked = rows.annotate(rank=rank, key=F(by)).filter(rank__lte=NAMED).order_by("due", "pk")
    for key, due, pk, customer, title, code in ranked.values_list(
        "key", "due", "pk", "customer__name", "written_title", "code"
    ):
        first[key].append((due, pk, f"{customer}: {title or code}"))
    return counts, first
