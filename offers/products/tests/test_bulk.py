"""Bulk operations on products: retire, restore, move to a group, export."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from core.tests.bulk import bulk, by, draft, outcome, undo
from offers.products.models import Product
from offers.products.services import GROUPS, product_set_retired
from offers.products.tests.factories import ProductFactory, product_group

pytestmark = pytest.mark.django_db
RETIRE, RESTORE, GROUP = "products.retire", "products.restore", "products.group"


@pytest.fixture
def user():
    return UserFactory(grants=["products.manage_products"], language="en")


def fresh(product):
    return Product.objects.get(pk=product.pk)


def test_products_are_retired_and_in_use_again_by_undo(user):
    product, retired = ProductFactory(), ProductFactory()
    product_set_retired(product=retired, retired=True)
    run = bulk(user, RETIRE, [product, retired])
    assert (outcome(run, product)[0], outcome(run, retired)) == ("changed", ("unchanged", "retired"))
    assert fresh(product).is_retired
    undo(run)
    assert (fresh(product).is_retired, fresh(retired).is_retired) == (False, True)


def test_retired_products_are_restored(user):
    product = ProductFactory()
    product_set_retired(product=product, retired=True)
    run = bulk(user, RESTORE, [product])
    assert not fresh(product).is_retired
    undo(run)
    assert fresh(product).is_retired


def test_products_move_to_a_group_and_back_as_far_as_nobody_has_moved_them_since(user):
    old, new, third = product_group("Old"), product_group("New"), product_group("Third")
    first, second = ProductFactory(group=old), ProductFactory(group=old)
    run = bulk(user, GROUP, [first, second], group=new.pk)
    assert {fresh(first).group, fresh(second).group} == {new}
    with by(user):
        Product.objects.filter(pk=second.pk).update(group=third)
    assert undo(run).kept == 1
    assert (fresh(first).group, fresh(second).group) == (old, third)


def test_retired_group_takes_no_products(user):
    group = product_group("Gone")
    GROUPS.retire(group)
    with pytest.raises(BusinessRuleError, match="valid choice"):
        draft(user, GROUP, [ProductFactory()], group=group.pk)


def test_list_offers_the_operations_to_those_who_may(client, user):
    ProductFactory()
    client.force_login(user)
    offered = [item.name for item in client.get(reverse("products:list")).context["bulk_actions"]]
    assert offered == [GROUP, RETIRE, RESTORE, "products.export"]
    client.force_login(UserFactory(role="read_only"))
    offered = [item.name for item in client.get(reverse("products:list")).context["bulk_actions"]]
    assert offered == ["products.export"]
    assert client.post(reverse("core:bulk_choose", args=[RETIRE]), {"ids": [1]}).status_code == 403


def test_chosen_products_are_exported_retired_ones_too(user):
    product, retired = ProductFactory(code="P-1"), ProductFactory(code="P-2")
    product_set_retired(product=retired, retired=True)
    with bulk(user, "products.export", [product, retired], kind="csv").job.result as file:
        text = file.read().decode()
    assert "P-1" in text
    assert "P-2" in text
