"""The history of figures: a row only when a value changed, by month; its partitions."""

from __future__ import annotations

import datetime as dt
import importlib
from decimal import Decimal

import pytest
from django.db import connection

from core import clock
from core.metrics import fixed_metrics
from customers.tests.factories import CustomerFactory
from offers.orders.models import OrderLine
from offers.orders.tests.factories import OrderFactory
from segmentation.metrics.models import CustomerMetrics, MetricHistory
from segmentation.metrics.selectors import periods_of, shown_of
from segmentation.metrics.services.partitions import partition_years, partitions_turn
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.tests.world import product

pytestmark = pytest.mark.django_db


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture
def customer():
    with clock.frozen(day("2026-01-15")):
        return CustomerFactory(personnel=10)


def order(customer, on, net=100):
    with clock.frozen(day(on)):
        return OrderFactory(customer=customer, date=day(on), net=Decimal(net))


def refresh(on, *customers):
    with clock.frozen(day(on)):
        return metrics_refresh([one.pk for one in customers])


def rows(customer, code="ordered_12"):
    found = MetricHistory.objects.filter(customer_id=customer.pk, code=code).order_by("from_month")
    return [(str(row.from_month)[:7], str(row.to_month)[:7] if row.to_month else "", row.value) for row in found]


def test_no_row_where_the_value_is_what_no_data_means(customer):
    refresh("2026-01-15", customer)
    assert rows(customer) == []
    assert rows(customer, "turnover") == []
    assert rows(customer, "personnel") == [("2026-01", "", 10)]


def test_a_change_in_a_later_month_closes_the_row_and_opens_another(customer):
    order(customer, "2026-01-10", 100)
    refresh("2026-01-15", customer)
    order(customer, "2026-03-03", 50)
    refresh("2026-02-15", customer)
    refresh("2026-03-20", customer)
    assert rows(customer) == [("2026-01", "2026-02", 100), ("2026-03", "", 150)]


def test_a_change_in_the_same_month_changes_the_row(customer):
    order(customer, "2026-01-10", 100)
    refresh("2026-01-15", customer)
    order(customer, "2026-01-20", 5)
    refresh("2026-01-21", customer)
    assert rows(customer) == [("2026-01", "", 105)]


def test_a_value_that_goes_closes_its_row(customer):
    order(customer, "2026-01-10", 100)
    refresh("2026-01-15", customer)
    refresh("2027-01-10", customer)
    assert rows(customer) == [("2026-01", "2026-12", 100)]


def test_a_value_that_goes_in_its_first_month_leaves_no_row(customer):
    sold = order(customer, "2026-01-10", 100)
    refresh("2026-01-15", customer)
    sold.status = "cancelled"
    sold.save()
    refresh("2026-01-16", customer)
    assert rows(customer) == []


def test_a_value_that_comes_back_in_the_month_in_which_it_went_has_a_row_again(customer):
    sold = order(customer, "2026-01-10", 100)
    refresh("2026-01-15", customer)
    for status in ("cancelled", "waiting"):
        sold.status = status
        sold.save()
        refresh("2026-02-15", customer)
    assert rows(customer) == [("2026-01", "2026-01", 100), ("2026-02", "", 100)]


def test_what_changes_with_the_calendar_alone_has_no_history(customer):
    order(customer, "2026-01-10", 100)
    refresh("2026-01-15", customer)
    assert not MetricHistory.objects.filter(code="months_since_order").exists()
    assert CustomerMetrics.objects.get(customer=customer).values["months_since_order"] == 0


def test_months_and_periods_are_read_from_the_rows(customer):
    order(customer, "2026-03-03", 100)
    for month in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"):
        refresh(month, customer)
    metric = fixed_metrics()["ordered_12"]
    with clock.frozen(day("2026-04-30")):
        [shown] = shown_of(customer, [metric])
        periods = periods_of(customer, metric)
    assert shown.months == [0, 0, 100, 100]
    assert [(one.first.month, one.last.month if one.last else None, one.value) for one in periods] == [
        (3, None, 100),
        (1, 2, 0),
    ]


def test_the_night_makes_next_years_partition_and_drops_what_is_older_than_five_years(customer):
    refresh("2026-01-15", customer)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE metrics_metrichistory SET from_month = '2021-05-01'")
    old = MetricHistory.objects.filter(customer_id=customer.pk, code="personnel")
    MetricHistory.objects.bulk_create(
        [MetricHistory(customer_id=customer.pk, code="turnover", from_month=day("2021-01-01"),
                       to_month=day("2021-02-01"), value=1)]
    )  # fmt: skip
    assert partitions_turn(day("2029-03-01")) == [2021, 2022, 2023]
    assert partition_years()[0] == 2024
    assert {2029, 2030} <= set(partition_years())
    assert [row.from_month for row in old] == [day("2024-01-01")]
    assert rows(customer, "turnover") == []


def test_deleting_a_customer_deletes_its_figures_and_their_history(customer):
    refresh("2026-01-15", customer)
    pk = customer.pk
    customer.delete()
    assert not CustomerMetrics.objects.filter(pk=pk).exists()
    assert not MetricHistory.objects.filter(customer_id=pk).exists()


def test_variety_is_not_known_where_no_order_names_a_product(customer):
    sold = order(customer, "2026-01-10")
    refresh("2026-01-15", customer)
    values = CustomerMetrics.objects.get(customer=customer).values
    assert not {"product_groups_36", "products_36", "variety_36"} & values.keys()
    line = {"order": sold, "kind": "product", "name": "A", "quantity": 1, "unit_price": 1, "discount": 0, "vat_rate": 0}
    OrderLine.objects.create(**line, position=1, product=product("A", "languages"))
    OrderLine.objects.create(**line, position=2)
    refresh("2026-02-15", customer)
    values = CustomerMetrics.objects.get(customer=customer).values
    assert [values[code] for code in ("product_groups_36", "products_36", "variety_36")] == [1, 1, 1]


def test_variety_without_orders_is_zero_until_an_order_makes_it_unknown(customer):
    refresh("2026-01-15", customer)
    order(customer, "2026-02-10")
    refresh("2026-02-15", customer)
    refresh("2026-03-15", customer)
    assert rows(customer, "product_groups_36") == [("2026-01", "2026-01", 0)]
    with clock.frozen(day("2026-03-15")):
        periods = periods_of(customer, fixed_metrics()["product_groups_36"])
    assert [(str(one.first)[:7], one.value) for one in periods] == [("2026-02", None), ("2026-01", 0)]


def test_a_zero_that_had_no_row_gets_one_in_the_month_after_it_became_a_value(customer):
    refresh("2026-01-15", customer)
    MetricHistory.objects.filter(customer=customer, code="product_groups_36").delete()
    forget_zeros = importlib.import_module("segmentation.metrics.migrations.0003_unknown_variety").forget_zeros
    forget_zeros(None, type("Editor", (), {"connection": connection}))
    assert "product_groups_36" not in CustomerMetrics.objects.get(customer=customer).values
    refresh("2026-02-15", customer)
    assert rows(customer, "product_groups_36") == [("2026-02", "", 0)]
