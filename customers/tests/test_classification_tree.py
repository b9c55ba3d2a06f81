"""Services of the tree: nothing that is assigned is ever lost, nothing in use is deleted."""

from __future__ import annotations

import pytest

from core.exceptions import BusinessRuleError
from core.trees import paths_as_text
from customers.enums import BranchPurpose, BranchTarget
from customers.models import ClassificationBranch, ClassificationNode, CustomerClassification
from customers.selectors.classification import Uses, subtree_uses, tree_of
from customers.services import classification as services
from customers.services.summaries import summaries_refresh
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory, PositionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


def refused(code: str, field: str | None = None):
    return pytest.raises(BusinessRuleError, check=lambda error: (error.code, error.field) == (code, field))


def names(branch: ClassificationBranch) -> list[str]:
    return ["·" * (node.depth - 1) + node.name_fi for node in branch.nodes.all()]


def sound() -> bool:
    return ClassificationNode.objects.find_problems() == ([], [], [], [], [])


@pytest.fixture
def branch():
    return BranchFactory()


@pytest.fixture
def tree(branch):
    """one(two, three(four)), five; another branch beside it."""
    one = NodeFactory(branch=branch, name_fi="one", code="one")
    two, three = (NodeFactory(parent=one, name_fi=name, code=name) for name in ("two", "three"))
    NodeFactory(name_fi="elsewhere")
    four = NodeFactory(parent=three, name_fi="four", code="four")
    five = NodeFactory(branch=branch, name_fi="five", code="five")
    return {node.code: ClassificationNode.objects.get(pk=node.pk) for node in (one, two, three, four, five)}


def test_added_node_comes_last_and_gets_a_code_of_its_name(branch, tree):
    node = services.CLASSES.add(branch=branch, name_fi="uusi", name_en="Brand new")
    assert (node.code, names(branch)[-1]) == ("brand_new", "uusi")
    again = services.CLASSES.add(branch=branch, parent=node, name_fi="toinen", name_en="Brand new")
    assert again.code == "brand_new_2"
    assert sound()


def test_code_that_is_taken_is_refused(branch, tree):
    with refused("code_taken", "code"):
        services.CLASSES.add(branch=branch, code="one", name_fi="x", name_en="x")


def test_same_name_beside_is_refused(branch, tree):
    with refused("name_taken", "name_fi"):
        services.CLASSES.add(branch=branch, parent=tree["one"], name_fi="TWO", name_en="x")
    with refused("name_taken", "name_fi"):
        services.CLASSES.change(node=tree["two"], name_fi="three")


def test_range_must_not_be_upside_down(branch):
    with refused("range", "upper"):
        services.CLASSES.add(branch=branch, name_fi="x", name_en="x", lower=5, upper=4)


def test_tree_has_a_deepest_level(branch, tree):
    node = tree["four"]
    for level in range(node.depth, services.CLASSES.max_depth):
        node = services.CLASSES.add(branch=branch, parent=node, name_fi=f"n{level}", name_en=f"n{level}")
    with refused("too_deep", "parent"):
        services.CLASSES.add(branch=branch, parent=node, name_fi="x", name_en="x")


def test_renamed_node_keeps_its_assignments(tree):
    customer = CustomerFactory(group=tree["two"])
    services.CLASSES.change(node=tree["two"], name_fi="kaksi", name_en="Second")
    assert customer.classifications.get().node.name_fi == "kaksi"


def test_moved_node_takes_all_below_it_along(branch, tree):
    customer = CustomerFactory(group=tree["four"])
    services.CLASSES.move(node=tree["three"], parent=tree["five"])
    assert names(branch) == ["one", "·two", "five", "·three", "··four"]
    assert customer.classifications.get().node_id == tree["four"].pk
    assert sound()


def test_node_moves_to_the_top_of_its_branch(branch, tree):
    services.CLASSES.move(node=tree["three"], parent=None)
    assert names(branch) == ["one", "·two", "five", "three", "·four"]
    assert sound()


@pytest.mark.parametrize("target", ["three", "four"])
def test_node_does_not_move_below_itself(tree, branch, target):
    before = names(branch)
    with refused("below_itself", "parent"):
        services.CLASSES.move(node=tree["three"], parent=tree[target])
    assert names(branch) == before


def test_node_does_not_move_to_another_branch(tree):
    with refused("other_branch", "parent"):
        services.CLASSES.move(node=tree["three"], parent=NodeFactory())


def test_node_in_use_does_not_move_below_a_retired_one(tree):
    services.CLASSES.retire(node=tree["five"])
    with refused("parent_retired", "parent"):
        services.CLASSES.move(node=tree["three"], parent=tree["five"])


def test_nodes_change_places_among_siblings(branch, tree):
    services.CLASSES.shift(node=tree["three"], up=True)
    assert names(branch) == ["one", "·three", "··four", "·two", "five"]
    services.CLASSES.shift(node=tree["one"], up=False)
    assert names(branch) == ["five", "one", "·three", "··four", "·two"]
    assert sound()


def test_first_node_stays_where_it_is_when_it_goes_up(branch, tree):
    before = names(branch)
    services.CLASSES.shift(node=tree["one"], up=True)
    services.CLASSES.shift(node=tree["five"], up=False)
    assert names(branch) == before


def test_retiring_takes_the_subtree_and_restoring_brings_that_back(tree):
    services.CLASSES.retire(node=tree["four"])
    services.CLASSES.retire(node=tree["one"])
    assert set(ClassificationNode.objects.in_use().values_list("name_fi", flat=True)) == {"five", "elsewhere"}
    services.CLASSES.restore(node=tree["one"])
    retired = ClassificationNode.objects.filter(retired_at__isnull=False)
    assert [node.code for node in retired] == ["four"]  # retired on its own before


def test_node_below_a_retired_one_is_not_restored_alone(tree):
    services.CLASSES.retire(node=tree["one"])
    with refused("parent_retired"):
        services.CLASSES.restore(node=tree["two"])


def test_retired_node_stays_where_it_is_assigned(tree):
    customer = CustomerFactory(group=tree["two"])
    services.CLASSES.retire(node=tree["two"])
    assert customer.classifications.count() == 1


def test_merge_moves_assignments_without_doubles(tree):
    first, both = CustomerFactory(group=tree["two"]), CustomerFactory(group=tree["two"])
    CustomerClassification.objects.create(customer=both, node=tree["five"])
    services.CLASSES.merge(node=tree["two"], into=tree["five"])
    for customer in (first, both):
        assert [row.node_id for row in customer.classifications.all()] == [tree["five"].pk]
    assert not ClassificationNode.objects.filter(pk=tree["two"].pk).exists()
    assert sound()


def test_merge_brings_children_positions_and_summaries_along(branch, tree):
    ClassificationBranch.objects.filter(pk=branch.pk).update(purpose=BranchPurpose.GROUP)
    customer, position = CustomerFactory(group=tree["three"]), PositionFactory(role=tree["three"])
    summaries_refresh([customer.pk])
    services.CLASSES.merge(node=tree["three"], into=tree["five"])
    customer.summary.refresh_from_db()
    position.refresh_from_db()
    assert (customer.summary.group, position.role) == (tree["five"], tree["five"])
    assert names(branch) == ["one", "·two", "five", "·four"]


@pytest.mark.parametrize(("into", "code"), [("three", "same_node"), ("four", "below_itself")])
def test_node_is_not_merged_into_itself_or_below(tree, into, code):
    with refused(code, "into"):
        services.CLASSES.merge(node=tree["three"], into=tree[into])


def test_node_is_not_merged_into_another_branch_or_a_retired_one(tree):
    with refused("other_branch", "into"):
        services.CLASSES.merge(node=tree["two"], into=NodeFactory())
    services.CLASSES.retire(node=tree["five"])
    with refused("retired", "into"):
        services.CLASSES.merge(node=tree["two"], into=tree["five"])


@pytest.mark.parametrize("user_of_node", ["customer", "contact", "position"])
def test_node_in_use_anywhere_below_is_never_deleted(tree, branch, user_of_node):
    ClassificationBranch.objects.filter(pk=branch.pk).update(target=BranchTarget.BOTH)
    if user_of_node == "customer":
        CustomerFactory(group=tree["four"])
    elif user_of_node == "contact":
        ContactFactory().classifications.create(node=tree["four"])
    else:
        PositionFactory(role=tree["four"])
    with refused("in_use"):
        services.CLASSES.delete(node=tree["one"])
    assert ClassificationNode.objects.filter(pk=tree["four"].pk).exists()


def test_unused_node_is_deleted_with_all_below(branch, tree):
    services.CLASSES.delete(node=tree["one"])
    assert names(branch) == ["five"]
    assert sound()


def test_branch_with_classes_or_a_purpose_is_not_deleted(branch, tree):
    with refused("in_use"):
        services.branch_delete(branch=branch)
    with refused("purpose_fixed"):
        services.branch_delete(branch=BranchFactory(purpose=BranchPurpose.SIZE))


def test_empty_branch_is_deleted(branch):
    services.branch_delete(branch=branch)
    assert not ClassificationBranch.objects.exists()


def test_added_branch_gets_a_free_code():
    assert services.branch_add(name_fi="Kieli", name_en="Spoken language").code == "spoken_language"
    with refused("code_taken", "code"):
        services.branch_add(name_fi="Kieli", name_en="Spoken language")


def test_rule_11_branch_of_customers_does_not_become_one_of_contacts_while_it_is_held(branch, tree):
    CustomerFactory(group=tree["two"])
    with refused("in_use", "target"):
        services.branch_change(branch=branch, target=BranchTarget.CONTACTS)
    assert services.branch_change(branch=branch, target=BranchTarget.BOTH).target == BranchTarget.BOTH


def test_target_of_a_branch_the_program_needs_is_fixed():
    with refused("purpose_fixed", "target"):
        services.branch_change(branch=BranchFactory(purpose=BranchPurpose.INDUSTRY), target=BranchTarget.BOTH)


def test_branch_becomes_single_only_when_nobody_has_many(tree):
    branch = services.branch_change(branch=tree["one"].branch, is_multiple=True)
    customer = CustomerFactory(group=tree["two"])
    extra = CustomerClassification.objects.create(customer=customer, node=tree["five"])
    with refused("many_held", "is_multiple"):
        services.branch_change(branch=branch, is_multiple=False)
    extra.delete()
    assert not services.branch_change(branch=branch, is_multiple=False).is_multiple


def test_counts_of_use_include_what_is_below(branch, tree, django_assert_num_queries):
    CustomerFactory(group=tree["four"])
    PositionFactory(role=tree["four"])
    CustomerFactory(group=tree["one"])
    assert subtree_uses(tree["one"]) == Uses(customers=2, positions=1)
    CustomerFactory(group=tree["four"], passive=True)
    assert subtree_uses(tree["one"]) == Uses(customers=2, positions=1, inactive=1)
    with django_assert_num_queries(2):
        [one, five] = tree_of(branch)
    assert (one.total.active, one.total.total, five.total.total) == (3, 4, 0)


def test_who_has_several_classes_below_one_another_counts_once(branch, tree):
    customer = CustomerFactory(group=tree["four"])
    for code in ("one", "three", "five"):
        CustomerClassification.objects.create(customer=customer, node=tree[code])
    [one, five] = tree_of(branch)
    [_two, three] = one.children
    assert (one.total.customers, three.total.customers, five.total.customers) == (1, 1, 1)
    assert subtree_uses(tree["one"]).customers == 1


def test_path_is_told_from_the_top(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        texts = paths_as_text([tree["four"], tree["five"]])
    assert texts[tree["five"].pk] == tree["five"].name
    assert texts[tree["four"].pk] == " › ".join(tree[code].name for code in ("one", "three", "four"))
