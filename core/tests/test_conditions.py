"""The tree of a condition as JSON, and the builder's changes to it."""

from __future__ import annotations

import pytest

from core.conditions import tree as trees
from core.conditions.tree import Group, Join, Rule, TreeError

RULE = {"field": "customer.name", "values": {"op": "is", "text": "x"}}


def test_tree_is_written_as_it_was_read():
    data = {
        "id": 1,
        "join": "any",
        "parts": [
            {"id": 2, **RULE},
            {"id": 3, "join": "none", "relation": "person", "parts": [{"id": 4, **RULE}]},
        ],
    }
    assert trees.write(trees.read(data)) == data


def test_parts_without_an_id_get_one_that_is_free():
    tree = trees.read({"join": "all", "parts": [{"id": 1, **RULE}, RULE, {"join": "any", "parts": [RULE]}]})
    ids = [node.id for node in trees.walk(tree)]
    assert len(set(ids)) == 5
    assert tree.parts[0].id == 1


@pytest.mark.parametrize(
    "data",
    [
        [],
        RULE,
        {"join": "both", "parts": []},
        {"join": "all", "parts": {}},
        {"join": "all", "parts": ["x"]},
        {"join": "all", "parts": [{"field": 1}]},
        {"join": "all", "parts": [{**RULE, "more": 1}]},
        {"join": "all", "parts": [{"id": 2, **RULE}, {"id": 2, **RULE}]},
        {"join": "all", "parts": [{"id": "2", **RULE}]},
        {"join": "all", "parts": [RULE] * 60},
        {"join": ["all"], "parts": []},
    ],
)
def test_what_is_no_tree_is_refused(data):
    with pytest.raises(TreeError):
        trees.read(data)


def test_groups_too_far_inside_each_other_are_refused():
    data = {"join": "all", "parts": [RULE]}
    for _level in range(trees.DEEPEST):
        data = {"join": "all", "parts": [data]}
    with pytest.raises(TreeError):
        trees.read(data)


def test_part_is_added_to_the_chosen_group_and_to_the_root_without_one():
    tree = Group(1, parts=(Group(2, Join.ANY),))
    assert trees.added(tree, 2, Rule(3, "x")).parts[0].parts[0].id == 3
    assert trees.added(tree, 9, Rule(3, "x")).parts[1].id == 3


def test_removing_a_group_removes_what_is_in_it():
    tree = Group(1, parts=(Group(2, Join.ANY, (Rule(3, "x"),)), Rule(4, "y")))
    assert [node.id for node in trees.walk(trees.removed(tree, 2))] == [1, 4]


def test_groups_without_conditions_are_left_out():
    tree = Group(1, parts=(Group(2, Join.ANY, (Group(3),)), Rule(4, "y")))
    assert [node.id for node in trees.walk(trees.without_empty(tree))] == [1, 4]
