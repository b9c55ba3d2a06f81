"""Assigning classes: target, one or many, required, assigners."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from accounts.tests.factories import UserFactory, role
from core.exceptions import BusinessRuleError
from customers.enums import BranchPurpose, BranchTarget
from customers.models import ClassificationBranch, ClassificationNode, ContactClassification, CustomerClassification
from customers.services.assignments import classifications_set
from customers.services.classification import CLASSES
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(request, without):
    """Begin without branches and nodes, but where the default ones are asked for."""
    if "defaults" not in request.fixturenames:
        without(ClassificationNode, ClassificationBranch)


def refused(code: str):
    return pytest.raises(BusinessRuleError, check=lambda error: error.code == code)


def held(target) -> set[int]:
    return set(target.classifications.values_list("node", flat=True))


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(user):
    return CustomerFactory(owner=user)


@pytest.mark.parametrize("factory", [CustomerFactory, ContactFactory])
def test_classes_are_replaced_and_who_did_it_is_known(factory, user):
    target, branch = factory(), BranchFactory(target=BranchTarget.BOTH, is_multiple=True)
    one, two, three = (NodeFactory(branch=branch) for _ in range(3))
    classifications_set(target=target, branch=branch, nodes=[one, two], user=user)
    classifications_set(target=target, branch=branch, nodes=[two, three], user=user)
    assert held(target) == {two.pk, three.pk}
    assert target.classifications.get(node=three).assigned_by == user


def test_other_branches_stay_as_they_are(customer, user):
    first, second = NodeFactory(), NodeFactory()
    classifications_set(target=customer, branch=first.branch, nodes=[first], user=user)
    classifications_set(target=customer, branch=second.branch, nodes=[second], user=user)
    assert held(customer) == {first.pk, second.pk}


def test_summary_follows_at_once(customer, user):
    industry = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.INDUSTRY))
    classifications_set(target=customer, branch=industry.branch, nodes=[industry], user=user)
    customer.summary.refresh_from_db()
    assert customer.summary.industry == industry


def test_rule_11_contact_role_is_refused_for_a_customer(customer, user):
    node = NodeFactory(branch=BranchFactory(target=BranchTarget.CONTACTS))
    with refused("wrong_target"):
        classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)
    assert held(customer) == set()


def test_rule_11_class_of_customers_is_refused_for_a_contact(user):
    node = NodeFactory(branch=BranchFactory(target=BranchTarget.CUSTOMERS))
    with refused("wrong_target"):
        classifications_set(target=ContactFactory(), branch=node.branch, nodes=[node], user=user)


@pytest.mark.parametrize(
    ("model", "owner", "factory", "target"),
    [
        (CustomerClassification, "customer", CustomerFactory, BranchTarget.CONTACTS),
        (ContactClassification, "contact", ContactFactory, BranchTarget.CUSTOMERS),
    ],
)
def test_rule_11_holds_in_the_database_for_bulk_writes_too(model, owner, factory, target):
    wrong, fitting = NodeFactory(branch=BranchFactory(target=target)), NodeFactory(branch__target=BranchTarget.BOTH)
    row = factory()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([model(node=wrong, **{owner: row})])
    model.objects.bulk_create([model(node=fitting, **{owner: row})])
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(node=wrong)


def test_rule_2_passive_customer_takes_no_class(user):
    node = NodeFactory()
    with refused("customer_passive"):
        classifications_set(target=CustomerFactory(passive=True), branch=node.branch, nodes=[node], user=user)


def test_only_one_where_the_branch_takes_one(customer, user):
    branch = BranchFactory(is_multiple=False)
    with refused("one_only"):
        classifications_set(
            target=customer, branch=branch, nodes=[NodeFactory(branch=branch), NodeFactory(branch=branch)], user=user
        )
    assert held(customer) == set()


def test_required_branch_is_never_emptied(customer, user):
    node = NodeFactory(branch=BranchFactory(is_required=True))
    classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)
    with refused("required"):
        classifications_set(target=customer, branch=node.branch, nodes=[], user=user)
    assert held(customer) == {node.pk}


def test_class_of_another_branch_is_refused(customer, user):
    with refused("other_branch"):
        classifications_set(target=customer, branch=BranchFactory(), nodes=[NodeFactory()], user=user)


def test_retired_class_is_kept_but_not_given(customer, user):
    node, other = NodeFactory(branch=BranchFactory(is_multiple=True)), None
    classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)
    CLASSES.retire(node=node)
    other = NodeFactory(branch=node.branch)
    classifications_set(target=customer, branch=node.branch, nodes=[node, other], user=user)
    assert held(customer) == {node.pk, other.pk}
    with refused("retired"):
        classifications_set(target=CustomerFactory(), branch=node.branch, nodes=[node], user=user)


def test_class_that_has_just_been_deleted_is_told(customer, user):
    node = NodeFactory()
    ClassificationNode.objects.filter(pk=node.pk).delete()
    with refused("gone"):
        classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)


def test_assigners_of_the_branch_are_asked(customer, user):
    node = NodeFactory()
    node.branch.assigners.add(role("communications"))
    with refused("not_assigner"):
        classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)
    user.groups.add(role("communications"))
    classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)
    assert held(customer) == {node.pk}


def test_assigners_of_the_node_come_before_those_of_the_branch(customer, user):
    node = NodeFactory()
    node.branch.assigners.add(*Group.objects.filter(name="account_manager"))
    node.assigners.add(role("management"))
    with refused("not_assigner"):
        classifications_set(target=customer, branch=node.branch, nodes=[node], user=user)


def test_class_is_taken_away_by_its_assigners_only(customer, user):
    node = NodeFactory()
    classifications_set(target=customer, branch=node.branch, nodes=[node], user=None)
    node.assigners.add(role("management"))
    with refused("not_assigner"):
        classifications_set(target=customer, branch=node.branch, nodes=[], user=user)
    assert held(customer) == {node.pk}
