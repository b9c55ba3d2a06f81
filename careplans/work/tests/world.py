"""Customers with plans that ask for work, on real services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from activities.log.models import Activity
from careplans.plans.evaluations import care_refresh
from careplans.plans.tests.world import action, at, day, under, version_of
from careplans.work.models import CareWork
from core import clock
from customers.models import Customer, Responsibility
from customers.tests.factories import CustomerFactory

TODAY = day("2026-05-15")  # a Friday


@pytest.fixture
def may(db: None) -> Iterator[None]:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


def owned(owner: Any, since: str = "2026-01-01", version: Any = None, **about: Any) -> Customer:
    """Return a customer of an owner with a plan that asks for a monthly call, or what is said."""
    if version is None:
        version = version_of()
        action(version, types=["call"], **about)
    customer: Customer = CustomerFactory()
    if owner is not None:
        Responsibility.objects.create(customer=customer, user=owner, role="owner", start=day("2020-01-01"))
    return under(version, since, customer)


def run(*customers: Customer, on: dt.date = TODAY) -> None:
    """Evaluate customers as of a day."""
    with clock.frozen(at(on.isoformat(), "09:00")):
        care_refresh([one.pk for one in customers], today=on)


def work_of(customer: Customer, code: str = "contact") -> CareWork:
    """Return the open work of a customer."""
    return CareWork.objects.select_related("activity").get(customer=customer, code=code, state="open")


def states_of(customer: Customer) -> list[tuple[str, str]]:
    """Return the due days and states of all work of a customer."""
    rows = CareWork.objects.filter(customer=customer).order_by("due", "pk")
    return [(str(row.due), row.state) for row in rows]


def generated(customer: Customer) -> list[Activity]:
    return list(Activity.objects.filter(customer=customer, created_by=None).order_by("start", "pk"))


def people_of(activity: Activity) -> list[int]:
    return sorted(activity.participations.values_list("user", flat=True))
