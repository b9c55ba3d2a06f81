"""What following keeps of small worlds, compared with what adherence computes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from careplans.adherence.evaluation import evaluate
from careplans.adherence.figures import Figures, figures_of, in_period
from careplans.caremodels.tests.factories import CareModelFactory
from careplans.following.models import CareOccurrence, CareSum
from careplans.following.services.checks import sums_wrong
from careplans.plans.evaluations import care_refresh
from careplans.plans.records import records
from careplans.plans.services.stays import stays_refresh
from careplans.plans.tests.world import day
from customers.models import Customer, Responsibility
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.schemes.models import Scheme

YEAR = day("2026-01-01"), day("2026-12-31")


def primary_model() -> Any:
    """Return a care model of a segment of the primary scheme."""
    scheme = Scheme.objects.primary().get()
    return CareModelFactory(segment=SegmentFactory(scheme=scheme))


def owned(customer: Customer, user: Any, since: str = "2026-01-01", until: str = "", role: str = "owner") -> Customer:
    Responsibility.objects.create(
        customer=customer, user=user, role=role, start=day(since), end=day(until) if until else None
    )  # fmt: skip
    return customer


def refresh(*customers: Customer, on: str = "2026-05-15") -> None:
    """Bring customers up to date as their night or task does, and hold the sums equal to the occurrences."""
    ids = [customer.pk for customer in customers]
    stays_refresh(ids, today=day(on))
    care_refresh(ids, today=day(on))
    assert not sums_wrong()


def kept(customer: Customer, code: str = "contact") -> list[tuple[str, str]]:
    """Return the last days and states of the occurrences that are kept."""
    rows = CareOccurrence.objects.filter(customer=customer, code=code).order_by("last", "start")
    return [(str(last), state) for last, state in rows.values_list("last", "state")]


def over(customer: Customer, code: str = "contact") -> list[tuple[str, str]]:
    return [(last, state) for last, state in kept(customer, code) if state != "coming"]


def held(customer: Customer) -> dict[str, str]:
    """Return who has the occurrences, by their last days."""
    rows = CareOccurrence.objects.filter(customer=customer).order_by("last")
    return {str(last): holder for last, holder in rows.values_list("last", "holder")}


def summed(period: tuple[dt.date, dt.date] = YEAR, **about: Any) -> Figures:
    """Return the figures of the sums of a period."""
    rows = CareSum.objects.filter(day__range=period, **about)
    return sum((row.figures for row in rows), Figures())


def computed(
    customers: Collection[Customer], on: str, period: tuple[dt.date, dt.date] = YEAR, code: str = ""
) -> Figures:
    """Return the figures that adherence computes of customers, of all of their actions or of one."""
    found = records([customer.pk for customer in customers], day(on))
    occurrences = [
        occurrence
        for record in found.values()
        for one, known in evaluate(record, day(on), day("2027-01-31")).occurrences.items()
        if code in ("", one)
        for occurrence in known
    ]
    return figures_of(in_period(occurrences, period))
