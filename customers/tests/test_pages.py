"""Every page of customers, as owner, colleague, outsider (read-only) and anonymous."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

TABS = ("detail", "details", "documents", "history")
CHANGES = ("edit", "set_passive", "addresses", "numbers", "owner", "responsibility_add")


@pytest.fixture
def owner(defaults):
    return UserFactory(role="account_manager")


@pytest.fixture
def colleague(defaults):
    return UserFactory(role="account_manager")


@pytest.fixture
def viewer(defaults):
    return UserFactory(role="read_only")


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner)


@pytest.mark.parametrize("name", [*TABS, *CHANGES])
def test_pages_open_for_the_owner(client, owner, customer, name):
    client.force_login(owner)
    assert client.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 200


@pytest.mark.parametrize("name", TABS)
def test_everyone_sees_every_active_customer_rule_20(client, viewer, customer, name):
    client.force_login(viewer)
    assert client.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 200


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_forbidden_to_a_colleague(client, colleague, customer, name):
    client.force_login(colleague)
    assert client.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 403
    assert client.post(reverse(f"customers:{name}", args=[customer.pk])).status_code == 403


@pytest.mark.parametrize("name", [*TABS, *CHANGES])
def test_pages_send_anonymous_visitors_to_sign_in(client, customer, name):
    response = client.get(reverse(f"customers:{name}", args=[customer.pk]))
    assert response.status_code == 302
    assert reverse("account_login") in response.url


@pytest.mark.parametrize("name", [*TABS, *CHANGES])
def test_a_passive_customer_does_not_exist_for_others_rule_2(client, owner, customer, name):
    passive = CustomerFactory(owner=owner, passive=True)
    client.force_login(owner)
    assert client.get(reverse(f"customers:{name}", args=[passive.pk])).status_code == 404


@pytest.mark.parametrize("name", TABS)
def test_a_tab_answers_htmx_with_its_content_alone(client, owner, customer, name):
    client.force_login(owner)
    response = client.get(reverse(f"customers:{name}", args=[customer.pk]), headers={"HX-Target": "tab"})
    assert response.status_code == 200
    assert b"<html" not in response.content


def test_the_list_opens_for_everyone_who_has_signed_in(client, viewer, customer):
    client.force_login(viewer)
    page = client.get(reverse("customers:list")).content.decode()
    assert customer.name in page
    assert "customers/new" not in page
