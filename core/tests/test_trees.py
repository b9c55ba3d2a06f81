"""What the trees share, with the classification as the example; the rest is tested with each tree."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.trees import parents_of, paths_as_text
from customers.services.classification import CLASSES
from customers.tests.factories import BranchFactory, NodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    """Nodes of one branch: ``one``, ``two`` below it, ``three`` beside it, and ``old``, which is retired."""
    branch = BranchFactory()
    one = NodeFactory(branch=branch, code="one", name_fi="Yksi", name_en="One")
    two = NodeFactory(parent=one, code="two", name_fi="Kaksi", name_en="Two")
    three, old = (NodeFactory(branch=branch, code=code, name_fi=code, name_en=code) for code in ("three", "old"))
    CLASSES.retire(old)
    return {node.code: CLASSES.current(node) for node in (one, two, three, old)}


def test_paths_and_parents_are_read_in_one_query_each(nodes, django_assert_num_queries):
    one, two, three, _old = nodes.values()
    with django_assert_num_queries(1):
        assert paths_as_text([two, three]) == {two.pk: f"{one.name} › {two.name}", three.pk: "three"}
    with django_assert_num_queries(1):
        assert parents_of([two, three]) == {two.pk: one.pk, three.pk: None}
    assert parents_of([two], "code") == {two.pk: "one"}


def test_nothing_is_read_of_no_nodes_or_of_those_at_the_top(nodes, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert (paths_as_text([]), parents_of([])) == ({}, {})
        assert parents_of([nodes["one"]]) == {nodes["one"].pk: None}


def test_a_node_goes_under_those_of_its_part_that_are_not_below_it_or_retired(nodes):
    NodeFactory()
    assert [node.code for node in CLASSES.targets(nodes["one"])] == ["three"]
    assert [node.code for node in CLASSES.targets(nodes["two"])] == ["one", "three"]
    CLASSES.retire(nodes["one"])
    assert [node.code for node in CLASSES.targets(CLASSES.current(nodes["two"]))] == ["one", "three", "old"]


@pytest.mark.parametrize(("page", "field"), [("node_move", "parent"), ("node_merge", "into")])
def test_the_pages_offer_the_same_nodes(nodes, page, field):
    client = Client()
    client.force_login(UserFactory(role="administrator"), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse(f"customers:{page}", args=[nodes["one"].pk])
    offered = client.get(address).context["form"].fields[field].queryset
    assert [node.code for node in offered] == ["three"]
    assert client.post(address, {field: nodes["old"].pk}).status_code == 422
