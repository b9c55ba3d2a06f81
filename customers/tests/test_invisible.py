"""Invisible characters in names, keys, addresses and searches (forms, API, search)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.models import ClassificationBranch, ClassificationNode, Contact, Customer, CustomerNumber
from customers.search import find
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/customers/"


@pytest.fixture(autouse=True)
def _own_rows(without):
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def owner():
    grants = ["customers.add_customer", "customers.change_any_customer", "customers.edit_contacts"]
    return UserFactory(grants=grants, language="en")


@pytest.fixture
def api(owner):
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(owner)
    return client


def test_name_of_nothing_that_is_seen_is_refused_by_the_api(api):
    answer = api.post(URL, {"name": "\u200b"}, format="json")
    assert answer.status_code == 400
    assert not Customer.objects.exists()


def test_name_of_nothing_that_is_seen_is_refused_by_the_form(client, owner):
    client.force_login(owner)
    response = client.post(reverse("customers:create"), {"name": "\u200b\u2060"})
    assert response.status_code == 422
    assert response.context["form"].errors["name"]


def test_api_stores_what_is_seen(api):
    body = {
        "name": "BT Ketju\u200bliike\ufeff Oy",
        "email": "info@ketju.fi\u200b",
        "phone": "\u202a040 123 4567\u202c",
        "business_id": "0737546\u200b-2",
        "numbers": [{"system": "ERP\u00ad", "number": "\u200e42"}],
    }
    answer = api.post(URL, body, format="json")
    assert answer.status_code == 201, answer.json()
    customer = Customer.objects.get()
    assert (customer.name, customer.email) == ("BT Ketjuliike Oy", "info@ketju.fi")
    assert (customer.phone, customer.business_id) == ("+358401234567", "0737546-2")
    assert CustomerNumber.objects.values_list("system", "number").get() == ("ERP", "42")


def test_form_stores_what_is_seen(client, owner):
    client.force_login(owner)
    data = {"name": "Ketju\u200bliike", "email": "info@ketju.fi\u200b", "website": "ketju.fi"}
    assert client.post(reverse("customers:create"), data).status_code == 302
    assert Customer.objects.values_list("name", "email").get() == ("Ketjuliike", "info@ketju.fi")


def test_points_of_a_contact_are_stored_as_they_are_seen(api):
    body = {"last_name": "Aho\u200b", "points": [{"value": "a@ketju.fi\u200b"}, {"value": "\u202a040 1234567\u202c"}]}
    assert api.post("/api/v1/contacts/", body, format="json").status_code == 201
    contact = Contact.objects.get()
    assert contact.last_name == "Aho"
    assert sorted(contact.points.values_list("value", flat=True)) == ["+358401234567", "a@ketju.fi"]


@pytest.mark.parametrize("text", ["ketju\u200bliike", "\ufeffKetjuliike", "ketju\u00adliike"])
def test_search_reads_what_is_seen(text):
    customer = CustomerFactory(name="Ketjuliike Oy")
    assert list(find(Customer.objects.all(), text)) == [customer]
