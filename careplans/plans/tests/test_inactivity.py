"""On which days customers are inactive, and under no action."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from careplans.plans.models import InactiveSpan
from careplans.plans.tests.test_stays import TODAY, at, captured, models, refresh
from core import clock
from customers.services.customers import customer_set_active, customer_set_passive
from customers.tests.factories import CustomerFactory
from segmentation.membership.tests.factories import MembershipFactory

__all__ = ["captured", "models"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Any:
    return CustomerFactory()


def spans(customer: Any) -> list[tuple[str, str]]:
    rows = InactiveSpan.objects.filter(customer=customer).order_by("first")
    return [(str(row.first), str(row.last or "")) for row in rows]


def test_an_inactive_customer_is_inactive_from_its_day(customer):
    with clock.frozen(TODAY):
        customer_set_passive(customer=customer, reason="closed", day=dt.date(2026, 11, 18))
        refresh(customer)
    assert spans(customer) == [("2026-11-18", "")]


def test_a_customer_that_is_active_again_was_inactive_until_yesterday(customer):
    with clock.frozen(dt.date(2026, 11, 18)):
        customer_set_passive(customer=customer, reason="closed")
        refresh(customer, today=dt.date(2026, 11, 18))
    with clock.frozen(TODAY):
        customer_set_active(customer=customer)
        refresh(customer)
    assert spans(customer) == [("2026-11-18", "2026-11-19")]


def test_inactive_and_active_on_one_day_never_happened(customer):
    with clock.frozen(TODAY):
        customer_set_passive(customer=customer, reason="closed")
        refresh(customer)
        customer_set_active(customer=customer)
        refresh(customer)
    assert spans(customer) == []


def test_what_is_undone_on_the_day_of_an_earlier_date_never_happened(customer):
    with clock.frozen(TODAY):
        customer_set_passive(customer=customer, reason="closed", day=dt.date(2026, 11, 10))
        refresh(customer)
        assert spans(customer) == [("2026-11-10", "")]
        customer_set_active(customer=customer)
        refresh(customer)
    assert spans(customer) == []


def test_what_was_noted_on_an_earlier_day_has_happened(customer):
    with clock.frozen(dt.date(2026, 11, 18)):
        customer_set_passive(customer=customer, reason="closed", day=dt.date(2026, 11, 10))
        refresh(customer, today=dt.date(2026, 11, 18))
    with clock.frozen(TODAY):
        customer_set_active(customer=customer)
        refresh(customer)
    assert spans(customer) == [("2026-11-10", "2026-11-19")]


def test_a_customer_made_inactive_ends_its_stay_by_the_service(customer, models, captured, tasks_at_once):
    MembershipFactory(customer=customer, segment=models[0].segment, start=at("2026-11-03"))
    with captured():
        customer_set_passive(customer=customer, reason="closed")
    assert spans(customer) == [(str(clock.today()), "")]
