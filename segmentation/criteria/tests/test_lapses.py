"""What a customer would become when conditions lapse: by the rules as they are on that day, computed by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from activities.leads.models import Lead, LeadState
from activities.log.tests.factories import ActivityFactory
from core import clock
from core.conditions.tree import Group
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.criteria.evaluation import scheme_evaluate
from segmentation.criteria.models import Evaluation
from segmentation.criteria.tests.conftest import at_least, at_most, group, tree
from segmentation.criteria.tests.factories import in_force, scheme_with
from segmentation.metrics.models import CustomerMetrics

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 28)
ALL = Group(1)


def customer(**values: Any) -> Any:
    row = CustomerFactory()
    known = {"values": values, "computed_at": clock.now(), "since": DAY}
    CustomerMetrics.objects.update_or_create(customer=row, defaults=known)
    return row


def mutual_lead(row: Any, day: dt.date) -> None:
    start = dt.datetime.combine(day, dt.time(10), dt.UTC)
    activity = ActivityFactory(customer=row, start=start)
    Lead.objects.create(activity=activity, state=LeadState.CUSTOMER)


def change(scheme: Any, row: Any) -> tuple[str, Any]:
    """Return the day of the change of a customer and the segment that follows."""
    scheme_evaluate(scheme=scheme, day=DAY)
    lapse = Evaluation.objects.get(customer=row).reasons["lapse"]
    return lapse["on"], lapse.get("segment")


@pytest.fixture
def omn() -> Any:
    """The default rules: B by offers, P by a lead of 12 months without an order, C for all others."""
    potential = [at_least("mutual_leads_12", 1), at_most("orders_total", 0)]
    scheme, segments = scheme_with("B", "C", "P")
    in_force(scheme, {
        segments["B"]: tree([at_least("offers_24", 1)]),
        segments["C"]: tree([group("none", group("all", *potential))]),
        segments["P"]: tree(potential),
    })  # fmt: skip
    return scheme, segments


def test_a_potential_customer_becomes_basic_when_its_lead_lapses(omn: Any) -> None:
    scheme, segments = omn
    row = customer(mutual_leads_12=1, orders_total=0)
    mutual_lead(row, dt.date(2026, 3, 1))
    assert change(scheme, row) == ("2027-03-01", segments["C"].pk)


def test_what_follows_is_not_a_segment_whose_own_condition_has_lapsed_by_then(omn: Any) -> None:
    scheme, segments = omn
    row = customer(offers_24=1, mutual_leads_12=1, orders_total=0)
    OfferFactory(customer=row, date=dt.date(2026, 5, 1))
    mutual_lead(row, dt.date(2026, 3, 1))
    # The offer lapses on 1 May 2028; the lead has lapsed on 1 March 2027.
    assert change(scheme, row) == ("2028-05-01", segments["C"].pk)


def test_what_follows_is_a_segment_that_is_entered_because_little_is_left() -> None:
    scheme, segments = scheme_with("B", "C", "D")
    in_force(scheme, {
        segments["B"]: tree([at_least("orders_12", 2)]),
        segments["C"]: tree([at_most("orders_36", 1)]),
        segments["D"]: ALL,
    })  # fmt: skip
    row = customer(orders_12=2, orders_36=3)
    for day in (dt.date(2024, 2, 1), dt.date(2026, 2, 10), dt.date(2026, 6, 30)):
        OrderFactory(customer=row, date=day)
    # On 10 February 2027 one order is left in 12 months and two are in 36 (that of 1 February 2024 has lapsed).
    assert change(scheme, row) == ("2027-02-10", segments["D"].pk)
    row = customer(orders_12=2, orders_36=2)
    for day in (dt.date(2026, 2, 10), dt.date(2026, 6, 30)):
        OrderFactory(customer=row, date=day)
    assert change(scheme, row) == ("2027-02-10", segments["D"].pk)


def test_at_most_begins_to_hold_when_events_lapse() -> None:
    scheme, segments = scheme_with("B", "C", "D")
    in_force(scheme, {
        segments["B"]: tree([at_least("orders_12", 1)]),
        segments["C"]: tree([at_most("offers_12", 0)]),
        segments["D"]: ALL,
    })  # fmt: skip
    row = customer(orders_12=1, offers_12=1)
    OrderFactory(customer=row, date=dt.date(2026, 6, 30))
    OfferFactory(customer=row, date=dt.date(2026, 2, 10))
    assert change(scheme, row) == ("2027-06-30", segments["C"].pk)
    later = customer(orders_12=1, offers_12=1)
    OrderFactory(customer=later, date=dt.date(2026, 2, 10))
    OfferFactory(customer=later, date=dt.date(2026, 6, 30))
    assert change(scheme, later) == ("2027-02-10", segments["D"].pk)


def test_an_order_of_29_february_counts_until_the_end_of_28_february() -> None:
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("orders_36", 1)]), segments["C"]: ALL})
    row = customer(orders_36=1)
    OrderFactory(customer=row, date=dt.date(2024, 2, 29))
    # 28 February 2027: (28 February 2024, 28 February 2027] has the order; 1 March 2027 does not.
    assert change(scheme, row) == ("2027-03-01", segments["C"].pk)
