"""The product register: what products and groups may be, become and no longer be."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from offers.offers.models import OfferVersion
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from offers.products.effective_dated import Dated
from offers.products.enums import LineKind
from offers.products.lines import LineData, check_lines, line_of_product
from offers.products.models import Product, ProductGroup, ProductOwner, ProductPrice
from offers.products.selectors import group_tree, periods
from offers.products.services import (
    GROUPS,
    product_change,
    product_create,
    product_delete,
    product_set_retired,
)
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line, product_group

pytestmark = pytest.mark.django_db
FIRST, LATER = dt.date(2026, 1, 1), dt.date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without groups of products."""
    without(ProductGroup)


def refused(code: str, action: Any, **arguments: Any) -> BusinessRuleError:
    with pytest.raises(BusinessRuleError) as caught, transaction.atomic():
        action(**arguments)
    assert caught.value.code == code
    return caught.value


def new_product(**fields: Any) -> Product:
    given = {"code": "K-1", "name_fi": "Esihenkilövalmennus"} | fields
    given.setdefault("unit", UnitFactory())
    given.setdefault("vat_class", VatClassFactory())
    return Product(**given)


def of_product(product: Product) -> LineData:
    return LineData(kind=LineKind.PRODUCT, product_id=product.pk, name=product.name_fi)


def read(product: Product) -> Product:
    return Product.objects.with_prices().get(pk=product.pk)


# What a product brings on a day


def test_a_product_brings_the_price_of_the_day():
    product = read(ProductFactory(prices={"2026-01-01": 100, "2026-09-01": 120}))
    days = [dt.date(2025, 12, 31), FIRST, dt.date(2026, 8, 31), LATER]
    assert [line_of_product(product, day=day, language="fi").unit_price for day in days] == [0, 100, 100, 120]


def test_a_change_of_vat_holds_from_its_day():
    vat_class = VatClassFactory(rates={"2013-01-01": "14", "2026-01-01": "13.5"})
    product = read(ProductFactory(vat_class=vat_class))
    before, after = (
        line_of_product(product, day=day, language="fi").vat_rate for day in (dt.date(2025, 12, 31), FIRST)
    )
    assert (before, after) == (Decimal(14), Decimal("13.5"))


def test_the_first_content_owner_answers_for_the_line():
    people = [UserFactory(), UserFactory()]
    product = product_create(product=new_product(), owners=people[::-1])
    assert line_of_product(read(product), day=FIRST, language="fi").owner_id == people[1].pk


def test_periods_end_the_day_before_the_next_one():
    periods_found = periods([Dated(FIRST, Decimal(100)), Dated(LATER, Decimal(120))], dt.date(2026, 8, 31))
    assert [(period.start, period.end, period.is_current, period.is_coming) for period in periods_found] == [
        (LATER, None, False, True),
        (FIRST, dt.date(2026, 8, 31), True, False),
    ]


# Adding and changing


def test_a_new_product_has_its_prices_and_owners():
    owner = UserFactory()
    product = product_create(product=new_product(), prices=[Dated(FIRST, Decimal("99.50"))], owners=[owner])
    assert [(price.valid_from, price.price) for price in product.prices.all()] == [(FIRST, Decimal("99.50"))]
    assert list(product.content_owners.all()) == [owner]


def test_two_prices_from_one_day_are_refused_and_nothing_is_added():
    prices = [Dated(FIRST, Decimal(1)), Dated(FIRST, Decimal(2))]
    assert refused("day_twice", product_create, product=new_product(), prices=prices).field == "prices"
    assert not Product.objects.exists()


def test_a_price_of_another_century_is_refused():
    refused("day_not_allowed", product_create, product=new_product(), prices=[Dated(dt.date(1026, 1, 1), Decimal(1))])


@pytest.mark.parametrize("price", ["-1", "10000000.01", "1.005"])
def test_a_price_that_cannot_be_is_refused(price):
    with pytest.raises(ValidationError), transaction.atomic():
        product_create(product=new_product(), prices=[Dated(FIRST, Decimal(price))])
    assert not Product.objects.exists()


def test_prices_that_stay_are_not_written_again():
    product = product_create(product=new_product(), prices=[Dated(FIRST, Decimal(100)), Dated(LATER, Decimal(120))])
    before = dict(product.prices.values_list("valid_from", "pk"))
    product_change(product=product, prices=[Dated(FIRST, Decimal(100)), Dated(dt.date(2027, 1, 1), Decimal(130))])
    after = dict(product.prices.values_list("valid_from", "pk"))
    assert after[FIRST] == before[FIRST]
    assert set(after) == {FIRST, dt.date(2027, 1, 1)}
    events = ProductPrice.pgh_event_model.objects.filter(pgh_obj_id=before[FIRST])
    assert events.count() == 1


def test_a_change_without_prices_leaves_them():
    product = ProductFactory(owner=UserFactory())
    product.name_fi = "Uusi nimi"
    product_change(product=product)
    assert (product.prices.count(), product.owners.count(), product.version) == (1, 1, 2)


def test_owners_keep_the_order_in_which_they_are_chosen():
    first, second, third = UserFactory(), UserFactory(), UserFactory()
    product = product_create(product=new_product(), owners=[first, second])
    for chosen in ([first, second, third], [third, first], [second], []):
        product_change(product=product, owners=chosen)
        assert [owner.user for owner in product.owners.order_by("pk")] == chosen


def test_who_has_left_becomes_no_content_owner_but_stays_one():
    former = UserFactory()
    product = product_create(product=new_product(), owners=[former])
    former.is_active = False
    former.save()
    product_change(product=product, owners=[former])
    assert ProductOwner.objects.filter(product=product, user=former).exists()
    refused("user_inactive", product_create, product=new_product(code="K-2"), owners=[former])


@pytest.mark.parametrize("name", ["group", "unit", "vat_class"])
def test_what_is_retired_is_given_to_no_new_product_but_stays_on_old_ones(name):
    product = new_product(group=product_group())
    product_create(product=product)
    choice = getattr(product, name)
    type(choice).objects.filter(pk=choice.pk).update(retired_at="2026-01-01T00:00Z")
    choice.refresh_from_db()
    product_change(product=product)
    other = new_product(code="K-2", **{name: choice})
    assert refused("choice_retired", product_create, product=other).field == name


def test_a_code_is_one_products_whatever_its_case():
    ProductFactory(code="K-1")
    assert refused("code_taken", product_create, product=new_product(code="k-1")).field == "code"


def test_the_fewest_participants_are_not_more_than_the_most():
    with pytest.raises(ValidationError, match="The minimum number of participants"):
        product_create(product=new_product(participants_min=20, participants_max=10))


# Retiring and deleting


def test_a_retired_product_is_refused_on_new_lines_and_stays_on_old_ones():
    product = product_set_retired(product=ProductFactory(), retired=True)
    assert refused("product_retired", check_lines, lines=[of_product(product)]).field == "lines"
    check_lines([of_product(product)], before=[of_product(product)])


def test_a_restored_product_is_offered_again():
    product = product_set_retired(product=ProductFactory(), retired=True)
    product_set_retired(product=product, retired=False)
    check_lines([of_product(product)])


def test_a_product_that_nobody_has_been_offered_is_deleted():
    product = ProductFactory()
    product_delete(product=product)
    assert not Product.objects.exists()


@pytest.mark.parametrize("factory", [OfferFactory, OrderFactory])
def test_a_product_on_a_line_is_never_deleted(factory):
    product = ProductFactory()
    factory(lines=[line(kind=LineKind.PRODUCT, product_id=product.pk)])
    refused("in_use", product_delete, product=product)


def test_a_product_that_was_sent_is_never_deleted_though_it_was_taken_off_later():
    product = ProductFactory()
    content = {"lines": [of_product(product).as_json()]}
    OfferVersion.objects.create(offer=OfferFactory(), number=1, content=content, content_version=1)
    refused("in_use", product_delete, product=product)


# Groups


def names(items: Any) -> list[Any]:
    return [(item.group.name_en, names(item.children)) if item.children else item.group.name_en for item in items]


def test_groups_are_added_below_each_other_and_counted_with_what_is_below():
    top = GROUPS.add(name_fi="Liiketalous", name_en="Business")
    below = GROUPS.add(name_fi="Johtaminen", name_en="Leadership", parent=top)
    ProductFactory(group=top), ProductFactory(group=below)
    [item] = group_tree()
    assert (names([item]), item.products, item.children[0].products) == ([("Business", ["Leadership"])], 2, 1)


def test_the_code_of_a_group_is_made_of_its_english_name():
    codes = [GROUPS.add(name_fi=name, name_en="Business").code for name in ("Eka", "Toka")]
    assert codes == ["business", "business_2"]


def test_a_group_has_a_name_of_its_own_among_its_siblings():
    GROUPS.add(name_fi="Kielet", name_en="Languages")
    other = GROUPS.add(name_fi="Muut", name_en="Others")
    assert refused("name_taken", GROUPS.add, name_fi="KIELET", name_en="x").field == "name_fi"
    refused("name_taken", GROUPS.change, node=other, name_fi="Kielet", name_en="x")
    GROUPS.add(name_fi="Kielet", name_en="Languages", parent=other)


def test_the_code_of_a_group_is_its_own():
    GROUPS.add(name_fi="A", name_en="A", code="one")
    other = {"name_fi": "B", "name_en": "B", "code": "ONE"}
    with pytest.raises(BusinessRuleError, match="Another product group has this code") as caught:
        GROUPS.add(**other)
    assert caught.value.field == "code"


def test_a_group_moves_with_all_below_it_and_its_products_stay():
    first, second = product_group("Yksi"), product_group("Kaksi")
    below = product_group("Alla", parent=first)
    product = ProductFactory(group=below)
    GROUPS.move(node=ProductGroup.objects.get(pk=first.pk), parent=second)
    assert names(group_tree()) == [("Kaksi", [("Yksi", ["Alla"])])]
    product.refresh_from_db()
    assert product.group_id == below.pk
    GROUPS.move(node=ProductGroup.objects.get(pk=below.pk), parent=None)
    assert names(group_tree()) == [("Kaksi", ["Yksi"]), "Alla"]


def test_a_group_does_not_move_below_itself():
    group = product_group("Yksi")
    below = product_group("Alla", parent=group)
    assert refused("below_itself", GROUPS.move, node=group, parent=below).field == "parent"
    refused("below_itself", GROUPS.move, node=group, parent=group)


def test_the_tree_has_five_levels_at_most():
    group = product_group("1")
    for level in range(2, 6):
        group = product_group(str(level), parent=group)
    refused("too_deep", GROUPS.add, name_fi="6", name_en="6", parent=group)
    other = product_group("Toinen")
    product_group("Alla", parent=other)
    refused("too_deep", GROUPS.move, node=ProductGroup.objects.get(pk=other.pk), parent=group)


def test_a_group_is_retired_and_restored_with_all_below_it():
    group = product_group("Yksi")
    below = product_group("Alla", parent=group)
    GROUPS.retire(node=group)
    assert not ProductGroup.objects.in_use().exists()
    refused("parent_retired", GROUPS.restore, node=below)
    refused("parent_retired", GROUPS.add, name_fi="x", name_en="x", parent=group)
    GROUPS.restore(node=group)
    assert ProductGroup.objects.in_use().count() == 2


def test_a_group_with_products_below_it_is_not_deleted():
    group = product_group("Yksi")
    below = product_group("Alla", parent=group)
    product = ProductFactory(group=below)
    assert "1 product" in str(refused("in_use", GROUPS.delete, node=group))
    product.delete()
    GROUPS.delete(node=group)
    assert not ProductGroup.objects.exists()
