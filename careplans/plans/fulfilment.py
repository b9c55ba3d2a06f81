"""When customers' plans were gone through, and the activities that were done for customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from careplans.caremodels.fulfilment import _day, _roles_of, _window
from careplans.caremodels.plugs import Served
from careplans.plans.models import PlanUpdate

_COLUMNS = ("pk", "customer", "type", "type__is_contact", "start", "end", "hours", "email__direction")


def updates_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the updates of customers' plans."""
    rows = PlanUpdate.objects.filter(customer__in=list(customers), day__range=(since, until))
    return (Served(customer, day, pk) for customer, day, pk in rows.values_list("customer", "day", "pk"))


def activities_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the done activities of customers with what filters ask of them."""
    first, end = _window(since, until)
    of_customers = Activity.objects.filter(customer__any_of=list(customers), status=ActivityStatus.DONE)
    found = list(of_customers.filter(start__gte=first, start__lt=end).values_list(*_COLUMNS, _day("start")))
    roles, makers = _roles_of([row[0] for row in found])
    for pk, customer, kind, is_contact, start, end_at, hours, direction, day in found:
        minutes = int((end_at - start).total_seconds() // 60) if end_at else int((hours or 0) * 60)
        people = frozenset(roles[pk])
        with_maker = bool(people & makers)
        yield Served(customer, day, pk, kind, is_contact, minutes, direction or "", people, with_maker)
