"""The lists of care plans and of approvals: which rows, filters, files, queries."""

from __future__ import annotations

import pytest

from careplans.plans.models import PlanApproval
from careplans.plans.tests.test_pages import page, queries
from careplans.plans.tests.world import approval_model, under, version_of
from core.tests.bulk import chosen_from
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def test_the_list_has_the_customers_with_a_model(client, reader, customer):
    other = CustomerFactory()
    text = page(client, reader, "/care-plans/")
    assert customer.name in text
    assert other.name not in text


def test_the_list_is_filtered_by_what_waits_for_management(client, reader, customer):
    version = version_of(approval_model())
    waiting = under(version)
    text = page(client, reader, "/care-plans/?unapproved=true")
    assert waiting.name in text
    assert customer.name not in text


def test_the_list_of_approvals_has_what_waits(client, director):
    version = version_of(approval_model())
    waiting = under(version)
    text = page(client, director, "/care-plans/approvals/")
    assert waiting.name in text
    assert "Approve plans" in text


def test_management_approves_a_plan_from_the_list(client, director):
    waiting = under(version_of(approval_model()))
    approval = PlanApproval.objects.get(customer=waiting)
    client.force_login(director)
    client.post(f"/care-plans/approvals/{approval.pk}/approve/", {})
    approval.refresh_from_db()
    assert (approval.status, approval.decided_by) == ("approved", director)


def test_who_approves_a_plan_sees_whose_it_is_and_of_which_version(client, director):
    waiting = under(version_of(approval_model()))
    approval = PlanApproval.objects.get(customer=waiting)
    text = page(client, director, f"/care-plans/approvals/{approval.pk}/approve/")
    assert f"{waiting}: {approval.model_version}" in text


def test_a_key_account_manager_approves_no_plan(client, keeper):
    approval = PlanApproval.objects.get(customer=under(version_of(approval_model())))
    client.force_login(keeper)
    assert client.post(f"/care-plans/approvals/{approval.pk}/approve/", {}).status_code == 403


@pytest.mark.parametrize("kind_of_file", ["csv", "xlsx"])
@pytest.mark.parametrize("url", ["/care-plans/", "/care-plans/approvals/"])
def test_the_lists_are_exported(url, kind_of_file, client, director, customer):
    under(version_of(approval_model()))
    client.force_login(director)
    response = client.get(f"{url}?export={kind_of_file}")
    assert response.status_code == 200
    assert response.getvalue()


@pytest.mark.parametrize("url", ["/care-plans/", "/care-plans/approvals/"])
def test_the_lists_ask_as_much_for_many_as_for_few(url, client, director):
    version = version_of(approval_model())
    under(version)
    client.force_login(director)
    few = queries(client, url)
    for _number in range(5):
        under(version)
    assert queries(client, url) == few


def test_customers_are_ticked_on_the_list_of_plans(client, owner, customer):
    CustomerFactory(owner=owner)
    client.force_login(owner)
    assert chosen_from(client, "/care-plans/?mine=true", "customers.class") == [{customer.pk}] * 2
