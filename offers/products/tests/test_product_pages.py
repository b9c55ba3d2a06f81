"""Adding and changing a product, and its page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from offers.offers.tests.factories import OfferFactory
from offers.products.models import Product
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line, product_group

pytestmark = pytest.mark.django_db


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
        ({"prices-1-valid_from": "1.1.1026"}, "prices-1-valid_from", "between 1900 and 2199"),
        ({"prices-1-valid_from": "joskus"}, "prices-1-valid_from", "Enter the date"),
        ({"prices-1-value": "-5"}, "prices-1-value", "greater than or equal to 0"),
        ({"prices-1-value": "paljon"}, "prices-1-value", "Enter a number."),
        ({"prices-1-value": "99999999"}, "prices-1-value", "less than or equal to"),
        ({"prices-1-value": "1,005"}, "prices-1-value", "2 decimal places"),
        ({"code": ""}, "code", "required"),
        ({"unit": "0"}, "unit", "valid choice"),
        ({"participants_min": "9", "participants_max": "5"}, "participants_max", "The minimum number of participants"),
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


QUERIES_PAGE = 14


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
    assert keeper.post(f"/products/{product.pk}/delete/").headers["Location"] == "/products/"
    assert not Product.objects.exists()
