"""``?selection=`` in lists, exports and the API; the filters of a list saved as a selection."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import TeamFactory, UserFactory
from core.filters import FilterSet
from customers.models import Municipality
from customers.selections import store
from customers.selections.from_filters import LISTS
from customers.selections.models import Selection
from customers.selections.tests.conftest import rule, selection_of
from customers.tests.factories import ContactFactory, CustomerFactory
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db
URL = "/customers/"


def rows(response):
    return [row.object.name for row in response.context["table"].rows]


@pytest.fixture
def machines(user):
    CustomerFactory(name="Kone")
    CustomerFactory(name="Talo")
    return selection_of(user, rule("customer.name", op="contains", text="kone"), name="Koneet")


def test_list_and_export_have_the_rows_of_the_selection(page, machines):
    response = page.get(URL, {"selection": machines.pk})
    assert rows(response) == ["Kone"]
    assert [(str(one.label), one.value) for one in response.context["active_filters"]] == [("Selection", "Koneet")]
    text = page.get(URL, {"selection": machines.pk, "export": "csv"}).getvalue().decode()
    assert "Kone" in text
    assert "Talo" not in text


def test_selection_goes_together_with_other_filters(page, machines):
    assert rows(page.get(URL, {"selection": machines.pk, "q": "kone"})) == ["Kone"]
    assert rows(page.get(URL, {"selection": machines.pk, "q": "talo"})) == []


def test_contacts_list_has_the_rows_of_the_selection(page, user):
    ContactFactory(last_name="Aho", language="sv")
    ContactFactory(last_name="Bergman")
    selection = selection_of(user, rule("contact.language", op="is", values=["sv"]), of="contacts")
    response = page.get("/contacts/", {"selection": selection.pk})
    assert [row.object.last_name for row in response.context["table"].rows] == ["Aho"]


def test_api_filters_by_selection(user, machines):
    api = APIClient()
    api.force_authenticate(user)
    answer = api.get("/api/v1/customers/", {"selection": machines.pk}).json()
    assert [row["name"] for row in answer["results"]] == ["Kone"]


def test_selection_of_another_user_is_no_filter(page, machines):
    private = selection_of(UserFactory(), rule("customer.name", op="contains", text="kone"))
    response = page.get(URL, {"selection": private.pk})
    assert response.status_code == 400
    assert rows(response) == []


def test_selection_of_ones_team_is_a_filter(page, user, machines):
    team, colleague = TeamFactory(), UserFactory()
    team.members.add(user, colleague)
    shared = selection_of(colleague, rule("customer.name", op="contains", text="kone"), sharing="team", team=team)
    assert rows(page.get(URL, {"selection": shared.pk})) == ["Kone"]


def test_deleted_selection_is_no_filter(page, machines):
    Selection.objects.filter(pk=machines.pk).update(deleted_at="2026-01-01T00:00Z")
    assert page.get(URL, {"selection": machines.pk}).status_code == 400


def test_selection_that_cannot_be_read_has_no_rows(page, machines):
    broken = {"id": 1, "join": "none", "parts": [{"id": 2, "field": "customer.gone", "values": {}}]}
    Selection.objects.filter(pk=machines.pk).update(condition=broken)
    assert rows(page.get(URL, {"selection": machines.pk})) == []


@pytest.mark.parametrize("of", ["customers", "contacts"])
def test_every_filter_of_the_list_can_be_saved(of):
    filterset, _model, makers = LISTS[of]
    assert issubclass(filterset, FilterSet)
    assert set(filterset.base_filters) - {"state", "conditions"} == set(makers)  # these two: test_list_conditions.py


def test_filters_are_saved_at_one_press_with_the_same_rows_and_in_the_menu(page, user):
    espoo = Municipality.objects.get(name_fi="Espoo")
    CustomerFactory(name="In", municipality=espoo, segment=segment("B"))
    CustomerFactory(name="Out", municipality=espoo)
    query = f"municipality={espoo.pk}&segment={segment('B').pk}&sort=-name"
    response = page.post("/selections/save/", {"of": "customers", "query": query}, follow=True)
    selection = Selection.objects.get()
    assert response.redirect_chain[-1][0] == f"/customers/?selection={selection.pk}"
    assert rows(response) == ["In"]
    assert [item["name"] for item in response.context["nav_selections"]] == [selection.name]
    assert [part.field for part in store.read(selection).tree.parts] == ["customer.segment", "customer.municipality"]


@pytest.mark.parametrize(
    "query",
    [
        "mine=true", "no_owner=true", "no_segment=true", "no_group=true", "waiting=true",
        "last_contact=30", "never_contacted=true", "open_offers=true", "ordered_from=10",
        "no_order_since=2026-01-01", "region=Uusimaa", "organisation_form=company", "language=fi", "source=Rek",
        "obliged=true", "q=kone",
    ],
)  # fmt: skip
def test_saved_filter_finds_the_same_customers(page, user, query):
    CustomerFactory(name="Kone 1", owner=user, organisation_form="company", source="Rekisteri")
    CustomerFactory(name="Talo 2", municipality=Municipality.objects.get(name_fi="Espoo"), is_obliged_to_buy=True)
    CustomerFactory(name="Talo 3", language="sv")
    filtered = rows(page.get(f"{URL}?{query}"))
    assert rows(page.post("/selections/save/", {"of": "customers", "query": query}, follow=True)) == filtered


def test_nothing_is_saved_of_filters_that_cannot_be_read(page):
    for query in ("", "segment=x", "nonsense=1"):
        response = page.post("/selections/save/", {"of": "customers", "query": query}, follow=True)
        assert [message.level_tag for message in response.context["messages"]] == ["danger"]
    assert not Selection.objects.exists()


def test_any_search_of_the_list_can_be_saved(page):
    page.post("/selections/save/", {"of": "customers", "query": f"q={'k' * 200}"})
    assert Selection.objects.count() == 1


@pytest.mark.parametrize("query", ["ordered_from=2000000000", "ordered_from=0.001"])
def test_sum_that_no_condition_takes_is_refused_by_the_list_too(page, query):
    response = page.post("/selections/save/", {"of": "customers", "query": query}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["danger"]
    assert page.get(f"{URL}?{query}").status_code == 400


def test_list_offers_to_save_its_filters(page):
    assert b"save-selection" not in page.get(URL).content
    assert b"save-selection" in page.get(URL, {"obliged": "true"}).content


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("There is no such selection, or it is not shared with you.", "There is no such choice: it may have")),
        ("fi", ("Poimintaa ei ole, tai sitä ei ole jaettu sinulle.", "Tätä vaihtoehtoa ei ole: se on voitu poistaa")),
    ],
)
def test_what_is_not_shared_is_refused_in_a_sentence_of_our_own(client, language, sentences):
    client.force_login(UserFactory(role="read_only", language=language))
    for query, sentence in zip(("selection=987654", "segment=987654"), sentences, strict=True):
        answer = client.get(f"/customers/?{query}")
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
