from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, role
from customers.enums import BranchTarget
from customers.models import ClassificationBranch, ClassificationNode, Municipality
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, MunicipalityFactory, NodeFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/classifications/"


@pytest.fixture(autouse=True)
def _own_rows(request, without):
    """Begin without branches, nodes and municipalities, but where the default ones are asked for."""
    if "defaults" not in request.fixturenames:
        without(ClassificationNode, ClassificationBranch, Municipality)


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def api():
    return client_of(UserFactory(role="administrator"))


@pytest.fixture
def branch():
    return BranchFactory(code="industry")


def error(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_anonymous_gets_401():
    for address in (URL, "/api/v1/classification-branches/", "/api/v1/municipalities/"):
        assert APIClient().get(address).status_code == 401


@pytest.mark.parametrize("group", ["account_manager", "read_only"])
def test_everyone_reads_and_only_the_keeper_of_the_tree_changes(group):
    api, node = client_of(UserFactory(role=group)), NodeFactory()
    address = f"{URL}{node.pk}/"
    assert api.get(URL).status_code == api.get(address).status_code == 200
    assert api.post(URL, {}).status_code == api.patch(address, {}).status_code == 403
    assert api.delete(address).status_code == 403
    for action in ("move", "shift", "retire", "restore", "merge"):
        assert api.post(f"{address}{action}/", {}).status_code == 403


def test_list_is_the_tree_in_its_order_with_parents_paths_and_uses(api, branch):
    top = NodeFactory(branch=branch, name_fi="Teollisuus", name_en="Manufacturing")
    NodeFactory(name_fi="Muu")
    below = NodeFactory(parent=top, name_fi="Metalli", name_en="Metal")
    CustomerFactory(group=below)
    [first, second] = api.get(URL, {"branch": "industry"}).json()["results"]
    assert (first["id"], first["parent"], first["depth"]) == (top.pk, None, 1)
    assert (second["parent"], second["depth"], second["path"].count("›")) == (top.pk, 2, 1)
    assert second["uses"] == {"customers": 1, "contacts": 0, "positions": 0, "inactive": 0}


def test_list_is_narrowed_by_parent_name_and_state(api, branch):
    top = NodeFactory(branch=branch, code="top", name_en="Everything")
    NodeFactory(parent=NodeFactory(parent=top, code="mid"), code="leaf")
    api.post(f"{URL}{ClassificationNode.objects.get(code='leaf').pk}/retire/")

    def codes(**query):
        return [row["code"] for row in api.get(URL, query).json()["results"]]

    assert codes(parent=top.pk) == ["mid"]
    assert codes(retired="true") == ["leaf"]
    assert codes(retired="false") == ["top", "mid"]
    assert codes(q="everyth") == ["top"]
    assert api.get(URL, {"branch": "nope"}).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_however_long(api, branch, count, django_assert_num_queries):
    top = NodeFactory(branch=branch)
    for _number in range(count):
        NodeFactory(parent=top)
    with django_assert_num_queries(5):
        assert len(api.get(URL).json()["results"]) == count + 1


def test_node_is_added_changed_and_deleted(api, branch):
    top = NodeFactory(branch=branch)
    data = {"branch": "industry", "parent": top.pk, "name_fi": "Peli", "name_en": "Games", "lower": 1, "upper": 4}
    response = api.post(URL, data)
    assert response.status_code == 201, response.json()
    node = response.json()
    assert (node["code"], node["parent"], node["lower"]) == ("games", top.pk, 1)
    role("management")
    answer = api.patch(f"{URL}{node['id']}/", {"name_fi": "Pelit", "assigners": ["management"], "code": "games"}).json()
    assert (answer["name_fi"], answer["assigners"], answer["code"]) == ("Pelit", ["management"], "games")
    refused = api.patch(f"{URL}{node['id']}/", {"code": "x"})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["code"])
    assert api.delete(f"{URL}{node['id']}/").status_code == 204


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"branch": "nope"}, "branch"),
        ({"parent": 999_999}, "parent"),
        ({"name_fi": ""}, "name_fi"),
        ({"name_en": "x" * 121}, "name_en"),
        ({"name_en": "a\x00"}, "name_en"),
        ({"code": "a b"}, "code"),
        ({"lower": -1}, "lower"),
    ],
)
def test_bad_node_is_told_at_its_field(api, branch, change, field):
    response = api.post(URL, {"branch": "industry", "name_fi": "x", "name_en": "x", **change})
    assert response.status_code == 400
    assert field in response.json()["error"]["fields"]
    assert not ClassificationNode.objects.exists()


def test_node_is_moved_shifted_merged(api, branch):
    one, two, three = (NodeFactory(branch=branch, code=code) for code in ("one", "two", "three"))
    assert api.post(f"{URL}{two.pk}/move/", {"parent": one.pk}).json()["parent"] == one.pk
    assert error(api.post(f"{URL}{one.pk}/move/", {"parent": two.pk})) == (409, "below_itself")
    assert api.post(f"{URL}{two.pk}/move/", {"parent": None}).json()["parent"] is None
    assert api.post(f"{URL}{three.pk}/shift/", {"to": "up"}).status_code == 200
    assert api.post(f"{URL}{three.pk}/shift/", {"to": "left"}).status_code == 400
    customer = CustomerFactory(group=two)
    assert api.post(f"{URL}{two.pk}/merge/", {"into": one.pk}).json()["uses"]["customers"] == 1
    assert customer.classifications.get().node == one
    assert api.get(f"{URL}{two.pk}/").status_code == 404


def test_node_is_retired_and_restored(api):
    address = f"{URL}{NodeFactory().pk}/"
    assert api.post(f"{address}retire/").json()["is_retired"] is True
    assert api.post(f"{address}restore/").json()["is_retired"] is False


def test_node_in_use_is_not_deleted(api):
    node = NodeFactory()
    CustomerFactory(group=node)
    assert error(api.delete(f"{URL}{node.pk}/")) == (409, "in_use")
    assert ClassificationNode.objects.filter(pk=node.pk).exists()


def test_branches_are_read_with_their_rules(api, defaults):
    found = {row["code"]: row for row in api.get("/api/v1/classification-branches/").json()["results"]}
    assert (found["contact_role"]["target"], found["group"]["is_required"]) == ("contacts", True)


def test_municipalities_are_found_by_name_and_region(api):
    MunicipalityFactory(code="049", name_fi="Espoo", name_sv="Esbo", region="Uusimaa")
    MunicipalityFactory(code="564", name_fi="Oulu", name_sv="Uleåborg", region="Pohjois-Pohjanmaa")

    def codes(**query):
        return [row["code"] for row in api.get("/api/v1/municipalities/", query).json()["results"]]

    assert codes(q="esb") == codes(region="Uusimaa") == ["049"]
    assert codes() == ["049", "564"]
    assert api.post("/api/v1/municipalities/", {}).status_code == 405


@pytest.mark.parametrize("factory", [CustomerFactory, ContactFactory])
def test_classes_are_put_branch_by_branch(api, factory):
    first = NodeFactory(branch=BranchFactory(code="first", target=BranchTarget.BOTH, is_multiple=True))
    second = NodeFactory(branch=BranchFactory(code="second", target=BranchTarget.BOTH))
    row = factory()
    address = f"/api/v1/{'customers' if factory is CustomerFactory else 'contacts'}/{row.pk}/classifications/"
    assert api.put(address, {"first": [first.pk], "second": [second.pk]}).status_code == 200
    answer = api.put(address, {"first": []})
    assert answer.json() == api.get(address).json() == {"first": [], "second": [second.pk]}


def test_rule_11_contact_role_is_refused_for_a_customer(api):
    node = NodeFactory(branch=BranchFactory(code="contact_role", target=BranchTarget.CONTACTS))
    customer = CustomerFactory()
    response = api.put(f"/api/v1/customers/{customer.pk}/classifications/", {"contact_role": [node.pk]})
    assert error(response) == (409, "wrong_target")
    assert not customer.classifications.exists()


@pytest.mark.parametrize("data", [[1], {"nope": [1]}, {"first": [999_999]}, {"first": "x"}, {"first": [None]}])
def test_bad_classes_are_told_and_change_nothing(api, data):
    node = NodeFactory(branch=BranchFactory(code="first"))
    customer = CustomerFactory(group=node)
    assert api.put(f"/api/v1/customers/{customer.pk}/classifications/", data).status_code == 400
    assert customer.classifications.get().node == node


def test_one_refused_branch_leaves_the_others_too(api):
    first = NodeFactory(branch=BranchFactory(code="a"))
    roles = NodeFactory(branch=BranchFactory(code="b", target=BranchTarget.CONTACTS))
    customer = CustomerFactory()
    data = {"a": [first.pk], "b": [roles.pk]}
    assert api.put(f"/api/v1/customers/{customer.pk}/classifications/", data).status_code == 409
    assert not customer.classifications.exists()


def test_customers_are_classified_by_who_may():
    owner, colleague = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    customer, node = CustomerFactory(owner=owner), NodeFactory(branch=BranchFactory(code="a"))
    address = f"/api/v1/customers/{customer.pk}/classifications/"
    assert client_of(colleague).put(address, {"a": [node.pk]}).status_code == 403
    assert client_of(colleague).get(address).status_code == 200
    assert client_of(owner).put(address, {"a": [node.pk]}).status_code == 200
    assert APIClient().get(address).status_code == 401


def test_rule_2_passive_customer_is_404_for_others_and_not_classified_by_administrators(api):
    address = f"/api/v1/customers/{CustomerFactory(passive=True).pk}/classifications/"
    assert client_of(UserFactory(role="account_manager")).get(address).status_code == 404
    assert api.put(address, {}).status_code == 403
