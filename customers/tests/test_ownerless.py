"""Customers without an active owner: how lists show them, and the word about them at night."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.services import user_deactivate, user_reactivate
from accounts.tests.factories import UserFactory
from customers.models import CustomerSummary
from customers.services.ownerless import ownerless_report
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(role="administrator")


@pytest.fixture
def orphan(admin):
    """A customer of an owner who has been deactivated."""
    owner = UserFactory(role="account_manager")
    customer = CustomerFactory(owner=owner, name="Orpo Oy")
    user_deactivate(user=owner, by=admin)
    return customer


@pytest.fixture
def api(admin):
    client = APIClient()
    client.force_authenticate(admin)
    return client


def test_a_customer_of_a_deactivated_owner_has_no_owner(orphan, admin, api):
    CustomerFactory(owner=UserFactory(role="account_manager"), name="Omistettu Oy")
    rows = api.get("/api/v1/customers/?no_owner=true").json()["results"]
    assert [(row["name"], row["owner"]) for row in rows] == [("Orpo Oy", None)]
    assert api.get(f"/api/v1/customers/{orphan.pk}/").json()["owner"] is None
    page = Client()
    page.force_login(admin)
    assert "no owner" in page.get(orphan.get_absolute_url()).content.decode()
    listed = page.get("/customers/?no_owner=true").content.decode()
    assert "Orpo Oy" in listed
    assert "Omistettu Oy" not in listed


def test_an_owner_who_comes_back_owns_again(orphan):
    owner = orphan.responsibilities.get().user
    user_reactivate(user=owner)
    assert CustomerSummary.objects.get(customer=orphan).owner == owner


def test_key_account_managers_are_told_once_a_night_of_customers_without_an_owner(orphan, queued):
    manager, other = UserFactory(role="key_account_manager"), UserFactory(role="account_manager")
    CustomerFactory(passive=True)
    assert [ownerless_report(), ownerless_report()] == [1, 1]
    told = Notification.objects.get(kind="customers_ownerless")
    assert (told.user, told.url, told.text) == (manager, "/customers/?no_owner=true", "1 customer has no owner.")
    assert not other.notifications.exists()


def test_nobody_is_told_where_every_customer_has_an_owner():
    UserFactory(role="key_account_manager")
    CustomerFactory(owner=UserFactory(role="account_manager"))
    assert ownerless_report() == 0
    assert not Notification.objects.exists()


def test_deactivating_an_owner_is_confirmed_on_the_page_and_in_the_api(admin, api):
    owner = UserFactory(role="account_manager")
    CustomerFactory(owner=owner)
    sentence = "The user owns 1 customer, which will be without an owner."
    page = Client()
    page.force_login(admin)
    assert sentence in page.get(f"/users/{owner.pk}/deactivate/").content.decode()
    url = f"/api/v1/users/{owner.pk}/deactivate/"
    answer = api.post(url, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "has_duties"
    assert sentence in answer.json()["error"]["message"]
    owner.refresh_from_db()
    assert owner.is_active
    assert api.post(url, {"confirm": True}).json()["is_active"] is False
