"""The version of a row in the API: ETag, If-Match (412) and ``version`` (409), on every endpoint of one row."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from customers.models import Customer
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(UserFactory(role="administrator"))
    return client


@pytest.fixture
def customer():
    return CustomerFactory(version=3)


def url(customer, action=""):
    return f"/api/v1/customers/{customer.pk}/{action}"


def test_the_tag_of_a_row_is_its_version_and_grows_with_it(api, customer):
    assert api.get(url(customer))["ETag"] == '"3"'
    assert api.patch(url(customer), {"source": "Fair"}, format="json")["ETag"] == '"4"'
    assert "ETag" not in api.get("/api/v1/customers/")


@pytest.mark.parametrize("tag", ['"3"', 'W/"3"', '"2", "3"', "*"])
def test_a_tag_that_the_row_has_lets_the_change_through(api, customer, tag):
    response = api.patch(url(customer), {"source": "Fair"}, format="json", headers={"If-Match": tag})
    assert (response.status_code, Customer.objects.get().source) == (200, "Fair")


@pytest.mark.parametrize("tag", ['"2"', 'W/"2"', "3", "nonsense"])
def test_another_tag_is_refused_before_anything_is_changed(api, customer, tag):
    response = api.patch(url(customer), {"source": "Fair"}, format="json", headers={"If-Match": tag})
    assert (response.status_code, response.json()["error"]["code"]) == (412, "precondition_failed")
    assert Customer.objects.get().source == ""


def test_another_version_in_the_body_is_refused(api, customer):
    response = api.patch(url(customer), {"source": "Fair", "version": 2}, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "stale_version")


@pytest.mark.parametrize(("action", "body"), [("passivate/", {"reason": "closed"}), ("set_owner/", {"user": 0})])
def test_actions_read_both_although_their_bodies_have_no_version(api, customer, action, body):
    body = {name: value or UserFactory(role="account_manager").pk for name, value in body.items()}
    at = url(customer, action)
    assert api.post(at, {**body, "version": 2}, format="json").status_code == 409
    assert api.post(at, body, format="json", headers={"If-Match": '"2"'}).status_code == 412
    assert Customer.objects.get().state == "active"
    assert api.post(at, {**body, "version": 3}, format="json").status_code == 200


def test_an_action_without_a_body_reads_the_tag(api):
    customer = CustomerFactory(passive=True, version=3)
    at = url(customer, "activate/")
    assert api.post(at, headers={"If-Match": '"2"'}).status_code == 412
    assert api.post(at, headers={"If-Match": '"3"'}).status_code == 200


@pytest.mark.parametrize("kind", ["contacts", "activities", "offers"])
def test_every_kind_of_record_has_them(api, kind):
    row = {"contacts": ContactFactory, "activities": ActivityFactory, "offers": OfferFactory}[kind]()
    at = f"/api/v1/{kind}/{row.pk}/"
    tag = api.get(at)["ETag"]
    field = {"contacts": "description", "activities": "place", "offers": "internal_notes"}[kind]
    assert tag == f'"{row.version}"'
    assert api.patch(at, {field: "x"}, format="json", headers={"If-Match": '"99"'}).status_code == 412
    assert api.patch(at, {field: "x", "version": 99}, format="json").status_code == 409
    assert api.patch(at, {field: "x"}, format="json", headers={"If-Match": tag}).status_code == 200


def test_a_version_that_is_no_number_is_an_error(api, customer):
    response = api.post(url(customer, "passivate/"), {"reason": "closed", "version": "x"}, format="json")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["version"])
