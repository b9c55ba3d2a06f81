from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.enums import BranchPurpose, BranchTarget
from customers.models import ClassificationBranch, ClassificationNode, Consent, Contact, Position
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory, PositionFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/contacts/"


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def api():
    return client_of(UserFactory(role="account_manager"))


@pytest.fixture
def decider():
    branch = BranchFactory(purpose=BranchPurpose.CONTACT_ROLE, target=BranchTarget.CONTACTS)
    return NodeFactory(branch=branch, code="decision_maker")


def test_anonymous_gets_401():
    for address in (URL, f"{URL}{ContactFactory().pk}/"):
        assert APIClient().get(address).status_code == 401


def test_read_only_user_reads_and_changes_nothing():
    contact, api = ContactFactory(), client_of(UserFactory(role="read_only"))
    position = PositionFactory(contact=contact)
    assert api.get(URL).status_code == api.get(f"{URL}{contact.pk}/").status_code == 200
    assert api.post(URL, {"last_name": "x"}).status_code == 403
    assert api.patch(f"{URL}{contact.pk}/", {"last_name": "x"}).status_code == 403
    for action in ("consents", "positions", f"positions/{position.pk}/end"):
        assert api.post(f"{URL}{contact.pk}/{action}/", {}).status_code == 403


def test_contact_is_never_deleted(api):
    assert api.delete(f"{URL}{ContactFactory().pk}/").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_however_long(api, count, django_assert_num_queries):
    for number in range(count):
        ContactFactory(customer=CustomerFactory(), phone=f"+35840123456{number}")
    with django_assert_num_queries(4):
        found = api.get(URL).json()["results"]
    assert len(found) == count
    assert found[0]["positions"][0]["customer_name"]


def test_list_takes_the_filters_of_the_page(api):
    customer = CustomerFactory()
    ContactFactory(last_name="Salo", email="salo@example.fi", customer=customer)
    ContactFactory(last_name="Muu", language="sv")
    names = {
        query: [row["last_name"] for row in api.get(f"{URL}?{query}").json()["results"]]
        for query in ("q=salo@example.fi", f"customer={customer.pk}", "language=sv")
    }
    assert list(names.values()) == [["Salo"], ["Salo"], ["Muu"]]
    assert api.get(f"{URL}?language=xx").status_code == 400


def test_contact_is_added_with_points_and_positions(api, decider):
    customer = CustomerFactory()
    data = {
        "first_name": "Tiina",
        "last_name": "Salo",
        "points": [{"value": "040 123 4567", "label": "work"}, {"value": "T@example.fi"}],
        "positions": [{"customer": customer.pk, "title": "Johtaja", "role": "decision_maker", "start": "2024-01-01"}],
    }
    response = api.post(URL, data)
    assert response.status_code == 201, response.json()
    answer = api.get(f"{URL}{response.json()['id']}/").json()
    assert [(row["kind"], row["value"]) for row in answer["points"]] == [
        ("email", "t@example.fi"),
        ("phone", "+358401234567"),
    ]
    [position] = answer["positions"]
    assert (position["customer"], position["role"], position["end"]) == (customer.pk, "decision_maker", None)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "last_name"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"last_name": "a\x00"}, "last_name"),
        ({"last_name": "x", "points": [{"value": "abc"}]}, "points.0.value"),
        ({"last_name": "x", "positions": [{"customer": 999_999}]}, "positions.0.customer"),
        ({"last_name": "x", "positions": [{"title": "no customer"}]}, "positions.0.customer"),
        ({"last_name": "x", "language": "xx"}, "language"),
    ],
)
def test_bad_contact_is_told_at_its_field(api, data, field):
    response = api.post(URL, data)
    assert response.status_code == 400
    assert field in response.json()["error"]["fields"]
    assert not Contact.objects.exists()


def test_rule_2_passive_customer_does_not_exist_here(api):
    contact, passive = ContactFactory(), CustomerFactory(passive=True)
    response = api.post(f"{URL}{contact.pk}/positions/", {"customer": passive.pk})
    assert response.status_code == 400
    assert "customer" in response.json()["error"]["fields"]


def test_rule_2_administrator_is_refused_a_position_at_a_passive_customer():
    api, passive = client_of(UserFactory(role="administrator")), CustomerFactory(passive=True)
    response = api.post(f"{URL}{ContactFactory().pk}/positions/", {"customer": passive.pk})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "customer_passive")
    assert not Position.objects.exists()


def test_hidden_contact_is_404(api):
    contact = ContactFactory(is_hidden=True)
    assert api.get(f"{URL}{contact.pk}/").status_code == 404
    assert api.patch(f"{URL}{contact.pk}/", {"last_name": "x"}).status_code == 404


def test_change_leaves_what_is_not_named(api):
    position = PositionFactory(title="Myyjä", contact__last_name="Salo")
    contact = position.contact
    contact.points.create(kind="email", value="a@example.fi")
    answer = api.patch(f"{URL}{contact.pk}/", {"first_name": "Uusi", "version": contact.version}).json()
    assert (answer["first_name"], answer["last_name"], answer["version"]) == ("Uusi", "Salo", 2)
    assert (len(answer["points"]), len(answer["positions"])) == (1, 1)


def test_change_with_an_old_version_is_refused(api):
    contact = ContactFactory(last_name="Salo")
    api.patch(f"{URL}{contact.pk}/", {"last_name": "Eka", "version": 1})
    response = api.patch(f"{URL}{contact.pk}/", {"last_name": "Toka", "version": 1})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "stale_version")
    assert Contact.objects.get().last_name == "Eka"


def test_positions_are_changed_by_id_and_added_without(api):
    position, customer = PositionFactory(title="Myyjä"), CustomerFactory()
    rows = [{"id": position.pk, "title": "Johtaja"}, {"customer": customer.pk, "title": "Neuvoja"}]
    answer = api.patch(f"{URL}{position.contact_id}/", {"positions": rows}).json()
    assert {row["title"] for row in answer["positions"]} == {"Johtaja", "Neuvoja"}


def test_position_of_another_contact_is_refused(api):
    other, contact = PositionFactory(title="Myyjä"), ContactFactory()
    response = api.patch(f"{URL}{contact.pk}/", {"positions": [{"id": other.pk, "title": "x"}], "last_name": "x"})
    assert response.status_code == 400
    other.refresh_from_db()
    contact.refresh_from_db()
    assert (other.title, contact.last_name != "x") == ("Myyjä", True)


def test_position_is_ended(api):
    position = PositionFactory(start=dt.date(2020, 1, 1))
    address = f"{URL}{position.contact_id}/positions/{position.pk}/end/"
    assert api.post(address, {"end": "2019-01-01"}).status_code == 400
    assert api.post(address, {"end": "2024-12-31"}).json()["end"] == "2024-12-31"
    assert (
        api.post(f"{URL}{ContactFactory().pk}/positions/{position.pk}/end/", {"end": "2024-12-31"}).status_code == 404
    )


def test_rule_11_role_is_one_of_the_contact_roles(api):
    node = NodeFactory(code="segment_a")
    data = {"customer": CustomerFactory().pk, "role": node.code}
    response = api.post(f"{URL}{ContactFactory().pk}/positions/", data)
    assert response.status_code == 400
    assert "role" in response.json()["error"]["fields"]


def test_consent_is_recorded(api):
    contact = ContactFactory()
    data = {"channel": "email", "is_given": True, "given_on": "2024-05-01", "source": "Fair"}
    assert api.post(f"{URL}{contact.pk}/consents/", data).status_code == 201
    assert [row["source"] for row in api.get(f"{URL}{contact.pk}/").json()["consents"]] == ["Fair"]


def test_consent_in_the_future_is_409(api):
    data = {"channel": "email", "is_given": True, "given_on": "2999-05-01", "source": "Fair"}
    response = api.post(f"{URL}{ContactFactory().pk}/consents/", data)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "future_consent")
    assert not Consent.objects.exists()
