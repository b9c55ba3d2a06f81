"""The list of products: what it shows and finds, its files, and where it is found."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from offers.offers.tests.pages import client_of
from offers.products.services import product_set_retired
from offers.products.tests.factories import ProductFactory, VatClassFactory, product_group

pytestmark = pytest.mark.django_db
LIST = "/products/"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_product_and_three(reader, rows, django_assert_num_queries):
    group = product_group()
    for _ in range(rows):
        ProductFactory(owner=UserFactory(), group=group)
    reader.get(LIST)
    with django_assert_num_queries(QUERIES_LIST):
        reader.get(LIST)


QUERIES_LIST = 11


def test_the_list_shows_what_a_product_costs_today(reader):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    ProductFactory(name_en="Training", prices={"2020-01-01": 100, str(tomorrow): 200})
    text = reader.get(LIST).text
    assert "€" in text
    assert "100.00" in text
    assert "200.00" not in text


def test_vat_is_told_without_decimals_that_say_nothing(reader):
    ProductFactory(vat_class=VatClassFactory(rates={"2020-01-01": "10"}))
    ProductFactory(vat_class=VatClassFactory(rates={"2020-01-01": "25.5"}))
    rows = reader.get(LIST, {"columns": ["vat"], "sort": "code"}).context["table"].rows
    assert [row.cells[0].html for row in rows] == ["10", "25.5"]


def codes_found(client: Client, **query: Any) -> list[str]:
    return [row.object.code for row in client.get(LIST, query).context["table"].rows]


def test_products_are_found_by_group_with_all_below_it_owner_unit_vat_and_words(reader):
    top = product_group("Yksi")
    below, owner = product_group("Alla", parent=top), UserFactory()
    product = ProductFactory(code="A", group=below, owner=owner, name_fi="Ääniohjaus")
    ProductFactory(code="B", group=product_group("Muu"), owner=UserFactory())
    for query in (
        {"group": top.pk},
        {"owner": owner.pk},
        {"unit": product.unit_id},
        {"vat_class": product.vat_class_id},
        {"q": "aanio"},
    ):
        assert codes_found(reader, **query) == ["A"], query


def test_retired_products_show_only_when_they_are_asked_for(reader):
    ProductFactory(code="A")
    product_set_retired(product=ProductFactory(code="B"), retired=True)
    assert [codes_found(reader), codes_found(reader, state="retired")] == [["A"], ["B"]]
    assert codes_found(reader, state="all", sort="code") == ["A", "B"]


@pytest.mark.parametrize(("sort", "order"), [("code", "AB"), ("-code", "BA"), ("name", "BA"), ("-name", "AB")])
def test_products_are_sorted_by_code_and_by_name(reader, sort, order):
    ProductFactory(code="A", name_fi="Öljyala")
    ProductFactory(code="B", name_fi="Zumba")
    assert codes_found(reader, sort=sort) == list(order)


def test_the_export_has_what_is_filtered_with_todays_prices(reader):
    ProductFactory(code="A-77", prices={"2020-01-01": "99.5"})
    ProductFactory(code="B")
    answer = reader.get(LIST, {"q": "a-77", "export": "csv", "columns": ["code", "price"]})
    text = b"".join(answer.streaming_content).decode("utf-8-sig") if answer.streaming else answer.text
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in text else ","))
    assert rows[0] == ["Code", "Price"]
    assert [row[0] for row in rows[1:]] == ["A-77"]
    assert rows[1][1].replace(",", ".").startswith("99.5")


# Elsewhere


def test_products_are_found_from_the_top_search(reader):
    product = ProductFactory(code="K-77", name_en="Leadership")
    retired = product_set_retired(product=ProductFactory(code="K-78", name_en="Leadership"), retired=True)
    text = reader.get("/search/", {"q": "leadership"}).text
    assert product.get_absolute_url() in text
    assert retired.get_absolute_url() not in text


def test_everyone_finds_the_register_and_only_administrators_the_settings(reader):
    text = reader.get(LIST).text
    assert f'href="{LIST}"' in text
    assert reverse("offers:settings") not in text
    admin = client_of(UserFactory(role="administrator"))
    assert reverse("offers:settings") in admin.get(LIST).text
