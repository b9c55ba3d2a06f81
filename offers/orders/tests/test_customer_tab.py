"""Offers and orders on a customer's page and in the customer list."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.tests.factories import OfferFactory
from offers.orders.enums import OrderStatus
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def names(client: Client, query: str) -> list[str]:
    return [row.object.name for row in client.get(f"/customers/?{query}").context["table"].rows]


def test_the_tab_tells_what_is_running_open_and_past(client):
    customer = CustomerFactory()
    offer = OfferFactory(customer=customer, lines=[line(unit_price=300)])
    lost = OfferFactory(customer=customer, status=OfferStatus.LOST)
    order = OrderFactory(customer=customer, lines=[line(unit_price=700)])
    closed = OrderFactory(customer=customer, status=OrderStatus.CLOSED)
    OfferFactory(title="Toisen tarjous")
    answer = client.get(f"/customers/{customer.pk}/offers/")
    context = answer.context
    assert [list(context[name]) for name in ("running", "open_offers", "past_orders", "past_offers")] == [
        [order], [offer], [closed], [lost],
    ]  # fmt: skip
    assert "Toisen tarjous" not in answer.content.decode()


def test_a_customer_without_offers_says_so(client):
    assert "No offers yet." in client.get(f"/customers/{CustomerFactory().pk}/offers/").content.decode()


def test_the_tab_costs_the_same_with_one_offer_and_with_three(client, django_assert_num_queries):
    for count in (1, 3):
        customer = CustomerFactory()
        OfferFactory.create_batch(count, customer=customer)
        OrderFactory.create_batch(count, customer=customer)
        with django_assert_num_queries(8):
            client.get(f"/customers/{customer.pk}/offers/", headers={"HX-Request": "true", "HX-Target": "tab"})


def test_customers_are_found_and_sorted_by_what_they_have_ordered(client):
    small, large, none = CustomerFactory(name="Pieni"), CustomerFactory(name="Suuri"), CustomerFactory(name="Ei mitään")
    OrderFactory(customer=small, lines=[line(unit_price=100)])
    OrderFactory(customer=large, lines=[line(unit_price=900)])
    assert none.pk
    assert names(client, "ordered_from=500") == ["Suuri"]
    assert names(client, "sort=-ordered&columns=name&columns=ordered") == ["Suuri", "Pieni", "Ei mitään"]


def test_customers_with_open_offers_and_those_without_a_new_order_are_found(client):
    offered, old = CustomerFactory(name="Tarjottu"), CustomerFactory(name="Vanha")
    OfferFactory(customer=offered)
    today = timezone.localdate()
    OrderFactory(customer=offered, date=today)
    OrderFactory(customer=old, date=today - dt.timedelta(days=400))
    assert names(client, "open_offers=true") == ["Tarjottu"]
    assert names(client, f"no_order_since={(today - dt.timedelta(days=30)).isoformat()}") == ["Vanha"]
