"""Inactive customers in lists, exports and the API: only when asked for, by those who may see them."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.feedback.tests.test_services import hear
from activities.leads.tests.test_leads import open_lead
from activities.log.tests.factories import ActivityFactory
from customers.models import Customer
from customers.saved_views.models import SavedView
from customers.saved_views.services import view_create
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db

#: A list → how a row of a customer is made, and the rest of the address.
WORK = {
    "activities:list": (ActivityFactory, ""),
    "leads:list": (open_lead, "tab=all"),
    "feedback:list": (hear, "tab=all"),
    "offers:list": (OfferFactory, "tab=all"),
    "orders:list": (OrderFactory, "tab=all"),
}
EVERYTHING = {**WORK, "customers:contacts": (ContactFactory, "")}


@pytest.fixture
def admin():
    return UserFactory(role="administrator", language="en")


@pytest.fixture
def pair():
    return CustomerFactory(name="Going on"), CustomerFactory(name="Ended")


def end(customer):
    """Make a customer inactive that has rows already."""
    Customer.objects.filter(pk=customer.pk).update(state="passive")


def shown(client, name, query):
    response = client.get(f"{reverse(name)}?{query}")
    assert response.status_code == 200, response.content.decode()
    return {row.object.pk for row in response.context["table"].rows}


def parameter(name):
    return "state" if name == "customers:contacts" else "customer_state"


@pytest.mark.parametrize("name", EVERYTHING)
def test_list_has_rows_of_inactive_customers_only_when_asked_for(client, admin, pair, name):
    make, query = EVERYTHING[name]
    hides = {"is_hidden": True} if name == "customers:contacts" else {}
    active, ended = make(customer=pair[0]).pk, make(customer=pair[1], **hides).pk
    end(pair[1])
    client.force_login(admin)
    assert shown(client, name, query) == {active}
    for state, rows in {"all": {active, ended}, "passive": {ended}, "active": {active}}.items():
        assert shown(client, name, f"{query}&{parameter(name)}={state}") == rows, state


@pytest.mark.parametrize("name", EVERYTHING)
def test_who_names_a_customer_wants_its_rows(client, admin, pair, name):
    make, query = EVERYTHING[name]
    hides = {"is_hidden": True} if name == "customers:contacts" else {}
    ended = make(customer=pair[1], **hides).pk
    end(pair[1])
    client.force_login(admin)
    assert shown(client, name, f"{query}&customer={pair[1].pk}") == {ended}


@pytest.mark.parametrize("name", EVERYTHING)
def test_who_may_not_see_inactive_customers_has_no_such_filter(client, pair, name):
    client.force_login(UserFactory(role="account_manager", language="en"))
    response = client.get(f"{reverse(name)}?{parameter(name)}=all")
    assert response.status_code == 400
    assert parameter(name) not in response.context["filter"].form.fields


@pytest.mark.parametrize("path", ["activities", "leads", "feedback", "offers", "orders"])
def test_api_lists_as_the_page_does_and_finds_one_by_its_id(admin, pair, path):
    make, _query = WORK[f"{path}:list"]
    active, ended = make(customer=pair[0]).pk, make(customer=pair[1]).pk
    end(pair[1])
    api = APIClient()
    api.force_authenticate(admin)
    found = [row["id"] for row in api.get(f"/api/v1/{path}/").data["results"]]
    assert (active in found, ended in found) == (True, False)
    wide = [row["id"] for row in api.get(f"/api/v1/{path}/", {"customer_state": "all"}).data["results"]]
    assert {active, ended} <= set(wide)
    assert api.get(f"/api/v1/{path}/{ended}/").status_code == 200


def test_tab_of_an_inactive_customer_has_its_activities(client, admin, pair):
    ActivityFactory(customer=pair[1], title="Last call")
    end(pair[1])
    client.force_login(admin)
    content = client.get(reverse("activities:customer_tab", args=[pair[1].pk])).content.decode()
    assert "Last call" in content


def test_view_keeps_that_inactive_ones_are_asked_for(client, admin, pair):
    order = OrderFactory(customer=pair[1])
    end(pair[1])
    view_create(user=admin, list="orders:list", query="tab=all&customer_state=passive", name="Ended")
    client.force_login(admin)
    response = client.get(SavedView.objects.get().list_url)
    assert [row.object.pk for row in response.context["table"].rows] == [order.pk]
