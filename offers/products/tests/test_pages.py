"""The product register in the browser's and in programs' terms."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from offers.offers.tests.factories import OfferFactory
from offers.products.models import Product, ProductGroup, Unit, VatClass
from offers.products.services import product_set_retired
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line, product_group

pytestmark = pytest.mark.django_db
LIST = "/products/"


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without groups of products, units and VAT classes."""
    without(ProductGroup, Unit, VatClass)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def keeper():
    return client_of(UserFactory(role="product_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


def content(**changes: Any) -> dict[str, Any]:
    given = {
        "code": "K-1", "name_fi": "Esihenkilövalmennus", "name_en": "Leadership training",
        "prices-count": "2", "prices-0-valid_from": "1.1.2026", "prices-0-value": "1 250,50",
        "prices-1-valid_from": "1.9.2026", "prices-1-value": "1300",
    }  # fmt: skip
    given |= {"unit": UnitFactory().pk, "vat_class": VatClassFactory().pk} if "unit" not in changes else {}
    return given | changes


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422
    form = response.context["form"]
    rows = {f"{row.prefix}-{name}": list(messages) for row in form.dated for name, messages in row.errors.items()}
    return {name: list(messages) for name, messages in form.errors.items()} | rows


# The list


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_product_and_three(reader, rows, django_assert_num_queries):
    group = product_group()
    for _ in range(rows):
        ProductFactory(owner=UserFactory(), group=group)
    reader.get(LIST)
    with django_assert_num_queries(QUERIES_LIST):
        reader.get(LIST)


QUERIES_LIST = 18


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


# Adding and changing


def test_a_product_is_added_with_two_prices(keeper):
    owner = UserFactory()
    answer = keeper.post("/products/new/", content(content_owners=[owner.pk], group=product_group().pk))
    product = Product.objects.get()
    assert answer.headers["Location"] == product.get_absolute_url()
    assert dict(product.prices.values_list("valid_from", "price")) == {
        dt.date(2026, 1, 1): Decimal("1250.50"),
        dt.date(2026, 9, 1): Decimal("1300.00"),
    }
    assert list(product.content_owners.all()) == [owner]
    text = keeper.get(product.get_absolute_url()).text
    assert "1,250.50" in text
    assert "1,300.00" in text


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"prices-1-valid_from": "1.1.2026"}, "prices-1-valid_from", "There is already a value from this date."),
        ({"prices-1-value": ""}, "prices-1-value", "Enter the value"),
        ({"prices-1-valid_from": ""}, "prices-1-valid_from", "Enter the date"),
        ({"prices-1-valid_from": "1.1.1026"}, "prices-1-valid_from", "The year must be between"),
        ({"prices-1-valid_from": "eilen"}, "prices-1-valid_from", "Enter the date"),
        ({"prices-1-value": "-5"}, "prices-1-value", "greater than or equal to 0"),
        ({"prices-1-value": "paljon"}, "prices-1-value", "Enter a number."),
        ({"prices-1-value": "99999999"}, "prices-1-value", "less than or equal to"),
        ({"prices-1-value": "1,005"}, "prices-1-value", "2 decimal places"),
        ({"code": ""}, "code", "required"),
        ({"unit": "0"}, "unit", "valid choice"),
        ({"participants_min": "9", "participants_max": "5"}, "__all__", "The minimum number of participants"),
        ({"participants_min": "-1"}, "participants_min", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_added(keeper, changes, field, message):
    unit, vat_class = UnitFactory().pk, VatClassFactory().pk
    answer = keeper.post("/products/new/", content(**{"unit": unit, "vat_class": vat_class} | changes))
    assert message in " ".join(errors(answer)[field])
    assert not Product.objects.exists()


def test_what_was_typed_on_a_refused_form_stays_there(keeper):
    answer = keeper.post("/products/new/", content(code=""))
    assert [row["value"].value() for row in answer.context["form"].dated] == ["1 250,50", "1300"]


def test_a_price_is_changed_added_and_removed(keeper):
    product = ProductFactory(prices={"2026-01-01": 100, "2026-06-01": 110})
    page = keeper.get(f"/products/{product.pk}/edit/").context["form"]
    assert [row.initial.get("value") for row in page.dated] == [100, 110, None, None]
    data = content(
        unit=product.unit_id, vat_class=product.vat_class_id, version=product.version,
        **{"prices-count": "4", "prices-0-valid_from": "1.1.2026", "prices-0-value": "105"},
        **{"prices-1-valid_from": "", "prices-1-value": ""},
        **{"prices-2-valid_from": "1.1.2027", "prices-2-value": "130"},
    )  # fmt: skip
    assert keeper.post(f"/products/{product.pk}/edit/", data).status_code == 302
    assert list(product.prices.order_by("valid_from").values_list("price", flat=True)) == [105, 130]


def test_the_form_offers_the_owners_first_as_they_were_chosen(keeper):
    """A select is sent in the order of its options: saving the form as it is changes nothing."""
    last, first = UserFactory(last_name="Zetterberg"), UserFactory(last_name="Aalto")
    product = ProductFactory(owner=last)
    product.owners.create(user=first)
    form = keeper.get(f"/products/{product.pk}/edit/").context["form"]
    assert list(form.fields["content_owners"].queryset)[:2] == [last, first]
    data = content(unit=product.unit_id, vat_class=product.vat_class_id, content_owners=[last.pk, first.pk])
    keeper.post(f"/products/{product.pk}/edit/", data)
    assert [owner.user for owner in product.owners.order_by("pk")] == [last, first]


def test_the_second_of_two_changes_is_told(keeper):
    product = ProductFactory()
    data = content(unit=product.unit_id, vat_class=product.vat_class_id, version=product.version)
    assert keeper.post(f"/products/{product.pk}/edit/", data).status_code == 302
    answer = keeper.post(f"/products/{product.pk}/edit/", data | {"name_fi": "Toinen"})
    assert "Someone else changed this" in " ".join(errors(answer)["version"])
    product.refresh_from_db()
    assert product.name_fi == "Esihenkilövalmennus"


def test_a_retired_unit_is_offered_only_where_it_is_held(keeper):
    product = ProductFactory()
    product.unit.retired_at = timezone.now()
    product.unit.save()
    own = keeper.get(f"/products/{product.pk}/edit/").context["form"]
    new = keeper.get("/products/new/").context["form"]
    assert product.unit in own.fields["unit"].queryset
    assert product.unit not in new.fields["unit"].queryset


def test_who_does_not_keep_the_register_changes_nothing(reader):
    product = ProductFactory()
    for path in ("new/", f"{product.pk}/edit/", f"{product.pk}/retire/", f"{product.pk}/delete/"):
        assert reader.post(f"/products/{path}").status_code == 403
    assert "edit/" not in reader.get(product.get_absolute_url()).text


# A product's page


@pytest.mark.parametrize("rows", [1, 3])
def test_a_products_page_costs_the_same_for_one_price_and_three(reader, rows, django_assert_num_queries):
    product = ProductFactory(prices={f"202{n}-01-01": n for n in range(rows)}, group=product_group())
    for _ in range(rows):
        product.owners.create(user=UserFactory())
    reader.get(product.get_absolute_url())
    with django_assert_num_queries(QUERIES_PAGE):
        reader.get(product.get_absolute_url())


QUERIES_PAGE = 19


def test_a_products_page_tells_where_it_has_been_offered(reader):
    product = ProductFactory()
    OfferFactory(lines=[line(product_id=product.pk), line(product_id=product.pk)])
    context = reader.get(product.get_absolute_url()).context
    assert ([count for _label, count in context["uses"]], context["may_delete"]) == ([1, 0], False)


def test_the_history_tells_of_prices_and_owners(keeper):
    keeper.post("/products/new/", content(content_owners=[UserFactory(last_name="Salo").pk]))
    text = keeper.get(f"/products/{Product.objects.get().pk}/history/").text
    assert "price: added" in text
    assert "Salo" in text


def test_a_product_is_retired_and_restored_by_a_button(keeper):
    product = ProductFactory()
    for retired in (True, False):
        keeper.post(f"/products/{product.pk}/retire/")
        product.refresh_from_db()
        assert product.is_retired == retired


def test_deleting_a_product_that_was_offered_says_why_not(keeper):
    product = ProductFactory()
    OfferFactory(lines=[line(product_id=product.pk)])
    answer = keeper.post(f"/products/{product.pk}/delete/", follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "This product has been offered and cannot be deleted. Retire it instead."
    ]
    assert Product.objects.filter(pk=product.pk).exists()


def test_a_product_that_was_never_offered_is_deleted_by_a_button(keeper):
    product = ProductFactory()
    assert keeper.post(f"/products/{product.pk}/delete/").headers["Location"] == LIST
    assert not Product.objects.exists()


# Choices for lines


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
        ProductFactory(owner=UserFactory())
    reader.get("/products/options/")
    with django_assert_num_queries(QUERIES_OPTIONS):
        reader.get("/products/options/")


QUERIES_OPTIONS = 6


# Groups


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tree_of_groups_costs_the_same_for_one_and_three(keeper, rows, django_assert_num_queries):
    for number in range(rows):
        ProductFactory(group=product_group(str(number), parent=product_group(f"Yllä {number}")))
    keeper.get("/product-groups/")
    with django_assert_num_queries(QUERIES_GROUPS):
        keeper.get("/product-groups/")


QUERIES_GROUPS = 15


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
def test_a_parent_that_is_not_there_is_not_found(keeper, parent):
    assert keeper.get(f"/product-groups/new/?parent={parent}").status_code == 404


def test_a_move_is_told_in_the_history_of_a_group(keeper):
    first, second = product_group("Yksi"), product_group("Kaksi")
    keeper.post(f"/product-groups/{second.pk}/move/", {"parent": first.pk})
    text = keeper.get(f"/product-groups/{second.pk}/history/").text
    assert "place in the tree" in text
    assert "numchild" not in text


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
