"""Products: how they are found, what they bring, prices with their days."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from imports.tests.helpers import codes, counts, row, run_import
from offers.products.models import Product, ProductGroup, Unit, VatClass
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, product_group

pytestmark = pytest.mark.django_db
HEADER = "Tuotekoodi;Tuote;Tuoteryhmä;Yksikkö;ALV-luokka;Hinta;Hinta alkaen;Kuvaus\n"


@pytest.fixture(autouse=True)
def world(without) -> None:
    without(ProductGroup, Unit, VatClass)
    UnitFactory(code="day", name_fi="pv", name_en="day")
    VatClassFactory(code="general", name_fi="Yleinen", name_en="General")


def take(*lines: str, **options):
    return run_import(HEADER + "".join(f"{line}\n" for line in lines), "products", **options)


def prices(product: Product) -> list[tuple[str, str]]:
    return [(price.valid_from.isoformat(), str(price.price)) for price in product.prices.order_by("valid_from")]


def test_new_product_has_what_the_row_says():
    run = take("K-1;Esihenkilön päivä;Johtaminen;pv;general;1 200,50;1.1.2026;Päivä johtamista")
    product = Product.objects.get()
    assert (counts(run), row(run, 2).target_url) == ((1, 0, 0, 0, 0), product.get_absolute_url())
    assert (product.code, product.name_fi, product.group.name_fi) == ("K-1", "Esihenkilön päivä", "Johtaminen")
    assert (product.unit.code, product.vat_class.code, product.description_fi) == ("day", "general", "Päivä johtamista")
    assert prices(product) == [("2026-01-01", "1200.50")]


def test_group_that_is_there_is_used_by_code_or_name():
    group = product_group("Johtaminen", code="leadership")
    take("K-1;A;JOHTAMINEN;pv;general;;;", "K-2;B;leadership;pv;general;;;")
    assert set(Product.objects.values_list("group", flat=True)) == {group.pk}
    assert ProductGroup.objects.count() == 1


def test_group_that_is_missing_is_made_once():
    take("K-1;A;Uusi ala;pv;general;;;", "K-2;B;uusi ala;pv;general;;;")
    assert list(ProductGroup.objects.values_list("code", "name_fi")) == [("uusi-ala", "Uusi ala")]


def test_check_makes_neither_group_nor_product():
    assert counts(take("K-1;A;Uusi ala;pv;general;5;;", dry_run=True)) == (1, 0, 0, 0, 0)
    assert not ProductGroup.objects.exists()
    assert not Product.objects.exists()


def test_product_is_found_by_code_and_gets_the_new_name():
    product = ProductFactory(code="K-1", name_fi="Vanha")
    run = take("k-1;Uusi;;;;;;")
    product.refresh_from_db()
    assert (row(run, 2).changed, product.name_fi, product.version) == (["name_fi"], "Uusi", 2)


def test_product_is_found_by_name_when_the_row_has_no_code():
    product = ProductFactory(code="K-1", name_fi="Esihenkilön päivä")
    run = take(";esihenkilön  PÄIVÄ;;;;;;Uusi kuvaus")
    product.refresh_from_db()
    assert (counts(run), product.description_fi, product.name_fi) == (
        (0, 1, 0, 0, 0), "Uusi kuvaus", "Esihenkilön päivä",
    )  # fmt: skip


def test_same_name_with_another_code_is_held():
    ProductFactory(code="K-1", name_fi="Päivä")
    assert codes(take("K-2;Päivä;;pv;general;;;"), 2) == ["other_code"]


def test_products_again_change_nothing():
    lines = ("K-1;A;Ala;pv;general;10;1.1.2026;x", ";B;Ala;pv;general;20;;")
    take(*lines)
    before = list(Product.pgh_event_model.objects.values_list("pgh_id", flat=True))
    assert counts(take(*lines)) == (0, 0, 2, 0, 0)
    assert list(Product.pgh_event_model.objects.values_list("pgh_id", flat=True)) == before


def test_new_price_holds_from_its_day_and_the_old_one_stays():
    product = ProductFactory(code="K-1", name_fi="A", prices={"2020-01-01": 100})
    run = take("K-1;A;;;;120;1.6.2026;")
    assert (row(run, 2).changed, prices(product)) == (["price"], [("2020-01-01", "100.00"), ("2026-06-01", "120.00")])


def test_price_without_a_day_holds_from_today():
    product = ProductFactory(code="K-1", name_fi="A", prices={"2020-01-01": 100})
    take("K-1;A;;;;120;;")
    assert prices(product)[-1] == (timezone.localdate().isoformat(), "120.00")


def test_price_of_the_same_day_is_mended():
    product = ProductFactory(code="K-1", name_fi="A", prices={dt.date(2026, 6, 1): 100})
    take("K-1;A;;;;120;1.6.2026;")
    assert prices(product) == [("2026-06-01", "120.00")]


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ("K-1;;;pv;general;;;", "required", "name_fi"),
        ("K-1;A;;;general;;;", "required", "unit"),
        ("K-1;A;;pv;;;;", "required", "vat_class"),
        ("K-1;A;;pv;general;-1;;", "range", "price"),
        ("K-1;A;;pv;general;x;;", "number", "price"),
        ("K-1;A;;pv;general;5;32.1.2026;", "date", "price_from"),
    ],
)
def test_row_that_is_wrong_is_refused_at_its_field(line, code, field):
    run = take(line)
    assert [(problem["code"], problem["field"]) for problem in row(run, 2).problems] == [(code, field)]
    assert (counts(run), Product.objects.count()) == ((0, 0, 0, 0, 1), 0)


@pytest.mark.parametrize(
    ("line", "code"), [("K-1;A;;vuosi;general;;;", "unknown_unit"), ("K-1;A;;pv;outo;;;", "unknown_vat_class")]
)
def test_unit_or_vat_class_that_is_none_holds_the_row(line, code):
    assert codes(take(line), 2) == [code]


def test_retired_product_is_held():
    ProductFactory(code="K-1", name_fi="A", retired_at=timezone.now())
    assert codes(take("K-1;A;;;;5;;"), 2) == ["retired_product"]


def test_two_rows_that_mean_the_same_product_are_not_both_taken_in():
    ProductFactory(code="K-1", name_fi="A")
    assert codes(take("K-1;A;;;;5;;", ";A;;;;6;;"), 3) == ["same_as"]
