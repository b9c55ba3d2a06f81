"""Rules of the domain that belong to no single page: who may be served, and that customers are never deleted."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_rule_3_no_page_deletes_a_customer(client):
    customer = CustomerFactory()
    client.force_login(UserFactory(role="administrator"))
    assert client.delete(customer.get_absolute_url()).status_code == 405
    with pytest.raises(NoReverseMatch):
        reverse("customers:delete", args=[customer.pk])
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_rule_3_no_endpoint_deletes_a_customer():
    customer = CustomerFactory()
    api = APIClient()
    api.force_authenticate(UserFactory(role="administrator"))
    assert api.delete(f"/api/v1/customers/{customer.pk}/").status_code == 405
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_rule_20_an_adviser_opens_any_customer(client):
    customer = CustomerFactory(owner=UserFactory(role="account_manager"))
    client.force_login(UserFactory(role="customer_adviser"))
    assert client.get(customer.get_absolute_url()).status_code == 200


def test_rule_20_an_adviser_serves_any_customer():
    customer = CustomerFactory(owner=UserFactory(role="account_manager"))
    adviser = UserFactory(role="customer_adviser")
    assert adviser.has_perm("activities.log_activity")
    api = APIClient()
    api.force_authenticate(adviser)
    contact = {"last_name": "Salo", "positions": [{"customer": customer.pk}]}
    assert api.post("/api/v1/contacts/", contact, format="json").status_code == 201
    call = {"type": "call", "customer": customer.pk, "title": "Neuvonta: hakemuksen tila"}
    assert api.post("/api/v1/activities/", call, format="json").status_code == 201
