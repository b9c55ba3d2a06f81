"""When customers' plans were gone through: what completes the actions that ask for an update of the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from careplans.caremodels.plugs import Served
from careplans.plans.models import PlanUpdate


def updates_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the updates of customers' plans."""
    rows = PlanUpdate.objects.filter(customer__any_of=list(customers), day__range=(since, until))
    return (Served(customer, day, pk) for customer, day, pk in rows.values_list("customer", "day", "pk"))
