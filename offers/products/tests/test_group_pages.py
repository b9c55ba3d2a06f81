"""The pages of product groups."""

from __future__ import annotations

import pytest

from offers.products.models import ProductGroup
from offers.products.tests.factories import ProductFactory, product_group

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tree_of_groups_costs_the_same_for_one_and_three(keeper, rows, django_assert_num_queries):
    for number in range(rows):
        ProductFactory(group=product_group(str(number), parent=product_group(f"Yllä {number}")))
    keeper.get("/product-groups/")
    with django_assert_num_queries(QUERIES_GROUPS):
        keeper.get("/product-groups/")


QUERIES_GROUPS = 9


def test_groups_are_kept_on_their_page(keeper):
    keeper.post("/product-groups/new/", {"name_fi": "Kielet", "name_en": "Languages"})
    top = ProductGroup.objects.get()
    keeper.post(f"/product-groups/new/?parent={top.pk}", {"name_fi": "Suomi", "name_en": "Finnish"})
    below = ProductGroup.objects.get(depth=2)
    keeper.post(f"/product-groups/{below.pk}/", {"name_fi": "Suomen kieli", "name_en": "Finnish"})
    keeper.post(f"/product-groups/{below.pk}/move/", {"parent": ""})
    below.refresh_from_db()
    assert (below.name_fi, below.depth) == ("Suomen kieli", 1)
    keeper.post(f"/product-groups/{below.pk}/retire/")
    assert ProductGroup.objects.in_use().get() == top
    keeper.post(f"/product-groups/{below.pk}/retire/")
    keeper.post(f"/product-groups/{below.pk}/delete/")
    assert ProductGroup.objects.get() == top


def test_a_name_that_is_taken_is_said_at_its_field(keeper):
    product_group("Kielet")
    answer = keeper.post("/product-groups/new/", {"name_fi": "kielet", "name_en": "Languages"})
    assert answer.status_code == 422
    assert "There is already a group" in answer.context["form"].errors["name_fi"][0]


def test_deleting_a_group_that_has_products_says_why_not(keeper):
    group = product_group()
    ProductFactory(group=group)
    answer = keeper.post(f"/product-groups/{group.pk}/delete/", follow=True)
    assert "This group has 1 product" in str(next(iter(answer.context["messages"])))
    assert ProductGroup.objects.filter(pk=group.pk).exists()


@pytest.mark.parametrize("parent", ["x", "-1", "9" * 30, "0"])
def test_a_parent_that_is_not_there_is_refused(keeper, parent):
    assert keeper.get(f"/product-groups/new/?parent={parent}").status_code == 400


def test_a_move_is_told_in_the_history_of_a_group(keeper):
    first, second = product_group("Yksi"), product_group("Kaksi")
    keeper.post(f"/product-groups/{second.pk}/move/", {"parent": first.pk})
    text = keeper.get(f"/product-groups/{second.pk}/history/").text
    assert "place in the tree" in text
    assert "numchild" not in text
