from __future__ import annotations

import itertools

import pytest
from django.contrib.auth.models import Group

from core.defaults import load_all, read
from customers.models import ClassificationBranch, ClassificationNode, Municipality

pytestmark = pytest.mark.django_db


def test_all_308_municipalities_of_2025_are_there_once():
    rows = read("customers", "municipalities")
    assert len(rows) == len({row["code"] for row in rows}) == len({row["name_fi"] for row in rows}) == 308
    assert len({row["region"] for row in rows}) == 19
    assert all(len(row["code"]) == 3 and row["name_sv"] for row in rows)


def test_municipalities_have_code_names_and_region(defaults):
    oulu = Municipality.objects.get(code="564")
    assert (oulu.name_fi, oulu.name_sv, oulu.region) == ("Oulu", "Uleåborg", "Pohjois-Pohjanmaa")
    assert not Municipality.objects.filter(name_fi="Pertunmaa").exists()


def test_the_tree_is_sound(defaults):
    assert ClassificationNode.objects.find_problems() == ([], [], [], [], [])
    for node in ClassificationNode.objects.filter(depth__gt=1).select_related("branch"):
        assert ClassificationNode.objects.get_parent(node).branch == node.branch


def test_branches_of_the_domain_are_there_with_their_rules(defaults):
    rules = {branch.code: branch for branch in ClassificationBranch.objects.all()}
    assert list(rules) == [
        "group", "industry", "size", "work_based_learning", "contact_role", "target_groups", "invitations",
        "framework_agreement",
    ]  # fmt: skip
    assert rules["group"].is_required
    assert rules["group"].is_multiple
    assert not rules["size"].is_multiple
    assert rules["contact_role"].target == "contacts"
    assert rules["target_groups"].target == "both"


def test_size_classes_run_from_0_to_9_without_gap(defaults):
    sizes = list(ClassificationNode.objects.filter(branch__code="size"))
    assert [node.code for node in sizes] == list("0123456789")
    assert (sizes[0].lower, sizes[0].upper) == (None, None)
    assert all(one.upper + 1 == next_one.lower for one, next_one in itertools.pairwise(sizes[1:]))
    assert sizes[9].upper is None


def test_loading_twice_adds_nothing(defaults):
    before = ClassificationNode.objects.count()
    assert load_all() == []
    assert ClassificationNode.objects.count() == before
    assert Group.objects.filter(name="management").count() == 1
