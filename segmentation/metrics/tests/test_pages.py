"""The pages of metrics, conditions of selections, the API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from core.conditions.compile import condition_of
from core.conditions.tree import Group, Rule
from core.tests.bulk import chosen_from
from customers.models import Customer, Municipality
from customers.tests.factories import CustomerFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.metrics.models import OrderCost, OwnMetric, OwnValue
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.world import value_mode_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    found = CustomerFactory(
        owner=owner, name="Known Oy", personnel=700, municipality=Municipality.objects.get(name_fi="Espoo")
    )
    OrderFactory(customer=found, net=Decimal("42000.50"), owner=owner)
    metrics_refresh([found.pk])
    return found


@pytest.fixture
def unknown(customer):
    found = CustomerFactory(name="Unknown Oy")
    metrics_refresh([found.pk])
    return found


def names(answer):
    return [row.object.name for row in answer.context["table"].rows]


def test_the_tab_shows_values_with_units_words_and_definitions(client, owner, customer):
    client.force_login(owner)
    page = client.get(reverse("metrics:customer_tab", args=[customer.pk])).content.decode()
    assert "42,000.50\N{NO-BREAK SPACE}€" in page
    assert "1 – Home region" in page
    assert "Orders of the last 12 months, euros without VAT; cancelled orders are not counted." in page
    assert "not known" in page


def test_the_tab_of_a_customer_without_figures_says_so(client, owner):
    client.force_login(owner)
    page = client.get(reverse("metrics:customer_tab", args=[CustomerFactory().pk])).content.decode()
    assert "have not been computed yet" in page


def test_the_list_finds_missing_information_of_an_owner(client, owner, customer, unknown):
    client.force_login(owner)
    url = reverse("metrics:list")
    assert names(client.get(url)) == ["Known Oy", "Unknown Oy"]
    answer = client.get(url, {"missing": "any"})
    assert names(answer) == ["Unknown Oy"]
    assert "Personnel, Area" in answer.content.decode()
    assert names(client.get(url, {"missing": "personnel", "mine": "true"})) == []
    CustomerFactory(name="New Oy")  # of which nothing is computed yet
    assert names(client.get(url, {"missing": "area"})) == ["New Oy", "Unknown Oy"]


def test_the_export_has_the_figures(client, owner, customer):
    client.force_login(owner)
    answer = client.get(reverse("metrics:list"), {"export": "csv", "columns": ["name", "ordered_12", "missing"]})
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert "Known Oy" in text
    assert "42000.50" in text


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        ("ordered_36", {"op": "at_least", "number": "42000.50"}, ["Known Oy"]),
        ("ordered_36", {"op": "at_least", "number": "42000.51"}, []),
        ("ordered_36", {"op": "at_most", "number": "0"}, ["Unknown Oy"]),
        ("personnel_at_least", {"op": "at_least", "number": 1}, ["Known Oy"]),
        ("personnel_at_least", {"op": "at_most", "number": 1_000_000}, ["Known Oy"]),
        ("personnel_at_least", {"op": "empty"}, ["Unknown Oy"]),
        ("personnel_at_least", {"op": "filled"}, ["Known Oy"]),
        ("framework_agreement", {"op": "equals", "number": "0"}, ["Known Oy", "Unknown Oy"]),
    ],
)
def test_a_condition_compares_a_figure_and_knows_unknown(owner, customer, unknown, code, values, expected):
    tree = Group(1, parts=(Rule(2, f"customer.metric_{code}", values),))
    found = Customer.objects.filter(condition_of(tree, "customer", owner)).order_by("name")
    assert [row.name for row in found] == expected


def test_a_condition_on_an_own_metric(owner, customer, unknown):
    own = OwnMetric.objects.get(code="loyalty")
    value_give(customer=customer, metric=own, number=Decimal(8), user=owner, reason="Said")
    metrics_refresh([customer.pk])
    values = {"rows": [own.pk], "op": "at_least", "number": "8"}
    tree = Group(1, parts=(Rule(2, "customer.own_metric", values),))
    assert [row.name for row in Customer.objects.filter(condition_of(tree, "customer", owner))] == ["Known Oy"]


def test_a_condition_finds_nobody_by_an_own_metric_that_became_a_value_figure(owner, customer, unknown):
    own = OwnMetric.objects.get(code="loyalty")
    value_give(customer=customer, metric=own, number=Decimal(8), user=owner, reason="Said")
    metrics_refresh([customer.pk])
    OwnMetric.objects.filter(pk=own.pk).update(is_value=True)
    tree = Group(1, parts=(Rule(2, "customer.own_metric", {"rows": [own.pk], "op": "at_least", "number": "8"}),))
    assert not Customer.objects.filter(condition_of(tree, "customer", owner)).exists()


def test_the_direct_cost_of_an_order_is_entered_by_those_who_may_change_it(client, owner, customer):
    value_mode_set("used")
    order = customer.orders.get()
    url = reverse("metrics:order_cost_edit", args=[order.pk])
    client.force_login(UserFactory(role="account_manager"))
    assert client.post(url, {"amount": "1"}).status_code == 403
    client.force_login(owner)
    assert client.post(url, {"amount": "1 200,50"}).status_code == 302
    assert OrderCost.objects.get(order=order).amount == Decimal("1200.50")
    assert client.post(url, {"amount": "5", "version": "9"}).status_code in (409, 422)
    client.post(url, {"amount": ""})
    assert not OrderCost.objects.exists()


def call(client, user, method, path, data=None):
    _row, key = api_token_create(user=user, name="key")
    return getattr(client, method)(
        f"/api/v1/{path}", data, content_type="application/json", headers={"Authorization": f"Token {key}"}
    )


def test_the_api_tells_figures_and_gives_values(client, owner, customer):
    found = call(client, owner, "get", f"customer-metrics/{customer.pk}/").json()
    assert found["values"]["ordered_12"] == 42000.5
    assert "turnover" not in found["values"]
    body = {"customer": customer.pk, "metric": "loyalty", "number": "8", "reason": "Said"}
    answer = call(client, owner, "post", "metric-values/", body)
    assert (answer.status_code, answer.json()["number"]) == (201, "8.00")
    refused = call(client, owner, "post", "metric-values/", {**body, "number": "11"})
    assert refused.status_code == 409
    assert OwnValue.objects.get().number == 8
    stranger = call(client, UserFactory(role="account_manager"), "post", "metric-values/", body)
    assert stranger.status_code == 403


def test_the_api_tells_the_history_of_a_figure(client, owner, customer):
    rows = call(client, owner, "get", f"customer-metrics/{customer.pk}/history/?code=ordered_12").json()
    assert [(row["to_month"], row["value"]) for row in rows] == [(None, "42000.50")]


def test_the_tab_needs_a_constant_number_of_queries(client, owner, customer, django_assert_max_num_queries):
    client.force_login(owner)
    client.get(reverse("metrics:customer_tab", args=[customer.pk]))
    with django_assert_max_num_queries(26):
        client.get(reverse("metrics:customer_tab", args=[customer.pk]))


def test_the_list_needs_as_many_queries_for_three_rows_as_for_one(
    client, owner, customer, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(owner)
    client.get(reverse("metrics:list"))
    with django_assert_max_num_queries(20) as one:
        client.get(reverse("metrics:list"))
    for _number in range(2):
        CustomerFactory()
    with django_assert_num_queries(len(one)):
        client.get(reverse("metrics:list"))


def test_customers_are_ticked_on_the_list_of_metrics(client, owner, customer, unknown):
    client.force_login(owner)
    address = f"{reverse('metrics:list')}?missing=personnel"
    assert chosen_from(client, address, "customers.class") == [{unknown.pk}] * 2
