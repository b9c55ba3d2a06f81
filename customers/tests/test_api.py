"""The API of customers: the same rules as the pages."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.enums import BranchPurpose
from customers.models import ClassificationBranch, ClassificationNode, Customer
from customers.tests.factories import BranchFactory, CustomerFactory, NodeFactory
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/customers/"
GRANTS = ["customers.add_customer", "customers.change_own_customer", "customers.attach_documents"]


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def owner():
    return UserFactory(grants=GRANTS, language="en")


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner)


def api(user) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize("query", [{"mine": "true"}, {"own": "1"}, {"own": "1", "mine": "true"}])
def test_own_customers_are_asked_for_as_mine_or_as_before(owner, customer, query):
    CustomerFactory()
    assert [row["id"] for row in api(owner).get(URL, query).json()["results"]] == [customer.pk]


def one(customer) -> str:
    return f"{URL}{customer.pk}/"


def test_a_day_at_the_end_of_the_calendar_is_refused(customer):
    user = UserFactory(grants=["customers.change_any_customer"], language="en")
    ownerless = CustomerFactory()
    answer = api(user).post(f"{one(ownerless)}set_owner/", {"user": user.pk, "day": "0001-01-01"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
    assert not ownerless.responsibilities.exists()


def test_the_list_is_closed_to_anonymous_ones():
    assert APIClient().get(URL).status_code in (401, 403)


def test_the_list_finds_by_q(owner, customer):
    CustomerFactory(name="Muu Yritys")
    assert [row["name"] for row in api(owner).get(URL, {"q": "konepaja"}).json()["results"]] == ["Nokian Konepaja Oy"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_one_and_three_rows(owner, count, django_assert_num_queries):
    CustomerFactory.create_batch(count)
    client = api(owner)
    client.get(URL)
    with django_assert_num_queries(2):
        assert len(client.get(URL).json()["results"]) == count


def test_a_passive_customer_does_not_exist_for_others_rule_2(owner):
    passive = CustomerFactory(passive=True, owner=owner)
    assert api(owner).get(one(passive)).status_code == 404


def test_an_administrator_lists_passive_customers_when_asked():
    admin = UserFactory(grants=["customers.manage_passive"])
    passive = CustomerFactory(passive=True)
    assert api(admin).get(URL).json()["results"] == []
    found = api(admin).get(URL, {"state": "passive"}).json()["results"]
    assert [row["id"] for row in found] == [passive.pk]


def test_the_detail_holds_what_belongs_to_the_customer(owner, customer):
    answer = api(owner).get(one(customer)).json()
    assert answer["owner"] == owner.pk
    assert answer["responsibilities"][0]["user"] == owner.pk
    assert answer["addresses"] == []


def test_the_owner_changes_fields_addresses_and_numbers(owner, customer):
    data = {
        "version": 1,
        "phone": "040 123 4567",
        "addresses": [{"kind": "postal", "street": "PL 1", "postal_code": "00100", "city": "Helsinki"}],
        "numbers": [{"system": "TOP", "number": "8841"}],
    }
    answer = api(owner).patch(one(customer), data)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["phone"] == "+358401234567"
    assert answer.json()["addresses"][0]["city"] == "Helsinki"
    assert answer.json()["numbers"] == [{"system": "TOP", "number": "8841"}]


def test_a_stale_version_is_a_conflict(owner, customer):
    assert api(owner).patch(one(customer), {"version": 7, "name": "X"}).status_code == 409
    assert Customer.objects.get().name == "Nokian Konepaja Oy"


def test_a_wrong_business_id_has_the_same_message_as_the_page(owner, customer):
    answer = api(owner).patch(one(customer), {"business_id": "1234567-8"})
    assert answer.status_code == 400
    assert "is not a business ID" in answer.json()["error"]["fields"]["business_id"][0]


def test_a_colleague_may_not_change(customer):
    assert api(UserFactory(grants=GRANTS)).patch(one(customer), {"name": "X"}).status_code == 403


def test_a_parent_that_one_may_not_see_is_refused(owner, customer):
    passive = CustomerFactory(passive=True)
    answer = api(owner).patch(one(customer), {"parent": passive.pk})
    assert answer.status_code == 400
    assert "parent" in answer.json()["error"]["fields"]


def test_a_loop_of_parents_is_a_conflict_at_parent(owner, customer):
    child = CustomerFactory(parent=customer)
    answer = api(owner).patch(one(customer), {"parent": child.pk})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "parent_loop"


def test_adding_asks_for_required_classes(owner):
    branch = BranchFactory(code="group", purpose=BranchPurpose.GROUP, is_required=True)
    node = NodeFactory(branch=branch)
    assert api(owner).post(URL, {"name": "Uusi Oy"}).status_code == 409
    answer = api(owner).post(URL, {"name": "Uusi Oy", "classes": [node.pk], "set_owner": owner.pk})
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["owner"], answer.json()["group"]) == (owner.pk, node.code)


def test_a_reader_may_not_add():
    assert api(UserFactory()).post(URL, {"name": "Uusi Oy"}).status_code == 403


def test_passivate_and_activate(owner, customer):
    admin = UserFactory(grants=["customers.manage_passive"])
    assert api(owner).post(f"{one(customer)}passivate/", {"reason": "closed"}).json()["state"] == "passive"
    assert api(admin).post(f"{one(customer)}activate/").json()["state"] == "active"
    assert api(admin).post(f"{one(customer)}activate/").status_code == 409


def test_turnover_is_not_negative(owner, customer):
    answer = api(owner).patch(one(customer), {"turnover": "-1"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["turnover"])
    assert api(owner).patch(one(customer), {"turnover": "0"}).json()["turnover"] == "0.00"


def test_a_planned_hand_over_is_a_conflict_that_names_it(owner, customer):
    planned, new = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    url = f"{one(customer)}set_owner/"
    assert api(owner).post(url, {"user": planned.pk, "day": "2099-12-31"}).status_code == 200
    answer = api(owner).post(url, {"user": new.pk})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "handover_planned")
    assert str(planned) in answer.json()["error"]["message"]
    assert api(owner).post(url, {"user": new.pk, "drop_planned": True}).json()["owner"] == new.pk


def test_set_owner(owner, customer):
    other = UserFactory(role="account_manager")
    assert api(owner).post(f"{one(customer)}set_owner/", {"user": other.pk}).json()["owner"] == other.pk


def test_documents_are_added_listed_and_removed(owner, customer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = api(owner)
    url = f"{one(customer)}documents/"
    file = SimpleUploadedFile("memo.txt", b"text")
    added = client.post(url, {"file": file, "description": "Memo"}, format="multipart")
    assert added.status_code == 201, added.json()
    assert [row["name"] for row in client.get(url).json()] == ["memo.txt"]
    assert client.delete(f"{url}{added.json()['id']}/").status_code == 204
    assert client.get(url).json() == []


def test_a_customer_is_never_deleted_rule_3(customer):
    admin = UserFactory(
        grants=["customers.manage_passive", "customers.change_any_customer", "customers.merge_customer"]
    )
    assert api(admin).delete(one(customer)).status_code == 405
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_owner_and_classes_are_given_only_when_adding(owner, customer):
    answer = api(owner).patch(one(customer), {"set_owner": owner.pk, "classes": []})
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"set_owner", "classes"}


def test_unknown_orders_and_bad_filters_are_refused(owner, customer):
    assert api(owner).get(URL, {"ordering": "secret"}).status_code == 400
    assert api(owner).get(URL, {"last_contact": "x"}).status_code == 400


def test_the_schema_describes_customers(client):
    client.force_login(UserFactory())
    assert b"/api/v1/customers/{id}/passivate/" in client.get(reverse("api_schema")).content


def test_each_further_scheme_has_a_parameter_and_the_former_one_is_read(owner):
    here, other = (SegmentFactory(scheme=SchemeFactory()) for _number in range(2))
    customer = CustomerFactory()
    for segment in (here, other):
        MembershipFactory(customer=customer, segment=segment)
    MembershipFactory(customer=CustomerFactory(), segment=here)
    for query in (f"segment_{here.scheme_id}={here.pk}&segment_{other.scheme_id}={other.pk}",
                  f"further_segment={here.pk}&further_segment={other.pk}"):  # fmt: skip
        assert [row["id"] for row in api(owner).get(f"{URL}?{query}").json()["results"]] == [customer.pk]
    for query in ("segment_999999=1", "further_segment=x", f"segment_{here.scheme_id}=x"):
        assert api(owner).get(f"{URL}?{query}").status_code == 400, query
