"""On which days customers are inactive, and under no action."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from careplans.plans.models import InactiveSpan
from careplans.plans.tests.test_stays import TODAY, at, captured, models, refresh
from core import clock
from customers.models import Customer
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


def dated_yesterday(customer: Any) -> None:
    """Date the history of a customer a day back: the database dates it by its own clock."""
    day_back = "UPDATE customers_customerevent SET pgh_created_at = pgh_created_at - interval '1 day'"
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(f"{day_back} WHERE pgh_obj_id = %s", [customer.pk])


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


def test_a_time_that_goes_on_has_its_end_again_when_that_is_undone_on_its_day(customer):
    with clock.frozen(dt.date(2026, 11, 10)):
        customer_set_passive(customer=customer, reason="closed")
        refresh(customer, today=dt.date(2026, 11, 10))
    with clock.frozen(dt.date(2026, 11, 14)):
        customer_set_active(customer=customer)
        refresh(customer, today=dt.date(2026, 11, 14))
    with clock.frozen(TODAY):
        customer_set_passive(customer=customer, reason="closed", day=dt.date(2026, 11, 10))
        refresh(customer)
        assert spans(customer) == [("2026-11-10", "")]
        customer_set_active(customer=customer)
        refresh(customer)
    assert spans(customer) == [("2026-11-10", "2026-11-13")]


def test_a_time_that_goes_on_ends_on_the_day_before_a_later_activation(customer):
    InactiveSpan.objects.create(customer=customer, first="2026-11-10", last="2026-11-13", noted_on="2026-11-10")
    with clock.frozen(dt.date(2026, 11, 18)):
        customer_set_passive(customer=customer, reason="closed", day=dt.date(2026, 11, 10))
        refresh(customer, today=dt.date(2026, 11, 18))
    with clock.frozen(TODAY):
        customer_set_active(customer=customer)
        refresh(customer)
    assert spans(customer) == [("2026-11-10", "2026-11-19")]


def test_a_run_after_midnight_takes_the_day_of_the_deactivation_and_of_the_activation(customer):
    day, later = timezone.localdate(), timezone.localdate() + dt.timedelta(days=1)
    customer_set_passive(customer=customer, reason="closed")
    refresh(customer, today=later)
    assert InactiveSpan.objects.get().noted_on == day
    customer_set_active(customer=customer)
    refresh(customer, today=later)
    assert spans(customer) == []


def test_a_deactivation_that_is_taken_back_on_the_next_day_has_happened_whenever_the_run_saw_it(customer):
    first = timezone.localdate() - dt.timedelta(days=1)
    Customer.objects.filter(pk=customer.pk).update(state="passive", passive_reason="closed", passive_since=first)
    dated_yesterday(customer)
    refresh(customer, today=timezone.localdate())
    assert InactiveSpan.objects.get().noted_on == first
    customer_set_active(customer=customer)
    refresh(customer, today=timezone.localdate())
    assert spans(customer) == [(str(first), str(first))]


def test_a_customer_made_inactive_ends_its_stay_by_the_service(customer, models, captured, tasks_at_once):
    MembershipFactory(customer=customer, segment=models[0].segment, start=at("2026-11-03"))
    with captured():
        customer_set_passive(customer=customer, reason="closed")
    assert spans(customer) == [(str(clock.today()), "")]
