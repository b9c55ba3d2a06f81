"""The product register for programs."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from offers.offers.tests.factories import OfferFactory
from offers.products.models import Product, ProductGroup
from offers.products.services import product_set_retired
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line, product_group

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


def program(role: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(UserFactory(role=role))
    return client


@pytest.fixture
def keeper():
    return program("product_manager")


@pytest.fixture
def reader():
    return program("read_only")


def body(**changes):
    given = {
        "code": "K-1", "name_fi": "Kurssi", "unit": "piece", "vat_class": "general",
        "prices": [{"valid_from": "2026-01-01", "price": "100.00"}, {"valid_from": "2026-09-01", "price": "120.00"}],
    }  # fmt: skip
    return given | changes


@pytest.fixture
def lists(db):
    UnitFactory(code="piece"), VatClassFactory(code="general", rates={"2020-01-01": "25.5"})


def test_a_product_is_added_with_prices_and_owners(keeper, lists):
    owner, group = UserFactory(), product_group(code="languages")
    answer = keeper.post(URL, body(content_owners=[owner.pk], group="languages"), format="json")
    assert answer.status_code == 201
    content = answer.json()
    assert (content["group"], content["content_owners"], content["vat_rate"]) == ("languages", [owner.pk], 25.5)
    assert [price["price"] for price in sorted(content["prices"], key=lambda price: price["valid_from"])] == [
        "100.00",
        "120.00",
    ]
    assert Product.objects.get().group == group


def test_a_change_leaves_what_it_does_not_name(keeper, lists):
    pk = keeper.post(URL, body(), format="json").json()["id"]
    answer = keeper.patch(f"{URL}{pk}/", {"name_fi": "Uusi"}, format="json")
    assert (answer.json()["name_fi"], len(answer.json()["prices"])) == ("Uusi", 2)
    assert keeper.patch(f"{URL}{pk}/", {"prices": []}, format="json").json()["prices"] == []


def test_a_stale_change_is_refused(keeper, lists):
    pk = keeper.post(URL, body(), format="json").json()["id"]
    keeper.patch(f"{URL}{pk}/", {"name_fi": "Uusi", "version": 1}, format="json")
    answer = keeper.patch(f"{URL}{pk}/", {"name_fi": "Toinen", "version": 1}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale_version")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"unit": "nothing"}, 400, "unit"),
        ({"prices": [{"valid_from": "2026-01-01", "price": "-1"}]}, 400, "prices.0.price"),
        ({"prices": [{"valid_from": "2026-01-01", "price": "1"}] * 2}, 409, "prices"),
        ({"prices": [{"valid_from": "1026-01-01", "price": "1"}]}, 409, "prices"),
        ({"content_owners": [10**9]}, 400, "content_owners"),
        ({"code": "TAKEN"}, 409, "code"),
        ({"participants_min": 9, "participants_max": 5}, 400, "participants_max"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_added(keeper, lists, changes, status, field):
    ProductFactory(code="taken")
    answer = keeper.post(URL, body(**changes), format="json")
    assert answer.status_code == status, answer.json()
    assert field in answer.json()["error"]["fields"]
    assert Product.objects.count() == 1


def test_a_product_is_retired_restored_and_deleted(keeper):
    product = ProductFactory()
    assert keeper.post(f"{URL}{product.pk}/retire/").json()["is_retired"]
    assert keeper.get(URL).json()["results"] == []
    assert keeper.get(f"{URL}{product.pk}/").status_code == 200
    assert not keeper.post(f"{URL}{product.pk}/restore/").json()["is_retired"]
    assert keeper.delete(f"{URL}{product.pk}/").status_code == 204
    assert not Product.objects.exists()


def test_a_product_that_was_offered_is_not_deleted(keeper):
    product = ProductFactory()
    OfferFactory(lines=[line(product_id=product.pk)])
    answer = keeper.delete(f"{URL}{product.pk}/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_use")


def test_who_does_not_keep_the_register_changes_nothing(reader, lists):
    product = ProductFactory()
    assert reader.post(URL, body(), format="json").status_code == 403
    assert reader.patch(f"{URL}{product.pk}/", {"name_fi": "x"}, format="json").status_code == 403
    assert reader.delete(f"{URL}{product.pk}/").status_code == 403
    assert reader.post(f"{URL}{product.pk}/retire/").status_code == 403


def test_the_list_is_filtered_as_the_page_by_codes(reader):
    top = product_group(code="top")
    product = ProductFactory(group=product_group("Alla", code="below", parent=top))
    product_set_retired(product=ProductFactory(), retired=True)
    ProductFactory()
    for query in ({"group": "top"}, {"unit": product.unit.code}, {"code": product.code.lower()}, {"q": product.code}):
        assert [row["id"] for row in reader.get(URL, query).json()["results"]] == [product.pk], query


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_product_and_three(reader, rows, django_assert_num_queries):
    for _ in range(rows):
        ProductFactory(owner=UserFactory(), group=product_group(str(Product.objects.count())))
    with django_assert_num_queries(QUERIES):
        reader.get(URL)


QUERIES = 4


def test_groups_are_kept_by_their_codes(keeper):
    url = "/api/v1/product-groups/"
    top = keeper.post(url, {"name_fi": "Kielet", "name_en": "Languages"}, format="json").json()
    below = keeper.post(url, {"name_fi": "Suomi", "name_en": "Finnish", "parent": "languages"}, format="json").json()
    assert (top["code"], below["parent"], below["path"]) == ("languages", "languages", "Kielet › Suomi")
    ProductFactory(group_id=below["id"])
    assert keeper.get(f"{url}{top['id']}/").json()["products"] == 1
    answer = keeper.delete(f"{url}{top['id']}/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_use")
    moved = keeper.post(f"{url}{below['id']}/move/", {"parent": None}, format="json").json()
    assert moved["parent"] is None
    assert keeper.patch(f"{url}{below['id']}/", {"name_fi": "Suomen kieli"}, format="json").status_code == 200
    assert keeper.post(f"{url}{below['id']}/retire/").json()["is_retired"]
    assert not keeper.post(f"{url}{below['id']}/restore/").json()["is_retired"]
    assert keeper.delete(f"{url}{top['id']}/").status_code == 204
    assert [group.name_fi for group in ProductGroup.objects.all()] == ["Suomen kieli"]


@pytest.mark.parametrize("rows", [1, 3])
def test_groups_cost_the_same_for_one_and_three(reader, rows, django_assert_num_queries):
    for number in range(rows):
        product_group(str(number), parent=product_group(f"Yllä {number}"))
    with django_assert_num_queries(QUERIES_GROUPS):
        reader.get("/api/v1/product-groups/")


QUERIES_GROUPS = 4


def test_vat_classes_tell_their_rates_and_that_of_today(reader):
    VatClassFactory(code="reduced", rates={"2013-01-01": "14", "2026-01-01": "13.5", "2100-01-01": "20"})
    [vat_class] = reader.get("/api/v1/vat-classes/").json()["results"]
    assert (vat_class["code"], float(vat_class["rate"]), len(vat_class["rates"])) == ("reduced", 13.5, 3)


def test_units_are_read_in_their_order(reader):
    UnitFactory(code="b", order=2), UnitFactory(code="a", order=5)
    assert [unit["code"] for unit in reader.get("/api/v1/units/").json()["results"]] == ["b", "a"]
