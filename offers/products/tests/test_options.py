"""Products as choices for the lines of offers and orders."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.tests.factories import UserFactory
from offers.products.services import product_set_retired
from offers.products.tests.factories import ProductFactory, VatClassFactory

pytestmark = pytest.mark.django_db


def options(client: Client, **query: Any) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = client.get("/products/options/", query).json()["results"]
    return results


def test_an_option_brings_what_a_line_needs_on_the_day_and_in_the_language(reader):
    owner = UserFactory()
    vat_class = VatClassFactory(rates={"2013-01-01": "14", "2026-01-01": "13.5"})
    product = ProductFactory(
        code="K-1", name_fi="Kurssi", name_en="Course", description_en="About it", vat_class=vat_class, owner=owner,
        prices={"2020-01-01": 100, "2026-09-01": 120},
    )  # fmt: skip
    [old] = options(reader, q="kurs", day="2025-12-31", language="en")
    [new] = options(reader, id=product.pk, day="1.9.2026", language="fi")
    assert (old["name"], old["description"], old["price"], old["vat_rate"]) == ("Course", "About it", "100.00", "14.00")
    assert (new["name"], new["price"], new["vat_rate"]) == ("Kurssi", "120.00", "13.50")
    assert (new["unit"], new["owners"]) == (product.unit_id, [{"id": owner.pk, "name": str(owner)}])
    assert new["text"] == "K-1 Kurssi"


def test_a_retired_product_is_no_option(reader):
    product = product_set_retired(product=ProductFactory(), retired=True)
    assert options(reader, id=product.pk) == []


def test_options_of_a_day_that_cannot_be_read_are_refused(reader):
    answer = reader.get("/products/options/", {"day": "kerran"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["day"])


@pytest.mark.parametrize("rows", [1, 3])
def test_options_cost_the_same_for_one_product_and_three(reader, rows, django_assert_num_queries):
    for _ in range(rows):
        ProductFactory(name_fi="Kurssi", owner=UserFactory())
    reader.get("/products/options/?q=kurssi")
    with django_assert_num_queries(QUERIES_OPTIONS):
        assert len(reader.get("/products/options/?q=kurssi").json()["results"]) == rows


QUERIES_OPTIONS = 6
