"""The service cost of a year shared by hours; the direct cost of an order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.metrics.models import OrderCost, ServiceCost
from segmentation.metrics.services.costs import order_cost_set, service_rates_refresh
from segmentation.metrics.tests.world import at
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db


def rates(day):
    service_rates_refresh(dt.date.fromisoformat(day))
    return {cost.year: cost.rate for cost in ServiceCost.objects.all()}


@pytest.fixture
def years():
    for year in (2024, 2025, 2026, 2027):
        ServiceCost.objects.create(year=year, amount=3650)
    for start, hours in (("2025-01-01 00:30", 10), ("2025-12-31 23:30", 90), ("2026-01-01 00:30", 50)):
        ActivityFactory(start=at(start), hours=hours)
    ActivityFactory(start=at("2025-05-05 10:00"), hours=100, customer=None)
    ActivityFactory(start=at("2025-05-05 10:00"), hours=100, status="open")


def test_a_year_is_shared_by_its_hours_for_customers_in_the_organisations_time_zone(years):
    assert rates("2026-12-31") == {2024: None, 2025: Decimal("36.5"), 2026: Decimal("73"), 2027: None}


def test_of_the_running_year_the_part_is_shared_that_has_gone_by(years):
    assert rates("2026-01-10")[2026] == Decimal("2")  # 10 of 365 days: 100 euros for 50 hours


def test_without_costs_nothing_is_read(django_assert_num_queries):
    with django_assert_num_queries(1):
        service_rates_refresh(dt.date(2026, 1, 1))


def test_the_same_direct_cost_again_writes_nothing():
    order = OrderFactory()
    first = order_cost_set(order=order, amount=Decimal(5), user=None)
    assert order_cost_set(order=order, amount=Decimal(5), user=None).version == first.version == 1
    assert order_cost_set(order=order, amount=Decimal(6), user=None).version == 2
    order_cost_set(order=order, amount=None, user=None)
    assert not OrderCost.objects.exists()


def test_the_history_of_a_direct_cost_shows_what_it_has_been_also_when_it_is_taken_away(client):
    order, user = OrderFactory(), UserFactory(role="administrator", language="en")
    for amount in (Decimal(5), Decimal(1234), None):
        order_cost_set(order=order, amount=amount, user=user)
    client.force_login(user)
    page = client.get(reverse("metrics:order_cost_history", args=[order.pk])).content.decode()
    assert "1234" in page.replace("\xa0", "").replace(",", "")
    client.force_login(UserFactory(role="read_only"))
    Scheme.objects.filter(is_primary=True).update(value_mode="off")
    assert client.get(reverse("metrics:order_cost_history", args=[order.pk])).status_code == 403
