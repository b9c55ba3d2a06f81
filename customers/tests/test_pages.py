"""Every page of customers, as owner, colleague, outsider (read-only) and anonymous."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.documents import document_add
from customers.models import CustomerNumber
from customers.tests.factories import CustomerFactory, ResponsibilityFactory

pytestmark = pytest.mark.django_db

TABS = ("detail", "details", "documents", "history")
CHANGES = ("edit", "set_passive", "addresses", "numbers", "owner", "responsibility_add")


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def colleague():
    return UserFactory(role="account_manager")


@pytest.fixture
def viewer():
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


@pytest.mark.parametrize(("name", "queries"), [("detail", 7), ("details", 9), ("documents", 5), ("history", 7)])
@pytest.mark.parametrize("count", [1, 3])
def test_a_tab_costs_the_same_whatever_belongs_to_the_customer(
    client, owner, customer, name, queries, count, django_assert_num_queries
):
    for number in range(count):
        CustomerNumber.objects.create(customer=customer, system=f"S{number}", number="1")
        ResponsibilityFactory(customer=customer, role="deputy")
        CustomerFactory(parent=customer)
        document_add(target=customer, upload=SimpleUploadedFile("a.txt", b"text"), user=owner)
    client.force_login(owner)
    address = reverse(f"customers:{name}", args=[customer.pk])
    alone = {"HX-Target": "tab"}
    client.get(address, headers=alone)
    with django_assert_num_queries(queries):
        assert client.get(address, headers=alone).status_code == 200


def test_the_list_opens_for_everyone_who_has_signed_in(client, viewer, customer):
    client.force_login(viewer)
    page = client.get(reverse("customers:list")).content.decode()
    assert customer.name in page
    assert "customers/new" not in page
