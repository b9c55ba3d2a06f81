"""A second exception of an action: what is in force stays until it is approved, and ends then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from careplans.plans.models import PlanException
from careplans.plans.services.exceptions import exception_approve, exception_reject, exception_request
from careplans.plans.tests.world import day, plan
from core import clock
from core.notices import notice_of
from customers.models import Customer

pytestmark = pytest.mark.django_db
TODAY = "2026-05-15"


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


def each(months: int, customer: Customer, **about: Any) -> PlanException:
    fields = {"first": day(TODAY), "last": day("2026-12-31"), **about}
    return PlanException(
        customer=customer, code="contact", kind="frequency", frequency="months", count=months,
        reason="The customer asked for it.", **fields,
    )  # fmt: skip


@pytest.fixture
def quarterly(customer, owner, keeper) -> PlanException:
    """Return an exception that the owner has asked for and the key account manager has approved."""
    return exception_approve(exception=exception_request(exception=each(3, customer), user=owner), user=keeper)


def months_on(customer: Customer, on: str) -> int:
    return plan(customer, on).line("contact").action.frequency.size


def days(exception: PlanException) -> tuple[str, str]:
    exception.refresh_from_db()
    return str(exception.first), str(exception.last)


def test_an_owner_asks_again_and_the_first_applies_until_the_decision(customer, owner, quarterly):
    asked = exception_request(exception=each(6, customer), user=owner)
    assert asked.is_requested
    assert months_on(customer, "2026-06-15") == 3
    assert days(quarterly) == (TODAY, "2026-12-31")


def test_the_approved_one_replaces_the_first_which_ends_the_day_before(customer, owner, keeper, quarterly):
    asked = exception_request(exception=each(6, customer), user=owner)
    with clock.frozen(dt.datetime(2026, 6, 10, 9, tzinfo=dt.UTC)):
        approved = exception_approve(exception=asked, user=keeper)
    assert (days(quarterly), days(approved)) == ((TODAY, "2026-06-09"), ("2026-06-10", "2026-12-31"))
    assert [months_on(customer, on) for on in ("2026-06-09", "2026-06-10")] == [3, 6]


def test_the_first_stays_when_the_second_is_rejected(customer, owner, keeper, quarterly):
    asked = exception_request(exception=each(6, customer), user=owner)
    exception_reject(exception=asked, user=keeper, reason="Each quarter is agreed.")
    assert days(quarterly) == (TODAY, "2026-12-31")
    assert months_on(customer, "2026-06-15") == 3


def test_one_that_has_not_begun_is_removed_or_begins_when_the_second_has_ended(customer, keeper):
    autumn = exception_request(exception=each(3, customer, first=day("2026-09-01")), user=keeper)
    exception_request(exception=each(2, customer, last=day("2026-10-31")), user=keeper)
    assert days(autumn) == ("2026-11-01", "2026-12-31")
    exception_request(exception=each(6, customer, first=day("2026-10-01")), user=keeper)
    assert not PlanException.objects.filter(pk=autumn.pk).exists()
    assert [months_on(customer, on) for on in ("2026-09-30", "2026-11-15")] == [2, 6]


def test_who_decides_sees_what_ends(customer, owner, keeper, quarterly):
    asked = exception_request(exception=each(6, customer), user=owner)
    client = Client()
    client.force_login(keeper)
    text = client.get(f"/care-plans/exceptions/{asked.pk}/approve/").text
    assert "It ends when this one is approved" in text
    assert "each quarter" in text


def test_who_decides_sees_what_is_asked_for(customer, owner, keeper):
    asked = exception_request(exception=each(6, customer), user=owner)
    client = Client()
    client.force_login(keeper)
    text = client.get(f"/care-plans/exceptions/{asked.pk}/approve/").text
    assert "each half-year" in text
    assert "The customer asked for it." in text


def test_an_owner_asks_again_on_the_page(customer, owner, quarterly):
    client = Client()
    client.force_login(owner)
    data = {
        "code": "contact", "kind": "frequency", "frequency": "months", "count": "6", "unit": "month",
        "first": TODAY, "last": "2026-12-31", "reason": "Twice a year is enough now.",
    }  # fmt: skip
    assert client.post(f"/customers/{customer.pk}/care-plan/exceptions/new/", data).status_code == 302
    assert PlanException.objects.order_by("pk").last().is_requested


def message_after_a_request(client: Client, customer: Customer) -> Any:
    data = {
        "code": "contact", "kind": "frequency", "frequency": "months", "count": "6", "unit": "month",
        "first": TODAY, "last": "2026-12-31", "reason": "Twice a year is enough now.",
    }  # fmt: skip
    answer = client.post(f"/customers/{customer.pk}/care-plan/exceptions/new/", data)
    return notice_of(list(get_messages(answer.wsgi_request))[-1])


def test_one_that_has_ended_another_has_no_undo_that_would_leave_neither(client, customer, keeper, quarterly):
    client.force_login(keeper)
    assert not message_after_a_request(client, customer).undo
    assert PlanException.objects.get().count == 6


def test_one_that_replaces_nothing_is_taken_back(client, customer, keeper):
    client.force_login(keeper)
    client.post(message_after_a_request(client, customer).undo)
    assert not PlanException.objects.exists()
