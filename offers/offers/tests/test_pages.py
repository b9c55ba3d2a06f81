"""Offers in the browser's terms: the list, the page, writing with lines, changing, copying."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.content import offer_lines_of
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer, OfferLine
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.products.enums import LineKind
from offers.products.models import ProductGroup
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line, product_group

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", first_name="Maija", last_name="Salo")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def colleague():
    return client_of(UserFactory(role="account_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


def url(name, *args, **query):
    app = {"accept": "orders", "line_new": "products"}.get(name, "offers")
    return reverse(f"{app}:{name}", args=[getattr(arg, "pk", arg) for arg in args], query=query or None)


def text(response):
    return response.content.decode()


def row(key, **values):
    """The fields of one row of lines."""
    filled = {"kind": "free", "quantity": "1", "vat_rate": "25,5", **values}
    return {"line": [str(key)], **{f"line-{key}-{name}": value for name, value in filled.items()}}


def content(customer, owner, /, *rows, **changes):
    """What the form sends; the rows in their order."""
    lines = {name: value for row in rows for name, value in row.items() if name != "line"}
    return {
        "customer": customer.pk, "title": "Esimiesvalmennus", "owner": owner.pk, "language": "fi",
        "date": "1.3.2026", "valid_until": "31.3.2026", "line": [row["line"][0] for row in rows], **lines, **changes,
    }  # fmt: skip


@pytest.fixture
def kind():
    return OfferTypeFactory(
        code="service", intro_fi="Kiitos pyynnöstä.", intro_en="Thank you.", terms_fi="Ehdot.", terms_en="Terms."
    )


@pytest.fixture
def customer():
    return CustomerFactory(name="Nokian Konepaja Oy")


# The list


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("mine", {"Oma"}),
        ("open", {"Oma", "Toisen"}),
        ("decided", {"Voitettu", "Hävitty"}),
        ("all", {"Oma", "Toisen", "Voitettu", "Hävitty"}),
    ],
)
def test_the_tabs_show_own_open_decided_and_all_offers(page, owner, tab, shown):
    OfferFactory(title="Oma", owner=owner, status=OfferStatus.SENT)
    OfferFactory(title="Toisen")
    OfferFactory(title="Voitettu", owner=owner, status=OfferStatus.ORDER)
    OfferFactory(title="Hävitty", owner=owner, status=OfferStatus.LOST)
    body = text(page.get(url("list", tab=tab)))
    assert {title for title in ("Oma", "Toisen", "Voitettu", "Hävitty") if f">{title}<" in body} == shown


def test_who_writes_no_offers_sees_the_open_ones_first(reader):
    OfferFactory(title="Toisen")
    assert ">Toisen<" in text(reader.get(url("list")))


@pytest.fixture
def two(owner):
    """Two offers that differ in everything; the first is what each question asks for."""
    group = product_group("Johtaminen")
    product = ProductFactory(group=product_group("Esimiestyö", parent=group))
    TeamFactory(name="Myynti", members=[owner])
    first = OfferFactory(
        title="Esimiesvalmennus", owner=owner, status=OfferStatus.SENT, date=dt.date(2026, 3, 2),
        valid_until=dt.date(2026, 3, 9), expected_close=dt.date(2026, 4, 1),
        customer=CustomerFactory(name="Ylöjärven Saha"),
        lines=[line(kind=LineKind.PRODUCT, product_id=product.pk, unit_price=5000)],
    )  # fmt: skip
    second = OfferFactory(
        title="Ensiapukurssi", date=dt.date(2025, 1, 2), valid_until=TODAY + dt.timedelta(days=5), lines=[line()]
    )
    second.offer_activities.create(activity=ActivityFactory(status="open", customer=second.customer))
    return first, second


@pytest.mark.parametrize(
    "query",
    [
        {"q": "esimies"},
        {"q": "saha ylojarv"},
        {"mine": "true"},
        {"owner": lambda first: first.owner_id},
        {"team": lambda first: first.owner.teams.get().pk},
        {"status": "sent"},
        {"type": lambda first: first.type_id},
        {"customer": lambda first: first.customer_id},
        {"group": lambda first: ProductGroup.objects.get(name_fi="Johtaminen").pk},
        {"warning": "expired"},
        {"warning": "no_step"},
        {"date_from": "1.3.2026"},
        {"value_from": "1000"},
        {"expected_from": "1.4.2026", "expected_to": "1.4.2026"},
    ],
)
def test_offers_are_narrowed_by_what_is_asked(page, two, query):
    filters = {name: value(two[0]) if callable(value) else value for name, value in query.items()}
    body = text(page.get(url("list", tab="all", **filters)))
    assert [title for title in ("Esimiesvalmennus", "Ensiapukurssi") if f">{title}<" in body] == ["Esimiesvalmennus"]


def test_an_offer_that_stands_too_long_is_found_and_marked(page):
    kind = OfferTypeFactory(open_days=10)
    OfferFactory(title="Juuri tehty", type=kind)
    OfferFactory(title="Seisoo", type=kind, status_since=timezone.now() - dt.timedelta(days=11))
    OfferFactory(title="Vielä ajoissa", type=kind, status_since=timezone.now() - dt.timedelta(days=10))
    body = text(page.get(url("list", tab="open", warning="stuck")))
    assert [title for title in ("Juuri tehty", "Seisoo", "Vielä ajoissa") if f">{title}<" in body] == ["Seisoo"]


@pytest.mark.parametrize("query", ["owner=x", "type=999999", "date_from=x", "value_from=x", "group=x", "warning=x"])
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_so(page, query):
    OfferFactory(title="Esimiesvalmennus")
    response = page.get(f"{url('list')}?tab=all&{query}")
    assert response.status_code == 200
    assert ">Esimiesvalmennus<" not in text(response)
    assert "alert-danger" in text(response)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_offers(page, owner, count, django_assert_max_num_queries):
    for _n in range(count):
        OfferFactory(owner=owner, lines=[line()], contact=ContactFactory())
    with django_assert_max_num_queries(24):
        page.get(url("list"))


def test_the_list_is_exported_as_filtered(page, two):
    response = page.get(url("list", tab="all", q="esimies", export="csv"))
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert "Esimiesvalmennus" in body.decode("utf-8-sig")
    assert "Ensiapukurssi" not in body.decode("utf-8-sig")


def test_an_empty_list_says_what_to_do(page):
    assert "Make an offer from a lead" in text(page.get(url("list", tab="all")))


def test_selected_offers_are_given_to_another_account_manager(page, owner):
    mine, foreign = OfferFactory(owner=owner), OfferFactory()
    other = UserFactory()
    assert page.post(url("bulk_owner"), {"ids": [mine.pk, foreign.pk]}).status_code == 200
    assert page.post(url("bulk_owner"), {"ids": [mine.pk, foreign.pk], "owner": other.pk}).status_code == 302
    mine.refresh_from_db()
    foreign.refresh_from_db()
    assert mine.owner == other
    assert foreign.owner != other
    assert "1 was not changed" in text(page.get(url("list")))


# The page


@pytest.mark.parametrize("name", ["detail", "activities", "documents", "history"])
def test_everyone_opens_an_offer_and_strangers_sign_in(reader, client, name):
    offer = OfferFactory(title="Esimiesvalmennus", lines=[line()])
    assert "Esimiesvalmennus" in text(reader.get(url(name, offer)))
    assert client.get(url(name, offer)).status_code == 302


def test_an_offer_of_a_passive_customer_does_not_exist(page):
    offer = OfferFactory(customer=CustomerFactory(passive=True))
    assert page.get(url("detail", offer)).status_code == 404


def test_the_overview_shows_lines_and_sums_by_vat_rate(page):
    offer = OfferFactory(
        lines=[
            line("Valmennus", kind=LineKind.HEADING, unit_price=0),
            line("Päivä", quantity=2, unit_price=1000, discount=10),
            line("Kirja", unit_price="50.50", vat_rate=14),
        ]
    )
    shown = text(page.get(url("detail", offer)))
    assert "line-heading" in shown
    for sum_ in ("1,800.00", "459.00", "50.50", "7.07", "€2,316.57", "1,850.50"):
        assert sum_.replace("€", "") in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_lines(page, count, django_assert_max_num_queries):
    offer = OfferFactory(lines=[line(f"Rivi {n}") for n in range(count)])
    with django_assert_max_num_queries(24):
        page.get(url("detail", offer))


def test_the_buttons_are_those_that_the_status_allows(page, owner):
    for status, names in (
        (OfferStatus.OPEN, ["accept", "lose"]),
        (OfferStatus.SENT, ["accept", "reopen", "lose"]),
        (OfferStatus.LOST, ["reopen"]),
        (OfferStatus.ORDER, []),
    ):
        offer = OfferFactory(owner=owner, status=status)
        shown = text(page.get(url("detail", offer)))
        assert [name for name in ("accept", "reopen", "lose") if url(name, offer) in shown] == names, status


def test_who_may_not_change_it_sees_no_buttons(reader, colleague):
    offer = OfferFactory()
    for client in (reader, colleague):
        shown = text(client.get(url("detail", offer)))
        assert url("lose", offer) not in shown
        assert url("edit", offer) not in shown


def test_an_expired_offer_is_marked(page):
    offer = OfferFactory(date=dt.date(2026, 1, 2), valid_until=dt.date(2026, 1, 9))
    assert "expired" in text(page.get(url("detail", offer)))


def test_the_history_tells_changes_and_why_the_status_changed(page, owner):
    offer = OfferFactory(owner=owner, customer=CustomerFactory(), status=OfferStatus.SENT)
    page.post(url("reopen", offer), {"reason": "Asiakas pyysi muutoksia"})
    changes = {"title": "Uusi nimi", "type": offer.type_id, "version": 2}
    page.post(url("edit", offer), content(offer.customer, owner, row(1, name="Päivä", unit_price="10"), **changes))
    shown = text(page.get(url("history", offer)))
    assert "Asiakas pyysi muutoksia" in shown
    assert "Uusi nimi" in shown
    assert "Päivä" in shown


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


# From a lead or an activity


def test_an_offer_is_made_of_a_lead_and_the_lead_shows_it(page, owner, kind, customer):
    contact = ContactFactory(customer=customer)
    lead = activity_log(
        user=owner, type=activity_type("lead"), title="Tarvitsee esimieskoulutusta", customer=customer,
        contacts=[contact], details={"value": Decimal(8000)},
    )  # fmt: skip
    address = url("create", type="service", activity=lead.pk)
    initial = page.get(address).context["form"].initial
    assert (initial["title"], initial["customer"], initial["contact"]) == (lead.title, customer.pk, contact.pk)
    assert initial["estimate"] == Decimal(8000)
    page.post(address, content(customer, owner, row(1, name="Päivä"), contact=contact.pk))
    offer = Offer.objects.get()
    assert offer.came_from == lead
    lead.lead.refresh_from_db()
    assert (lead.lead.state, lead.lead.taken_by) == ("offer", owner)
    assert offer.number in text(page.get(url("activity_offers", lead)))
    assert lead.title in text(page.get(url("activities", offer)))
    assert lead.title in text(page.get(url("detail", offer)))


def test_the_panel_of_an_activity_offers_to_make_one(page, reader):
    activity = ActivityFactory()
    assert f"?activity={activity.pk}" in text(page.get(url("activity_offers", activity)))
    assert reader.get(url("activity_offers", activity)).status_code == 403
    OfferFactory(customer=activity.customer, came_from=activity)
    activity.offer_activities.create(offer=Offer.objects.get())
    shown = reader.get(url("activity_offers", activity))
    assert Offer.objects.get().number in text(shown)
    assert "?activity=" not in text(shown)


def test_an_offer_is_not_made_of_an_activity_that_one_does_not_see(page, kind):
    hidden = ActivityFactory(customer=CustomerFactory(passive=True), title="Piilo")
    assert "Piilo" not in text(page.get(url("create", type="service", activity=hidden.pk)))


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


# Activities of an offer


def test_the_next_step_is_added_in_one_line(page, owner):
    contact = ContactFactory()
    offer = OfferFactory(owner=owner, contact=contact)
    activity_type("call")
    day = (TODAY + dt.timedelta(days=3)).isoformat()
    key = str(uuid.uuid4())
    sent = {"follow-count": "1", "follow-0-title": "Soita päätöksestä", "follow-0-due": day, "submission_key": key}
    for _n in range(2):
        page.post(url("next_step_add", offer), {**sent, "follow-0-type": activity_type("call").pk})
    step = Activity.objects.get()
    assert (step.customer, step.status, list(step.contacts.all())) == (offer.customer, "open", [contact])
    assert offer.offer_activities.get().activity == step
    assert "Soita päätöksestä" in text(page.get(url("activities", offer)))


def test_a_next_step_without_a_day_is_told(page, owner):
    offer = OfferFactory(owner=owner)
    activity_type("call")
    sent = {
        "follow-count": "1",
        "follow-0-title": "Soita",
        "follow-0-due": "",
        "follow-0-type": activity_type("call").pk,
    }
    assert "Enter the due date." in text(page.post(url("next_step_add", offer), sent, follow=True))
    assert not Activity.objects.exists()


def test_an_activity_of_the_customer_is_linked_and_the_link_removed(page, owner):
    offer = OfferFactory(owner=owner)
    mine, foreign = ActivityFactory(customer=offer.customer), ActivityFactory()
    assert page.post(url("activity_link", offer), {"activity": foreign.pk}).status_code == 422
    assert page.post(url("activity_link", offer), {"activity": mine.pk}).status_code == 302
    assert offer.offer_activities.get().activity == mine
    assert page.post(url("activity_unlink", offer, mine)).status_code == 302
    assert not offer.offer_activities.exists()
    assert page.post(url("activity_unlink", offer, foreign)).status_code == 404


def test_the_top_search_finds_offers_by_number_title_and_customer(page, customer):
    offer = OfferFactory(title="Esimiesvalmennus", customer=customer)
    for words in (offer.number, "esimies", "nokian kone"):
        assert offer.get_absolute_url() in text(page.get("/search/", {"q": words}))
