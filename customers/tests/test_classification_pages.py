from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory, role
from customers.enums import BranchTarget
from customers.models import ClassificationBranch, ClassificationNode
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory

pytestmark = pytest.mark.django_db
NODE_FORMS = ("node_edit", "node_move", "node_merge", "node_retire", "node_restore", "node_delete")
BRANCH_FORMS = ("branch_edit", "branch_delete", "node_add")
NAMES = {"name_fi": "Uusi", "name_en": "New"}


@pytest.fixture(autouse=True)
def _own_rows(request, without):
    """Begin without branches and nodes, but where the default ones are asked for."""
    if "defaults" not in request.fixturenames:
        without(ClassificationNode, ClassificationBranch)


def url(name: str, *args) -> str:
    return reverse(f"customers:{name}", args=args)


@pytest.fixture
def admin(client):
    user = UserFactory(role="administrator")
    client.force_login(user)
    return user


@pytest.fixture
def node():
    return NodeFactory()


def tree(branch: ClassificationBranch) -> list[str]:
    return ["·" * (node.depth - 1) + node.name_en for node in branch.nodes.all()]


@pytest.mark.parametrize("group", ["account_manager", "read_only"])
def test_everyone_reads_the_tree_and_only_its_keeper_changes_it(client, node, group):
    client.force_login(UserFactory(role=group))
    page = client.get(url("classification"), {"branch": node.branch.code})
    assert node.name_en in page.content.decode()
    assert url("node_edit", node.pk) not in page.content.decode()
    assert client.get(url("branch_history", node.branch_id)).status_code == 200
    for name in NODE_FORMS:
        assert client.get(url(name, node.pk)).status_code == 403
        assert client.post(url(name, node.pk), NAMES).status_code == 403
    for name in BRANCH_FORMS:
        assert client.post(url(name, node.branch_id), NAMES).status_code == 403
    assert client.post(url("node_shift", node.pk), {"to": "up"}).status_code == 403
    assert client.post(url("branch_add"), NAMES).status_code == 403


def test_anonymous_is_sent_to_sign_in(client, node):
    for address in (url("classification"), url("node_edit", node.pk), url("branch_history", node.branch_id)):
        assert client.get(address)["Location"].startswith(reverse("account_login"))


def test_an_unknown_node_is_404_and_an_unknown_branch_or_parent_is_400(client, admin, node):
    assert client.get(url("classification"), {"branch": "nope"}).status_code == 400
    assert client.get(url("node_edit", 999_999)).status_code == 404
    assert client.get(url("node_add", node.branch_id), {"parent": "x"}).status_code == 400
    assert client.get(url("node_add", node.branch_id), {"parent": NodeFactory().pk}).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_however_large_the_tree(client, admin, count, django_assert_num_queries):
    branch = BranchFactory()
    for _number in range(count):
        CustomerFactory(group=NodeFactory(parent=NodeFactory(branch=branch)))
        BranchFactory()
    client.get(url("classification"))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url("classification"))


PAGE_QUERIES = 9


def test_branches_are_in_their_order(client, admin, defaults):
    page = client.get(url("classification"))
    assert [branch.code for branch in page.context["branches"]][:3] == ["group", "industry", "size"]


def test_administrator_adds_a_node_below_another(client, admin, node):
    address = f"{url('node_add', node.branch_id)}?parent={node.pk}"
    response = client.post(address, {**NAMES, "assigners": [role("management").pk]})
    added = ClassificationNode.objects.get(code="new")
    assert response["Location"] == added.get_absolute_url()
    assert ClassificationNode.objects.get_parent(added) == node
    assert added.assigners.get().name == "management"


def test_sending_twice_adds_one_node(client, admin, node):
    data = {**NAMES, "submission_key": str(uuid.uuid4())}
    for _time in range(2):
        client.post(url("node_add", node.branch_id), data)
    assert ClassificationNode.objects.filter(name_en="New").count() == 1


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"name_fi": ""}, "name_fi", "required"),
        ({"name_en": "x" * 10_001}, "name_en", "at most 120 characters"),
        ({"name_fi": "a\x00b"}, "name_fi", "Null characters"),
        ({"code": "a b"}, "code", "valid “slug”"),
        ({"lower": "5", "upper": "4"}, "upper", "below the lower"),
        ({"lower": "-1"}, "lower", "greater than or equal to 0"),
        ({"lower": "99999999999"}, "lower", "less than or equal"),
        ({"assigners": ["999999"]}, "assigners", "Select a valid choice"),
    ],
)
def test_bad_node_is_told_at_its_field(client, admin, node, change, field, message):
    response = client.post(url("node_add", node.branch_id), {**NAMES, **change})
    assert response.status_code == 422
    assert message in str(response.context["form"].errors[field])
    assert ClassificationNode.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7|add:7 }}", "{{ 7|add:7 }}"),
        ("\u202eabc", "abc"),  # nobody sees the character, so a name does not have it
        ("🏭", "🏭"),
    ],
)
def test_name_is_shown_back_inert(client, admin, node, text, name):
    client.post(url("node_edit", node.pk), {"name_fi": text, "name_en": text, "description": text})
    node.refresh_from_db()
    assert (node.name_en, node.description) == (name, text)
    assert "<script>alert" not in client.get(node.get_absolute_url()).content.decode()


def test_node_is_moved_merged_and_shifted(client, admin):
    branch = BranchFactory()
    one, two, three = (NodeFactory(branch=branch, name_fi=name, name_en=name) for name in ("one", "two", "three"))
    client.post(url("node_move", two.pk), {"parent": one.pk})
    assert tree(branch) == ["one", "·two", "three"]
    client.post(url("node_shift", three.pk), {"to": "up"})
    assert tree(branch) == ["three", "one", "·two"]
    client.post(url("node_move", two.pk), {"parent": ""})
    client.post(url("node_merge", two.pk), {"into": three.pk})
    assert tree(branch) == ["three", "one"]


def test_node_is_moved_nowhere_outside_its_branch(client, admin, node):
    response = client.post(url("node_move", node.pk), {"parent": NodeFactory().pk})
    assert response.status_code == 422


def test_node_is_retired_and_restored(client, admin, node):
    assert client.get(url("node_retire", node.pk)).status_code == 200
    client.post(url("node_retire", node.pk))
    node.refresh_from_db()
    assert node.is_retired
    client.post(url("node_restore", node.pk))
    node.refresh_from_db()
    assert not node.is_retired


def test_node_in_use_is_not_deleted_and_the_page_says_where_it_is_used(client, admin, node):
    CustomerFactory(group=node)
    page = client.post(url("node_delete", node.pk), follow=True)
    assert "customers 1, inactive customers 0, " in page.content.decode()
    assert ClassificationNode.objects.filter(pk=node.pk).exists()


def test_unused_node_is_deleted(client, admin, node):
    client.post(url("node_delete", node.pk))
    assert not ClassificationNode.objects.exists()


def test_branch_is_added_changed_and_deleted(client, admin):
    data = {"name_fi": "Kielet", "name_en": "Languages", "target": "customers", "order": 5}
    client.post(url("branch_add"), data)
    branch = ClassificationBranch.objects.get()
    client.post(url("branch_edit", branch.pk), {**data, "target": "both", "is_multiple": "on"})
    branch.refresh_from_db()
    assert (branch.code, branch.target, branch.is_multiple) == ("languages", "both", True)
    client.post(url("branch_delete", branch.pk))
    assert not ClassificationBranch.objects.exists()


def test_rule_11_target_in_use_is_told_at_its_field(client, admin, node):
    CustomerFactory(group=node)
    data = {"name_fi": "x", "name_en": "x", "target": "contacts", "order": 5}
    response = client.post(url("branch_edit", node.branch_id), data)
    assert response.status_code == 422
    assert "customers" in str(response.context["form"].errors["target"])


def test_history_tells_who_renamed_and_moved(client, admin):
    branch = BranchFactory()
    one, two = NodeFactory(branch=branch), NodeFactory(branch=branch, name_en="Before")
    client.post(url("node_edit", two.pk), {"name_fi": "x", "name_en": "After"})
    client.post(url("node_move", two.pk), {"parent": one.pk})
    page = client.get(url("branch_history", branch.pk)).content.decode()
    for text in ("Before", "After", "place in the tree", str(admin)):
        assert text in page


@pytest.mark.parametrize(
    ("factory", "tab", "edit"),
    [(CustomerFactory, "classes", "classes_edit"), (ContactFactory, "contact_classes", "contact_classes_edit")],
)
def test_form_offers_only_what_fits(client, admin, factory, tab, edit):
    for target in BranchTarget.values:
        NodeFactory(branch=BranchFactory(code=target, target=target))
    row = factory()
    own = "customers" if factory is CustomerFactory else "contacts"
    assert set(client.get(url(edit, row.pk)).context["form"].branches) == {own, "both"}
    assert client.get(url(tab, row.pk)).status_code == 200


def test_classes_are_chosen_one_or_many(client, admin):
    single = NodeFactory(branch=BranchFactory(code="one"))
    branch = BranchFactory(code="many", is_multiple=True)
    many = [NodeFactory(branch=branch), NodeFactory(branch=branch)]
    customer = CustomerFactory()
    data = {"one": single.pk, "many": [node.pk for node in many]}
    response = client.post(url("classes_edit", customer.pk), data)
    assert response["Location"] == url("classes", customer.pk)
    assert customer.classifications.count() == 3
    page = client.get(response["Location"]).content.decode()
    assert all(node.name_en in page for node in (single, *many))


def test_required_branch_and_wrong_choice_are_told(client, admin):
    required = NodeFactory(branch=BranchFactory(code="must", is_required=True))
    customer = CustomerFactory()
    assert client.post(url("classes_edit", customer.pk), {}).status_code == 422
    other = NodeFactory()
    response = client.post(url("classes_edit", customer.pk), {"must": other.pk})
    assert response.status_code == 422
    assert "must" in response.context["form"].errors
    assert not customer.classifications.exists()
    client.post(url("classes_edit", customer.pk), {"must": required.pk})
    assert customer.classifications.get().node == required


def test_class_that_the_user_may_not_assign_is_not_offered(client):
    user = UserFactory(role="account_manager")
    client.force_login(user)
    customer, node = CustomerFactory(owner=user), NodeFactory(branch=BranchFactory(code="seg"))
    free = NodeFactory(branch=node.branch)
    node.assigners.add(role("management"))
    offered = client.get(url("classes_edit", customer.pk)).context["form"].fields["seg"].choices
    assert [value for value, _label in offered] == ["", str(free.pk)]
    assert client.post(url("classes_edit", customer.pk), {"seg": node.pk}).status_code == 422


def test_who_may_not_classify_the_customer_gets_403(client):
    client.force_login(UserFactory(role="account_manager"))
    colleague_s = CustomerFactory(owner=UserFactory())
    assert client.get(url("classes", colleague_s.pk)).status_code == 200
    assert client.get(url("classes_edit", colleague_s.pk)).status_code == 403


def test_rule_2_passive_customer_is_not_classified(client, admin):
    passive = CustomerFactory(passive=True)
    assert client.get(url("classes", passive.pk)).status_code == 200
    assert client.get(url("classes_edit", passive.pk)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_edit_form_costs_the_same_however_many_branches(client, admin, count, django_assert_num_queries):
    customer = CustomerFactory()
    for _number in range(count):
        customer.classifications.create(node=NodeFactory())
    client.get(url("classes_edit", customer.pk))
    with django_assert_num_queries(FORM_QUERIES):
        client.get(url("classes_edit", customer.pk))


FORM_QUERIES = 12


def test_a_class_without_an_english_name_has_the_finnish_one(client, admin, node):
    client.post(url("node_add", node.branch_id), {"name_fi": "Kausiasiakkaat"})
    added = ClassificationNode.objects.get(name_fi="Kausiasiakkaat")
    assert (added.name_en, added.code) == ("Kausiasiakkaat", "kausiasiakkaat")
