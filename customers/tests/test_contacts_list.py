from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.paging import keyset_page
from customers import contact_search
from customers.enums import BranchPurpose, BranchTarget, Channel
from customers.models import ClassificationBranch, ClassificationNode, Contact
from customers.services.contacts import consent_record
from customers.tests.factories import (
    BranchFactory,
    ContactFactory,
    CustomerFactory,
    MunicipalityFactory,
    NodeFactory,
    PositionFactory,
)

pytestmark = pytest.mark.django_db
URL = "/contacts/"


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def user(client):
    user = UserFactory(role="account_manager")
    client.force_login(user)
    return user


@pytest.fixture(params=[contact_search.FEW, 0], ids=["by their keys", "along the list"])
def either_way(request, monkeypatch):
    """Hits are read by their keys when they are few, met along the list when they are many: the same ones."""
    monkeypatch.setattr(contact_search, "MANY", request.param)
    monkeypatch.setattr(contact_search, "FEW", request.param)


def shown(client, **query) -> set[str]:
    response = client.get(URL, query)
    assert response.status_code == 200
    return {row.object.last_name for row in response.context["table"].rows}


@pytest.mark.parametrize(
    "text",
    ["Mäkelä", "makela", "tiina mäkelä", "mäkelä tii", "Mäkelän", "040 123 4567", "+358401234567", "0401234", "1234567",
     "+358 (0)40 123 4567", "040\u2011123\u20114567", "tel:+358401234567", "puh. 040 123 4567",
     "tiina@konepaja.fi", "konepaja.fi", "Tehtaanjohtaja", "tehtaanjoht", "Tiina Mäkkelä"],
)  # fmt: skip
def test_contact_is_found_as_people_type(client, user, either_way, text):
    ContactFactory(
        first_name="Tiina",
        last_name="Mäkelä",
        phone="+358401234567",
        email="tiina@konepaja.fi",
        customer=CustomerFactory(),
        customer__title="Tehtaanjohtaja",
    )
    ContactFactory(first_name="Pekka", last_name="Virtanen", phone="+358509999999", email="p@toinen.fi")
    assert shown(client, q=text) == {"Mäkelä"}


@pytest.mark.parametrize("text", ["@", "tiina@konepaja.fi", "0401234567", "Mäkelä"])
def test_a_search_reads_no_contact_itself(text):
    ContactFactory(last_name="Mäkelä", phone="+358401234567", email="tiina@konepaja.fi")
    with CaptureQueriesContext(connection) as queries:
        found = Contact.objects.search(text)
    assert not [query["sql"] for query in queries if '"customers_contact"."version"' in query["sql"]]
    assert len(found) == 1


@pytest.mark.parametrize("text", ["%", "_", "'", "<script>", "{{ 7 }}", "x" * 200, "😀", "\u202eabc"])
def test_no_text_breaks_the_search(client, user, text):
    ContactFactory()
    assert client.get(URL, {"q": text}).status_code == 200


@pytest.mark.parametrize("text", ["\x00", "x" * 201])
def test_a_text_that_cannot_be_looked_for_is_refused_and_shows_nothing(client, user, text):
    ContactFactory()
    response = client.get(URL, {"q": text})
    assert response.status_code == 400
    assert response.context["table"].rows == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("Ærola", "erola"), ("Œhrn", "ehrn"), ("ßmith", "smith"), ("Ærola", "ærola"), ("Åström", "strom")],
)
def test_a_letter_that_is_read_as_two_hides_nothing_of_the_name(client, user, either_way, name, text):
    ContactFactory(last_name=name)
    ContactFactory(last_name="Virtanen")
    assert shown(client, q=text) == {name}


@pytest.mark.parametrize("text", ["anna/maija", "Anna-Maija Koski-Lehto", "lehto-koski", "anna-maija kosski-lehto"])
def test_signs_inside_words_separate_them_where_nothing_has_them(client, user, either_way, text):
    ContactFactory(first_name="Anna Maija", last_name="Koski Lehto")
    ContactFactory(first_name="Maija", last_name="Lehto")
    assert shown(client, q=text) == {"Koski Lehto"}


def test_a_word_with_signs_inside_is_looked_for_as_it_is_typed(client, user, either_way):
    ContactFactory(first_name="Anna-Maija", last_name="Aho")
    ContactFactory(first_name="Maija Anna", last_name="Lehto")
    assert shown(client, q="anna-maija") == {"Aho"}


def test_words_of_contacts_out_of_sight_hide_no_others(client, user):
    ContactFactory(last_name="Mäkkelä", is_hidden=True)
    ContactFactory(last_name="Mäkelä")
    assert shown(client, q="Mäkkelä") == {"Mäkelä"}


def test_filters_narrow_the_list(client, user, either_way):
    role = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.CONTACT_ROLE, target=BranchTarget.CONTACTS))
    tag = NodeFactory(branch=BranchFactory(target=BranchTarget.BOTH))
    espoo = CustomerFactory(municipality=MunicipalityFactory())
    ContactFactory(last_name="Yksi", customer=espoo, customer__role=role)
    two = ContactFactory(last_name="Kaksi", customer=CustomerFactory(), language="sv")
    two.classifications.create(node=NodeFactory(parent=tag))
    assert shown(client, customer=espoo.pk) == {"Yksi"}
    assert shown(client, role=role.pk) == {"Yksi"}
    assert shown(client, municipality=espoo.municipality_id) == {"Yksi"}
    assert shown(client, language="sv") == {"Kaksi"}
    assert shown(client, classification=tag.pk) == {"Kaksi"}


def test_filter_of_a_customer_takes_those_who_work_there_now(client, user, either_way):
    customer = CustomerFactory()
    PositionFactory(customer=customer, end=timezone.localdate() - dt.timedelta(days=1))
    assert shown(client, customer=customer.pk) == set()


def test_consent_filter_takes_the_newest_answer(client, user, either_way):
    yes, changed = ContactFactory(last_name="Yes"), ContactFactory(last_name="Changed")
    for contact in (yes, changed):
        consent_record(contact=contact, channel=Channel.EMAIL, is_given=True, source="x")
    consent_record(contact=changed, channel=Channel.EMAIL, is_given=False, source="x")
    assert shown(client, consent="email") == {"Yes"}
    assert shown(client, consent="phone") == set()


@pytest.mark.parametrize("query", ["customer=999999", "role=abc", "consent=visit", "language=xx", "municipality=-1"])
def test_filter_that_cannot_be_read_shows_nothing(client, user, query):
    ContactFactory()
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert response.context["table"].rows == []


def test_rule_2_passive_customer_is_no_filter_and_its_contacts_are_hidden(client, user):
    customer = CustomerFactory(passive=True)
    ContactFactory(customer=customer, is_hidden=True)
    assert shown(client) == set()
    assert client.get(URL, {"customer": customer.pk}).context["filter"].form.errors


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_however_long(client, user, count, django_assert_num_queries):
    for number in range(count):
        contact = ContactFactory(phone=f"+35840123456{number}", customer=CustomerFactory())
        PositionFactory(contact=contact)
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


QUERIES = 8


def test_export_has_the_filtered_rows(client, user):
    ContactFactory(last_name="Salo", first_name="=1+1", customer=CustomerFactory(name="Konepaja Oy"))
    ContactFactory(last_name="Toinen")
    response = client.get(URL, {"q": "salo", "export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "'=1+1 Salo;Konepaja Oy" in text
    assert "Toinen" not in text


def test_pages_follow_each_other_by_name(client, user, monkeypatch):
    monkeypatch.setattr("customers.views.contacts.ContactListView.paginate_by", 2)
    for name in ("Öhman", "Aalto", "Åberg"):
        ContactFactory(last_name=name, first_name="")
    first = client.get(URL)
    assert [row.object.last_name for row in first.context["table"].rows] == ["Aalto", "Åberg"]
    second = client.get(first.context["page"]["next_url"])
    assert [row.object.last_name for row in second.context["table"].rows] == ["Öhman"]


def test_anonymous_is_sent_to_sign_in(client):
    assert client.get(URL)["Location"].startswith(reverse("account_login"))


def test_read_only_user_sees_the_list_without_the_add_button(client):
    client.force_login(UserFactory(role="read_only"))
    response = client.get(URL)
    assert response.status_code == 200
    assert response.context["primary_action"] is None


def test_options_find_contacts_of_a_customer(client, user):
    customer = CustomerFactory(name="Konepaja Oy")
    there = ContactFactory(first_name="Tiina", last_name="Salo", customer=customer, customer__title="Johtaja")
    ContactFactory(first_name="Tiina", last_name="Muu")
    url = reverse("customers:contact_options")
    [hit] = client.get(url, {"customer": customer.pk}).json()["results"]
    assert hit == {"id": there.pk, "text": "Tiina Salo", "detail": "Johtaja, Konepaja Oy"}
    assert len(client.get(url, {"q": "tiina"}).json()["results"]) == 2
    assert client.get(url).json()["results"] == []
    refused = client.get(url, {"customer": "x", "q": "tiina"})
    assert (refused.status_code, refused.json()["error"]["fields"].keys()) == (400, {"customer"})


def test_contacts_are_found_in_the_top_search(client, user):
    ContactFactory(first_name="Tiina", last_name="Salo", customer=CustomerFactory(name="Konepaja Oy"))
    response = client.get(reverse("core:search"), {"q": "salo"})
    assert "Tiina Salo" in response.content.decode()
    assert Contact.objects.get().get_absolute_url() in response.content.decode()


# Common surnames


@pytest.fixture
def namesakes(monkeypatch):
    """More of one surname than are read by their keys, with the same word elsewhere in names before and after."""
    monkeypatch.setattr(contact_search, "FEW", 4)
    names = [("Aino", "Aalto"), ("Virtanen", "Berg"), ("Mari", "Mäki-Virtanen"), ("Kaisa", "Virta")]
    names += [(first, "Virtanen") for first in ["Anna", "Eeva", "Ida", "Olli", "Pia", "Ville"]]
    names += [("Pekka", "Vesa-Virtanen"), ("Åke", "Öberg"), ("Virtanen", "Öst")]
    for first, last in names:
        ContactFactory(first_name=first, last_name=last)


def walked(contacts, order):
    """Return the names page by page, two on each, and back again."""
    page = keyset_page(contacts, order, size=2)
    pages = [page]
    while page.next:
        page = keyset_page(contacts, order, size=2, after=page.next)
        pages.append(page)
    forth = [str(row) for page in pages for row in page.rows]
    back = [str(row) for row in page.rows]
    while page.previous:
        page = keyset_page(contacts, order, size=2, before=page.previous)
        back = [*(str(row) for row in page.rows), *back]
    return forth, back


@pytest.mark.parametrize("order", ["sort_key", "-sort_key", "created_at"])
@pytest.mark.parametrize("text", ["virtanen", "virta", "vir", "virtasen", "virtanen a"])
def test_a_list_by_name_is_the_same_read_in_segments(namesakes, monkeypatch, text, order):
    found = Contact.objects.search(text)
    monkeypatch.setattr(contact_search, "FEW", 5_000)
    sign = "-" if order.startswith("-") else ""
    expected = [str(row) for row in Contact.objects.search(text).order_by(order, f"{sign}pk")]
    assert walked(found, order) == (expected, expected)


def test_the_contacts_of_a_common_surname_are_one_range_of_the_list(namesakes):
    segments = Contact.objects.search("virtanen").segments["sort_key"]
    ranges = [[str(row) for row in Contact.objects.filter(part).order_by("sort_key")] for part in segments]
    assert [len(part) for part in ranges] == [3, 6, 1]
    assert all(name.endswith(" Virtanen") for name in ranges[1])


def test_a_word_with_too_many_spellings_loses_no_contact(namesakes, monkeypatch):
    ContactFactory(first_name="Aatu", last_name="Virtasalo")
    spellings = contact_search._spellings
    monkeypatch.setattr(contact_search, "_spellings", lambda part: [] if part == "virtas" else spellings(part))
    assert "Aatu Virtasalo" in walked(Contact.objects.search("virtanen"), "sort_key")[0]


def test_a_surname_is_found_with_and_without_its_dots(namesakes, monkeypatch):
    monkeypatch.setattr(contact_search, "FEW", 0)
    assert [str(row) for row in Contact.objects.search("oberg")] == ["Åke Öberg"]
    assert walked(Contact.objects.search("oberg"), "sort_key")[0] == ["Åke Öberg"]
