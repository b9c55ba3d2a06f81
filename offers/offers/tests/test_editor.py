"""The editor of offers in the browser's terms: writing with lines, changing, copying."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.content import offer_lines_of
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer, OfferLine
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.offers.tests.pages import client_of, content, row, text, url
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


# Writing


def test_the_type_is_chosen_first(page, kind):
    retired = OfferTypeFactory(code="old", retired_at=timezone.now())
    shown = text(page.get(url("create")))
    assert "?type=service" in shown
    assert f"?type={retired.code}" not in shown
    assert page.post(url("create")).status_code == 404


def test_the_form_comes_with_the_types_texts_in_the_customers_language(page, kind):
    english = CustomerFactory(language="en")
    form = page.get(url("create", type="service", customer=english.pk)).context["form"]
    assert (form["intro"].value(), form["terms"].value(), form["customer"].value()) == (
        "Thank you.",
        "Terms.",
        english.pk,
    )
    assert form["valid_until"].value() == TODAY + dt.timedelta(days=30)


def test_an_offer_with_products_a_heading_and_a_free_line_is_saved_in_the_order_of_the_page(
    page, owner, kind, customer
):
    product, unit = ProductFactory(owner=owner), UnitFactory()
    rows = (
        row(7, kind="heading", name="Osa 1"),
        row(2, kind="product", product=product.pk, name="Valmennus", quantity="2,5", unit_price="1 000,10",
            unit=unit.pk, discount="10", details="Kaksi päivää", owner="Maija Salo"),
        row(5, name="Räätälöity työpaja", unit_price="500", vat_rate="14"),
    )  # fmt: skip
    response = page.post(url("create", type="service"), content(customer, owner, *rows))
    offer = Offer.objects.get()
    assert response.headers["Location"] == offer.get_absolute_url()
    assert [(line.kind, line.name) for line in offer_lines_of(offer)] == [
        ("heading", "Osa 1"), ("product", "Valmennus"), ("free", "Räätälöity työpaja"),
    ]  # fmt: skip
    bought = offer.lines.get(kind="product")
    assert (bought.product, bought.net, bought.content_owner, bought.unit) == (product, Decimal("2250.23"), owner, unit)
    assert (offer.net, offer.vat) == (Decimal("2750.23"), Decimal("643.81"))
    assert (offer.number, offer.created_by) == ("TA2026-0001", owner)


def test_rows_on_which_nothing_is_written_are_left_out(page, owner, kind, customer):
    page.post(
        url("create", type="service"), content(customer, owner, row(1), row(2, name="Päivä"), row(3, unit_price="0,00"))
    )
    assert [line.name for line in OfferLine.objects.all()] == ["Päivä"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"quantity": "-1"}, "greater than or equal to 0.01"),
        ({"quantity": "0"}, "greater than or equal to 0.01"),
        ({"quantity": "99999999999"}, "less than or equal to 1000000"),
        ({"quantity": "1,234"}, "2 decimal places"),
        ({"quantity": "kaksi"}, "Enter a number"),
        ({"quantity": ""}, "required"),
        ({"unit_price": "-5"}, "greater than or equal to 0"),
        ({"unit_price": "1e400"}, "less than or equal to 10000000"),
        ({"discount": "101"}, "less than or equal to 100"),
        ({"vat_rate": "-1"}, "greater than or equal to 0"),
        ({"name": ""}, "Enter what is offered"),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"owner": "Ei Kukaan"}, "No user has this name"),
        ({"unit": "999999"}, "Choose the unit"),
        ({"kind": "product", "product": "999999"}, "Choose products from the register"),
        ({"kind": "product", "product": ""}, "choose the product"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_right_is_refused_with_a_sentence(page, owner, kind, customer, fields, message):
    bad = row(1, **{"name": "Päivä", "unit_price": "10", **fields})
    response = page.post(url("create", type="service"), content(customer, owner, bad))
    assert (response.status_code, Offer.objects.count()) == (422, 0)
    assert message in text(response).replace("&#x27;", "'")
    assert 'value="Esimiesvalmennus"' in text(response)


def test_a_product_retired_meanwhile_is_refused_on_a_new_offer_and_stays_on_an_old_one(page, owner, kind, customer):
    product = ProductFactory()
    rows = row(1, kind="product", product=product.pk, name="Valmennus", unit_price="100")
    page.post(url("create", type="service"), content(customer, owner, rows))
    product.retired_at = timezone.now()
    product.save()
    response = page.post(url("create", type="service"), content(customer, owner, rows, title="Toinen"))
    assert (response.status_code, "is no longer offered" in text(response)) == (422, True)
    offer = Offer.objects.get()
    changed = content(customer, owner, rows | {"line-1-quantity": "3"}, type=kind.pk, version=offer.version)
    assert page.post(url("edit", offer), changed).status_code == 302
    assert offer.lines.get().quantity == 3


@pytest.mark.parametrize(("count", "status"), [(500, 302), (501, 422)])
def test_an_offer_takes_500_lines_and_no_more(page, owner, kind, customer, count, status):
    rows = [row(n, name=f"Rivi {n}", unit_price="1") for n in range(1, count + 1)]
    response = page.post(url("create", type="service"), content(customer, owner, *rows))
    assert (response.status_code, OfferLine.objects.count()) == (status, 500 if status == 302 else 0)
    if status == 422:
        assert "At most 500 lines" in text(response)
        assert text(response).count('data-line="') == 501 + 2


def test_the_form_of_500_lines_costs_no_more_queries_than_that_of_one(page, owner, django_assert_max_num_queries):
    for count in (1, 500):
        offer = OfferFactory(owner=owner, lines=[line(f"Rivi {n}", owner_id=owner.pk) for n in range(count)])
        with django_assert_max_num_queries(26):
            assert text(page.get(url("edit", offer))).count('data-line="') == count + 5


def test_nothing_is_offered_to_a_passive_customer(owner, kind):
    admin = UserFactory(role="administrator")
    passive = CustomerFactory(passive=True)
    response = client_of(admin).post(url("create", type="service"), content(passive, admin, row(1, name="Päivä")))
    assert (response.status_code, Offer.objects.count()) == (422, 0)
    assert "is inactive" in text(response)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"valid_until": "1.2.2026"}, "valid_until", "expire before its own date"),
        ({"probability": "101"}, "probability", "less than or equal to 100"),
        ({"estimate": "-1"}, "estimate", "greater than or equal to 0"),
        ({"title": ""}, "title", "required"),
        ({"customer": ""}, "customer", "Choose the customer"),
        ({"customer": "999999"}, "customer", "from the list"),
        ({"owner": "999999"}, "owner", "Select a valid choice"),
        ({"contact": "999999"}, "contact", "from the list"),
        ({"date": "31.2.2026"}, "date", "day, month and year"),
    ],
)
def test_what_cannot_be_right_is_told_at_its_field(page, owner, kind, customer, changes, field, message):
    response = page.post(url("create", type="service"), content(customer, owner, **changes))
    assert (response.status_code, Offer.objects.count()) == (422, 0)
    assert message in " ".join(response.context["form"].errors[field])


def test_the_contact_works_for_the_customer(page, owner, kind, customer):
    response = page.post(url("create", type="service"), content(customer, owner, contact=ContactFactory().pk))
    assert "does not work for this customer" in response.context["form"].errors["contact"][0]
    assert not Offer.objects.exists()


def test_a_type_may_ask_for_a_contact_and_a_decision_day(page, owner, customer):
    OfferTypeFactory(code="strict", needs_contact=True, needs_expected_close=True)
    response = page.post(url("create", type="strict"), content(customer, owner, expected_close=""))
    assert {"contact", "expected_close"} <= set(response.context["form"].errors)


def test_a_funders_form_has_a_value_instead_of_lines(page, owner, customer):
    OfferTypeFactory(code="funder", is_funder_form=True)
    assert "data-lines" not in text(page.get(url("create", type="funder")))
    page.post(url("create", type="funder"), content(customer, owner, row(1, name="Rivi"), estimate="12 000"))
    assert (Offer.objects.get().net, OfferLine.objects.count()) == (Decimal(12000), 0)


def test_sent_twice_it_is_one_offer(page, owner, kind, customer):
    sent = content(customer, owner, row(1, name="Päivä"), submission_key=str(uuid.uuid4()))
    first, second = (page.post(url("create", type="service"), sent) for _n in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Offer.objects.count() == 1


def test_texts_that_nobody_has_touched_follow_the_language(page, owner, kind, customer):
    sent = {"language": "en", "intro": "Kiitos pyynnöstä.", "terms": "Omat ehdot"}
    shown = text(page.post(url("texts", of=kind.pk), sent))
    assert "Thank you." in shown
    assert "Omat ehdot" in shown
    page.post(url("create", type="service"), content(customer, owner, row(1, name="Day"), **sent))
    assert (Offer.objects.get().intro, Offer.objects.get().terms) == ("Thank you.", "Omat ehdot")


def test_the_contacts_follow_the_customer(page, customer):
    ContactFactory(first_name="Liisa", last_name="Laine", customer=customer)
    ContactFactory(first_name="Muu", last_name="Mies", customer=CustomerFactory())
    shown = text(page.get(url("contact_field", customer=customer.pk)))
    assert "Liisa Laine" in shown
    assert "Muu Mies" not in shown


def test_who_may_not_write_offers_does_not(reader, owner, kind, customer):
    assert reader.get(url("create", type="service")).status_code == 403
    assert reader.post(url("create", type="service"), content(customer, owner)).status_code == 403
    assert not Offer.objects.exists()


# Lines without JavaScript


def names_of(response):
    return [row.values["name"] for row in response.context["form"].rows]


@pytest.mark.parametrize(
    ("button", "names"),
    [
        ("up:2", ["B", "A", "C"]),
        ("down:2", ["A", "C", "B"]),
        ("up:1", ["A", "B", "C"]),
        ("copy:2", ["A", "B", "B", "C"]),
        ("remove:2", ["A", "C"]),
        ("add:free", ["A", "B", "C", ""]),
        ("add:heading", ["A", "B", "C", ""]),
        ("sums", ["A", "B", "C"]),
        ("up:99", ["A", "B", "C"]),
        ("nonsense", ["A", "B", "C"]),
    ],
)
def test_the_buttons_of_the_lines_work_without_javascript(page, owner, kind, customer, button, names):
    rows = [row(n, name=name) for n, name in enumerate("ABC", 1)]
    response = page.post(
        url("create", type="service"), content(customer, owner, *rows, **{"line-do": button, "title": ""})
    )
    assert (response.status_code, names_of(response)) == (200, names)
    assert not Offer.objects.exists()
    assert "is-invalid" not in text(response)


@pytest.mark.parametrize("sent", [{"line-do": "sums"}, {"title": ""}])
def test_a_customer_found_by_typing_is_chosen_with_its_contacts_when_the_page_comes_back(
    page, owner, kind, customer, sent
):
    ContactFactory(first_name="Liisa", last_name="Laine", customer=customer)
    data = content(customer, owner) | {"customer": "", "customer_search": "nokian kone"} | sent
    shown = text(page.post(url("create", type="service"), data))
    assert f'<option value="{customer.pk}" selected>' in shown
    assert "Liisa Laine" in shown


def test_the_server_counts_the_sums(page, owner, kind, customer):
    rows = [row(1, name="A", quantity="3", unit_price="33,33", vat_rate="25,5"), row(2, name="", quantity="x")]
    shown = text(page.post(url("create", type="service"), content(customer, owner, *rows, **{"line-do": "sums"})))
    assert "99.99" in shown
    assert "125.49" in shown


def test_a_product_is_added_by_its_code_or_a_part_of_its_name(page, owner, kind, customer):
    product = ProductFactory(code="VAL-1", name_fi="Esimiesvalmennus", prices={"2020-01-01": 750}, owner=owner)
    ProductFactory(code="VAL-2", name_fi="Ensiapu")

    def add(**sent):
        data = content(customer, owner, **{"line-do": "add:product", **sent})
        return page.post(url("create", type="service"), data).context["form"].rows

    for text_typed in ("val-1", "esimies"):
        [added] = add(**{"line-search": text_typed}).rows
        assert (added.values["product"], added.values["unit_price"]) == (str(product.pk), "750.00")
        assert added.values["owner"] == "Maija Salo"
    several = add(**{"line-search": "val-"})
    assert len(several.offered) == 2
    assert [row.code for row in add(**{"line-product": str(product.pk)}).rows] == ["VAL-1"]
    assert add(**{"line-search": "ei ole"}).add_error.startswith("No product matches")


def test_the_row_of_a_product_has_the_price_and_vat_of_the_offers_day(page):
    product = ProductFactory(
        name_en="Coaching", prices={"2020-01-01": 100, "2026-07-01": 120},
        vat_class=VatClassFactory(rates={"2020-01-01": 24, "2026-01-01": "25.5"}),
    )  # fmt: skip
    before = text(page.get(url("line_new", product=product.pk, day="1.6.2025", language="fi")))
    after = text(page.get(url("line_new", product=product.pk, day="1.7.2026", language="en")))
    assert ('value="100.00"' in before, 'value="24"' in before, product.name_fi in before) == (True, True, True)
    assert ('value="120.00"' in after, 'value="25.5"' in after, "Coaching" in after) == (True, True, True)


def test_a_retired_product_brings_no_row(page):
    retired = ProductFactory(retired_at=timezone.now())
    assert page.get(url("line_new", product=retired.pk)).status_code == 404


# Changing and copying


def change_of(offer, owner, *rows, **changes):
    return content(offer.customer, owner, *rows, type=offer.type_id, version=offer.version, **changes)


def test_a_change_is_saved_with_its_lines(page, owner):
    offer = OfferFactory(owner=owner, lines=[line("Vanha")])
    page.post(url("edit", offer), change_of(offer, owner, row(1, name="Uusi", unit_price="250"), title="Toinen nimi"))
    offer.refresh_from_db()
    assert (offer.title, offer.net, [line.name for line in offer_lines_of(offer)]) == (
        "Toinen nimi",
        Decimal(250),
        ["Uusi"],
    )
    assert offer.content_version == 2


def test_a_change_over_someone_elses_is_refused_once_and_then_written_over_it(page, owner):
    offer = OfferFactory(owner=owner, lines=[line("Alkuperäinen")])
    sent = change_of(offer, owner, row(1, name="Minun rivini", unit_price="10"))
    Offer.objects.update(title="Toisen", version=9)
    response = page.post(url("edit", offer), sent)
    assert (response.status_code, "Someone else changed this" in text(response)) == (422, True)
    assert "Minun rivini" in text(response)
    assert [line.name for line in offer_lines_of(offer)] == ["Alkuperäinen"]
    again = sent | {"version": response.context["form"]["version"].value()}
    assert page.post(url("edit", offer), again).status_code == 302
    assert [line.name for line in offer_lines_of(offer)] == ["Minun rivini"]


def test_what_was_typed_comes_back_when_the_offer_was_decided_meanwhile(page, owner):
    offer = OfferFactory(owner=owner, lines=[line("Alkuperäinen")])
    sent = change_of(offer, owner, row(1, name="Minun rivini", unit_price="10"))
    Offer.objects.update(status=OfferStatus.ORDER)
    response = page.post(url("edit", offer), sent)
    assert response.status_code == 422
    assert "A decided offer cannot be changed" in text(response)
    assert "Minun rivini" in text(response)
    assert page.get(url("edit", offer)).status_code == 302


def test_only_those_who_may_change_an_offer_do(colleague, reader, owner):
    offer = OfferFactory(owner=owner)
    for client in (colleague, reader):
        assert client.get(url("edit", offer)).status_code == 403
        assert client.post(url("edit", offer), change_of(offer, owner)).status_code == 403
    responsible = UserFactory(role="account_manager")
    offer.customer.responsibilities.create(user=responsible, start=TODAY)
    assert client_of(responsible).get(url("edit", offer)).status_code == 200


def test_an_offer_is_copied_to_another_customer(page, owner, customer):
    offer = OfferFactory(title="Malli", lines=[line("Päivä", unit_price=700)])
    assert page.get(url("copy", offer)).context["form"].initial["customer"] == offer.customer_id
    response = page.post(url("copy", offer), {"customer": customer.pk})
    copy = Offer.objects.exclude(pk=offer.pk).get()
    assert response.headers["Location"] == copy.get_absolute_url()
    assert (copy.customer, copy.copied_from, copy.net, copy.status) == (customer, offer, Decimal(700), "open")
    assert offer.number in text(page.get(url("detail", copy)))


def test_the_only_contact_who_comes_first_is_proposed(page, kind):
    customer = CustomerFactory()
    form = url("create", type="service", customer=customer.pk)
    assert page.get(form).context["form"]["contact"].value() is None
    only = ContactFactory(customer=customer)
    assert page.get(form).context["form"]["contact"].value() == only.pk
    ContactFactory(customer=customer)
    assert page.get(form).context["form"]["contact"].value() is None
