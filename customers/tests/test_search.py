"""Quick search as people type (design.md §5)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from customers import search, search_words
from customers.models import Customer, NameWord
from customers.services.summaries import summaries_refresh
from customers.tests.factories import ContactFactory, CustomerFactory, MunicipalityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def konepaja():
    return CustomerFactory(
        name="Nokian Konepaja Oy",
        business_id="2345678-0",
        municipality=MunicipalityFactory(name_fi="Nokia"),
        phone="+358401234567",
        email="myynti@konepaja.fi",
        numbers={"TOP": "884155"},
    )


@pytest.fixture
def others():
    CustomerFactory(name="Helsingin seudun kauppakamari", phone="+358919191919")
    CustomerFactory(name="Päiväkoti Aurinkokello")
    CustomerFactory(name="Suomen Tavaratoimitus Oy", email="info@tavara.fi")


@pytest.fixture(params=[search.AT_CUSTOMERS, 0], ids=["by their keys", "along the list"])
def either_way(request, monkeypatch):
    """Hits are read by their keys when they are few, met along the list when they are many: the same ones."""
    monkeypatch.setattr(search, "AT_CUSTOMERS", request.param)


def found(text: str) -> list[str]:
    return sorted(Customer.objects.search(text).values_list("name", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        "nokian", "NOKIAN konepaja", "konepaja nokian", "Oy Nokian Konepaja Ab", "nokian konepaja oyj", "nepaja",
        "nokia", "nokiassa", "konepajan", "konepajalle",
        "2345678-0", "23456780", "FI23456780", "2345678 - 0",
        "040 123 4567", "+358 40 123 4567", "0401234567", "(040) 1234567", "040-1234567", "00358401234567", "1234567",
        "+358 (0)40 123 4567", "+358(0)401234567", "00358 (0)40 123 4567", "040\u2011123\u20114567", "040–123 4567",
        "tel:+358401234567", "puh. 040 123 4567",
        "myynti@konepaja.fi", "MYYNTI@KONEPAJA.FI", "@konepaja.fi", "konepaja.fi", "www.konepaja.fi",
        "884155",
        "nokain konepja", "nokian konepaaja", "nokjan konepaja",
    ],
)  # fmt: skip
def test_a_customer_is_found_however_it_is_typed(either_way, konepaja, others, text):
    assert found(text) == ["Nokian Konepaja Oy"]


def test_aanekoski_finds_the_town_and_its_genitive(either_way):
    CustomerFactory(name="Äänekosken Sähkö ja Automaatio Oy")
    CustomerFactory(name="Putki Oy", municipality=MunicipalityFactory(name_fi="Äänekoski"))
    CustomerFactory(name="Muu Oy")
    assert found("aanekoski") == ["Putki Oy", "Äänekosken Sähkö ja Automaatio Oy"]
    assert found("Äänekosken") == ["Putki Oy", "Äänekosken Sähkö ja Automaatio Oy"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("asiakkaan", "Asiakas Oy"), ("asiakas", "Asiakkaan Palvelu Oy"), ("helsinki", "Helsingin Leipä Oy"),
        ("helsingin", "Helsinki Bakery Oy"), ("lahti", "Lahden Puu Oy"), ("lahden", "Lahti Energia Oy"),
        ("virtanen", "Virtasen Kello Ky"), ("virtasen", "Virtanen Tmi"), ("kauppa", "Kaupan Liitto ry"),
        ("lappeenranta", "Lappeenrannan Lämpö Oy"),
    ],
)  # fmt: skip
def test_inflected_words_meet(either_way, typed, name):
    CustomerFactory(name=name)
    CustomerFactory(name="Optiikka Zeta Oy")
    assert found(typed) == [name]


def test_a_contacts_phone_and_email_find_the_customer(either_way, konepaja, others):
    kauppa = Customer.objects.get(name="Helsingin seudun kauppakamari")
    ContactFactory(customer=kauppa, phone="+358505555555", email="t.salo@kamari.example")
    assert found("050 555 5555") == [kauppa.name]
    assert found("puh. +358 (0)50 555–5555") == [kauppa.name]
    assert found("t.salo@kamari.example") == [kauppa.name]
    assert found("kamari.example") == [kauppa.name]


@pytest.mark.parametrize("number", ["+358 (0)40 123 4567", "040–123 4567", "tel:+358401234567"])
def test_the_top_search_finds_a_number_however_it_is_written(client, konepaja, others, number):
    ContactFactory(last_name="Salo", customer=konepaja, phone="+358401234567")
    client.force_login(UserFactory())
    page = client.get("/search/", {"q": number}).content.decode()
    assert konepaja.get_absolute_url() in page
    assert "Salo" in page


def test_a_business_id_that_nobody_has_finds_nothing(either_way, konepaja):
    assert found("1234567-1") == []


@pytest.mark.parametrize("name", ["C/O Zqkoti", "Zq Palvelu (IT) Oy", "Zq Hammas/EU", "-5 Zqx", "Zq Keskus 24/7 Oy"])
def test_a_customer_is_found_by_the_whole_name(either_way, name, others):
    CustomerFactory(name=name)
    assert found(name) == [name]


SIGNED = [
    "Koski & Lehto Oy", "Aallon Hitsaus Oy", "Karhu Pojat Oy", "C/O Zqkoti", "Aho & Co Oy", "Conver Oy",
    "K & K Rauta Oy", "Saaristo Teatteri Michelsson Oy", "Palvelu 24/7 Oy", "Puhelin 24 Osa 7 Oy", "Mäki-Virtanen Ky",
    "Mäen Virtanen Ky",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("S:t Michel", {"Putki Oy"}), ("s:t michel putki", {"Putki Oy"}), ("Michel S:t", {"Putki Oy"}),
        ("S:t", {"Putki Oy"}), ("St. Michel", {"Putki Oy"}), ("St Michel", {"Putki Oy"}),
        ("C/O", {"C/O Zqkoti"}), ("c/o zqkoti", {"C/O Zqkoti"}), ("A/B", set()),
        ("Koski&Lehto", {"Koski & Lehto Oy"}), ("koski/lehto oy", {"Koski & Lehto Oy"}),
        ("aallon-hitsaus", {"Aallon Hitsaus Oy"}), ("aallon-hitsuas", {"Aallon Hitsaus Oy"}),
        ("karhu-pojat", {"Karhu Pojat Oy"}), ("K&K Rauta", {"K & K Rauta Oy"}), ("24/7", {"Palvelu 24/7 Oy"}),
        ("mäki-virtanen", {"Mäki-Virtanen Ky"}), ("mäen/virtanen", {"Mäen Virtanen Ky"}),
        ("Karhu Pojat Oy/Ab", {"Karhu Pojat Oy"}),
    ],
)  # fmt: skip
def test_signs_inside_words_are_meant_or_separate_them(either_way, text, names):
    for name in SIGNED:
        CustomerFactory(name=name)
    putki = CustomerFactory(name="Putki Oy", municipality=MunicipalityFactory(name_fi="Mikkeli", name_sv="S:t Michel"))
    summaries_refresh([putki.pk])
    assert set(found(text)) == names


def test_wildcards_are_plain_letters(either_way, konepaja):
    CustomerFactory(name="Sata % Oy")
    assert found("%") == ["Sata % Oy"]
    assert found("_") == []
    assert found("\\") == []


def test_the_name_of_a_form_alone_is_looked_for(either_way, konepaja, others):
    assert found("oy") == ["Nokian Konepaja Oy", "Suomen Tavaratoimitus Oy"]


def test_nothing_typed_narrows_nothing(konepaja, others):
    assert len(found("  ")) == 4


def test_the_likeliest_comes_first():
    for name in ("Espoon Siivous Oy", "Siivous Espoo Oy", "Espoo", "Kirjakauppa Espoo Oy"):
        CustomerFactory(name=name)
    assert next(row.name for row in Customer.objects.best_for("espoo", 2)) == "Espoo"
    assert list(Customer.objects.best_for(" ", 5)) == []


def test_passive_customers_appear_in_no_search_rule_2(client):
    CustomerFactory(name="Nokian Konepaja Oy", passive=True)
    admin = UserFactory(grants=["customers.manage_passive"])
    client.force_login(admin)
    assert "Nokian Konepaja" not in client.get("/customers/", {"q": "nokian"}).content.decode()
    assert "Nokian Konepaja" not in client.get("/search/", {"q": "nokian"}).content.decode()
    assert client.get("/customers/options/", {"q": "nokian"}).json() == {"results": []}


@pytest.fixture(params=["renamed", "inactive", "deleted"])
def out_of_sight(request):
    """A customer with a name more like the typed one than any that is seen; its words are still known."""
    customer = CustomerFactory(name="Konepajja Oy", passive=request.param == "inactive")
    if request.param == "renamed":
        Customer.objects.filter(pk=customer.pk).update(name="Toinen Oy", sort_key="toinen")
        summaries_refresh([customer.pk])
    elif request.param == "deleted":
        customer.delete()


@pytest.mark.parametrize("text", ["konepajja", "nokian konepajja", "konepajja nokain"])
def test_words_of_names_out_of_sight_hide_no_other_customers(konepaja, others, out_of_sight, text):
    assert NameWord.objects.filter(word="konepajja").exists()
    seen = Customer.objects.visible_to(UserFactory())
    assert [customer.name for customer in seen.search(text)] == ["Nokian Konepaja Oy"]


def test_a_misspelt_search_is_tried_a_few_times(konepaja, monkeypatch):
    NameWord.objects.bulk_create(NameWord(word=word, of_contacts=False) for word in ("konepejat", "konepejato"))
    assert found("konepejat") == ["Nokian Konepaja Oy"]
    monkeypatch.setattr(search_words, "TRIES", 1)
    assert found("konepejat") == []


def test_words_that_no_name_has_are_forgotten_by_the_night(konepaja):
    contact = ContactFactory(first_name="", last_name="Vanhanen", customer=konepaja)
    CustomerFactory(name="Lepäävä Oy", passive=True)
    Customer.objects.filter(pk=konepaja.pk).update(name="Uusi Oy")
    contact.last_name = "Uusinen"
    contact.save()
    summaries_refresh()
    assert set(NameWord.objects.values_list("word", "of_contacts")) == {
        ("uusi", False), ("lepaava", False), ("uusinen", True),
    }  # fmt: skip


def test_options_name_what_tells_customers_apart(client, konepaja):
    client.force_login(UserFactory())
    assert client.get("/customers/options/", {"q": "nokian"}).json() == {
        "results": [{"id": konepaja.pk, "text": "Nokian Konepaja Oy", "detail": "2345678-0 · Nokia"}]
    }


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=300)


@given(text=ANY_TEXT | st.from_regex(r"[+0-9() -]{1,20}|[\w.]+@[\w.]*|[%_\\'\"&|!:*()]+", fullmatch=True))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_raises(konepaja, text):
    list(Customer.objects.search(text)[:5])
    list(Customer.objects.best_for(text, 5))


@given(word=st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15))
def test_every_stem_says_something(word):
    assert search.stems(word)
    assert all(len(stem) >= min(4, len(word)) for stem in search.stems(word))
