"""When figures are computed: after a commit, once; what is written; the ends of periods."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.tests.factories import UserFactory
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.metrics import customers_touched, untouched
from customers.services.summaries import summaries_refresh
from customers.tests.factories import CustomerFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.metrics.models import CustomerMetrics
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.tests.world import at

pytestmark = pytest.mark.django_db
TASK = "segmentation.metrics.tasks.compute_metrics"


@pytest.fixture
def captured(django_capture_on_commit_callbacks):
    """Capture what is called after a commit, without what the rows of the test have already left to be called."""

    def capture():
        connection.run_on_commit.clear()
        return django_capture_on_commit_callbacks(execute=True)

    return capture


def of_metrics(queued):
    """Return the tasks that compute metrics: other apps compute theirs too."""
    return [task for task in queued if task[0] == TASK]


def figures(customer):
    return CustomerMetrics.objects.get(customer=customer).values


def test_a_batch_of_changes_is_one_task_after_the_commit(queued, captured):
    customers = [CustomerFactory() for _number in range(3)]
    with captured():
        for customer in customers:
            summaries_refresh([customer.pk])
        assert queued == []
    assert of_metrics(queued) == [(TASK, [customer.pk for customer in customers])]


def test_changes_that_a_savepoint_takes_back_hide_no_others(queued, captured):
    first, second = CustomerFactory(), CustomerFactory()
    with captured():
        with suppress(RuntimeError), transaction.atomic():
            customers_touched([first.pk])
            raise RuntimeError
        customers_touched([second.pk])
    assert of_metrics(queued) == [(TASK, [second.pk])]


def test_a_load_that_computes_all_itself_queues_nothing(queued, captured):
    customer = CustomerFactory()
    with captured(), untouched():
        customers_touched([customer.pk])
    assert queued == []


def test_logging_an_activity_brings_the_figures_of_its_customer_up_to_date(tasks_at_once, captured):
    customer, user = CustomerFactory(), UserFactory(role="account_manager")
    with captured():
        activity_log(
            user=user, type=activity_type("call"), customer=customer, title="Call", start=clock.now(), status="done",
            channel="phone",
        )  # fmt: skip
    assert figures(customer)["contacts_phone_12"] == 1


@pytest.mark.parametrize(
    ("on", "counted"),
    [("2025-11-29", 0), ("2025-11-30", 1), ("2026-11-29", 1), ("2026-11-30", 0)],
)
def test_in_12_months_is_from_the_day_after_the_same_day_a_year_ago_to_the_day(on, counted):
    customer = CustomerFactory()
    OrderFactory(customer=customer, date=dt.date.fromisoformat(on), net=Decimal(1))
    metrics_refresh([customer.pk], day=dt.date(2026, 11, 29))
    assert figures(customer)["orders_12"] == counted


@pytest.mark.parametrize(
    ("start", "counted"),
    [("2025-11-29 23:59", 0), ("2025-11-30 00:00", 1), ("2026-11-29 23:59", 1), ("2026-11-30 00:00", 0)],
)
def test_moments_count_by_the_day_in_the_organisations_time_zone(start, counted):
    customer = CustomerFactory()
    ActivityFactory(customer=customer, start=at(start))
    metrics_refresh([customer.pk], day=dt.date(2026, 11, 29))
    assert figures(customer)["contacts_12"] == counted


def test_the_last_day_of_february_is_the_end_of_twelve_months_too():
    customer = CustomerFactory()
    for on in ("2027-02-28", "2027-03-01"):
        OrderFactory(customer=customer, date=dt.date.fromisoformat(on), net=Decimal(1))
    metrics_refresh([customer.pk], day=dt.date(2028, 2, 29))
    assert figures(customer)["orders_12"] == 1


def test_the_night_leaves_what_was_computed_after_the_day_that_it_evaluates():
    customer = CustomerFactory(personnel=5)
    metrics_refresh([customer.pk])
    CustomerMetrics.objects.filter(customer=customer).update(values={"personnel": 7})
    assert metrics_refresh(day=clock.today() - dt.timedelta(days=1)) == 0
    assert figures(customer) == {"personnel": 7}


def test_the_command_computes_all_for_its_day(capsys):
    customer = CustomerFactory()
    OrderFactory(customer=customer, date=dt.date(2026, 5, 5), net=Decimal(10))
    call_command("refresh_metrics", "--today", "2026-05-04")
    assert figures(customer)["ordered_12"] == 0
    call_command("refresh_metrics", "--today", "2026-05-05")
    assert figures(customer)["ordered_12"] == 10
    assert "Figures of 1 customers have changed." in capsys.readouterr().out


def test_only_rows_that_differ_are_written():
    customers = [CustomerFactory(personnel=number) for number in (1, 2)]
    metrics_refresh()
    before = CustomerMetrics.objects.get(customer=customers[0]).computed_at
    type(customers[1]).objects.filter(pk=customers[1].pk).update(personnel=3)
    assert metrics_refresh() == 1
    assert CustomerMetrics.objects.get(customer=customers[0]).computed_at == before


def test_days_since_the_last_contact_are_full_weeks_after_four_weeks():
    customer = CustomerFactory()
    ActivityFactory(customer=customer, start=at("2026-01-01 10:00"))
    for day, expected in (("2026-01-28", 27), ("2026-01-30", 28), ("2026-02-05", 35)):
        metrics_refresh([customer.pk], day=dt.date.fromisoformat(day))
        CustomerMetrics.objects.update(computed_at=at("2020-01-01 00:00"))
        assert figures(customer)["days_since_contact"] == expected
