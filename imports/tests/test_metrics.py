"""Values of own metrics and direct costs of orders from files: held rows with reasons, the same file again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from imports.models import ImportRun
from imports.tests.helpers import codes, counts, run_import
from imports.tests.undoing import by, outcome, undo
from offers.orders.tests.factories import OrderFactory
from segmentation.metrics.models import CustomerMetrics, OrderCost, OwnValue
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.tests.world import value_mode_set

pytestmark = pytest.mark.django_db
HEADER = "Asiakas;Mittari;Arvo;Voimassa alkaen;Perustelu\n"


@pytest.fixture(autouse=True)
def customer():
    return CustomerFactory(name="Nokian Konepaja Oy")


def take(*lines, header=HEADER, kind="metrics", **options):
    return run_import(header + "".join(f"{line}\n" for line in lines), kind, **options)


def test_a_row_gives_a_customer_a_value_of_the_metrics_kind(customer):
    run = take(
        "Nokian Konepaja;payroll;1 250 000,50;1.3.2026;",
        "Nokian Konepaja;Loyalty;8;1.3.2026;Vuosikeskustelu",
        "Nokian Konepaja;employer-since;15.1.2025;1.3.2026;",
    )
    assert counts(run) == (3, 0, 0, 0, 0)
    values = {value.metric.code: value for value in OwnValue.objects.select_related("metric")}
    assert values["payroll"].number == Decimal("1250000.50")
    assert (values["loyalty"].number, values["loyalty"].reason) == (8, "Vuosikeskustelu")
    assert values["employer-since"].day == dt.date(2025, 1, 15)
    assert {value.given_on for value in values.values()} == {dt.date(2026, 3, 1)}
    metrics_refresh([customer.pk])
    assert CustomerMetrics.objects.get(customer=customer).values["own_loyalty"] == 8


def test_the_same_file_again_changes_nothing():
    line = "Nokian Konepaja;loyalty;8;1.3.2026;Vuosikeskustelu"
    take(line)
    assert counts(take(line)) == (0, 0, 1, 0, 0)
    assert OwnValue.objects.count() == 1


def test_another_value_replaces_the_one_before():
    take("Nokian Konepaja;loyalty;8;1.3.2026;")
    assert counts(take("Nokian Konepaja;loyalty;5;1.4.2026;")) == (0, 1, 0, 0, 0)
    assert [value.number for value in OwnValue.objects.order_by("pk")] == [8, 5]
    assert OwnValue.objects.current().get().number == 5


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Nobody;loyalty;8;;", "unknown_customer"),
        ("Nokian Konepaja;happiness;8;;", "unknown_metric"),
        ("Nokian Konepaja;loyalty;11;;", "refused"),
        ("Nokian Konepaja;loyalty;much;;", "number"),
        ("Nokian Konepaja;employer-since;much;;", "date"),
        ("Nokian Konepaja;loyalty;8;1.1.2190;", "future_day"),
    ],
)
def test_a_row_that_cannot_be_is_held_with_the_reason(line, code):
    run = take(line)
    assert (counts(run), codes(run, 2)) == ((0, 0, 0, 1, 0), [code])
    assert not OwnValue.objects.exists()


def test_a_value_older_than_the_present_one_is_held():
    take("Nokian Konepaja;loyalty;8;1.3.2026;")
    assert codes(take("Nokian Konepaja;loyalty;5;1.2.2026;"), 2) == ["newer_value"]


def test_an_inactive_customers_row_is_held():
    CustomerFactory(name="Loppunut Oy", passive=True)
    assert codes(take("Loppunut Oy;loyalty;5;;"), 2) == ["passive"]


def test_a_second_row_about_the_same_customer_and_metric_is_a_duplicate():
    run = take("Nokian Konepaja;loyalty;8;;", "Nokian Konepaja;loyalty;9;;")
    assert codes(run, 3) == ["same_as"]


def test_a_check_writes_nothing():
    assert counts(take("Nokian Konepaja;loyalty;8;;", dry_run=True)) == (1, 0, 0, 0, 0)
    assert not OwnValue.objects.exists()


COSTS = "Tilausnumero;Suora kustannus\n"


def test_costs_are_given_to_orders_by_their_numbers(customer):
    order = OrderFactory(customer=customer)
    run = take(f"{order.number};1 200,50", "TI-0000-9;5", header=COSTS, kind="costs")
    assert (counts(run), codes(run, 3)) == ((1, 0, 0, 1, 0), ["unknown_order"])
    assert OrderCost.objects.get(order=order).amount == Decimal("1200.50")
    assert counts(take(f"{order.number};1200,5", header=COSTS, kind="costs")) == (0, 0, 1, 0, 0)
    assert counts(take(f"{order.number};1300", header=COSTS, kind="costs")) == (0, 1, 0, 0, 0)
    assert OrderCost.objects.get(order=order).amount == 1300


def test_an_undo_takes_the_values_back_and_gives_the_ones_before_again(customer):
    take("Nokian Konepaja;loyalty;8;1.3.2026;")
    with by(UserFactory()):
        run = take("Nokian Konepaja;loyalty;5;1.4.2026;", "Nokian Konepaja;payroll;1000;1.4.2026;")
    undo(run)
    assert [outcome(run, number) for number in (2, 3)] == [("undone", []), ("undone", [])]
    assert [value.number for value in OwnValue.objects.current()] == [8]


def test_imports_of_costs_are_known_only_where_value_is_used(customer, client):
    value_mode_set("used")
    run = take(f"{OrderFactory(customer=customer).number};1200", header=COSTS, kind="costs")
    admin = UserFactory(role="administrator", language="en")
    client.force_login(admin)
    pages = ("/imports/", f"/imports/{run.pk}/", f"/imports/{run.pk}/fates.csv")
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    value_mode_set("off")
    assert [client.get(page).status_code for page in pages] == [200, 404, 404]
    assert "direct costs" not in client.get("/imports/").content.decode()
    assert not ImportRun.objects.visible_to(User.objects.get(pk=admin.pk)).filter(pk=run.pk).exists()


def test_an_undo_takes_the_costs_back(customer):
    order = OrderFactory(customer=customer)
    with by(UserFactory()):
        run = take(f"{order.number};1200", header=COSTS, kind="costs")
    undo(run)
    assert outcome(run, 2) == ("undone", [])
    assert not OrderCost.objects.exists()
