"""*More conditions* of the lists of customers and contacts: the builder begins with the filters, and comes back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core.conditions.tree import Group, Rule, rules_of
from customers.models import Contact, Municipality
from customers.saved_views.models import SavedView
from customers.saved_views.services import view_create
from customers.saved_views.store import read
from customers.selections import store
from customers.selections.from_filters import filters_of_tree, tree_of_list
from customers.selections.list_conditions import KEPT, conditions_sweep
from customers.selections.models import ClassReference, Selection, SelectionReference
from customers.selections.sharing import shared_delete
from customers.selections.tests.conftest import kind, role
from customers.selections.tests.test_filter import rows
from customers.selections.tests.test_pages import fields_of, tree_of
from customers.services.classification import CLASSES
from customers.tests.factories import ContactFactory, CustomerFactory
from segmentation.membership.tests.factories import SchemeFactory, SegmentFactory, segment
from segmentation.schemes.services.schemes import segment_set_retired

pytestmark = pytest.mark.django_db
LIST = "/customers/"


def conditions(query: str, of: str = "customers") -> str:
    return f"/selections/conditions/?{urlencode({'of': of, 'query': query})}"


def group_of(*codes: str) -> dict[str, Any]:
    """Return a group of the builder: one of two segments, which no filter of the list says."""
    rules = [
        {"id": 20 + at, "field": "customer.segment", "values": {"op": "is", "rows": [segment(code).pk]}}
        for at, code in enumerate(codes)
    ]
    return {"id": 10, "join": "any", "parts": rules}


def posted(page, query, *parts, of="customers"):
    """Open the builder from a list, add parts to its tree, and apply it to the list."""
    data = fields_of(page.get(conditions(query, of)))
    tree = tree_of(data)
    tree["parts"] += parts
    form = {"tree": json.dumps(tree)}
    for group in _groups(tree):
        form[f"g{group['id']}-join"] = group["join"]
        for part in group["parts"]:
            for name, value in part.get("values", {}).items():
                form[f"r{part['id']}-{name}"] = value
    return page.post(conditions(query, of), {**form, "save": "1"})


def _groups(group):
    yield group
    for part in group["parts"]:
        if "join" in part:
            yield from _groups(part)


def shown(answer: Any) -> QueryDict:
    """Return the parameters of the list that an answer leads to."""
    return QueryDict(answer.url.partition("?")[2])


@pytest.fixture
def deep(page, user):
    """The list of one's customers in segment B or C, as the builder gives it back."""
    CustomerFactory(name="Bee", owner=user, segment=segment("B"))
    CustomerFactory(name="Cee", owner=user, segment=segment("C"))
    CustomerFactory(name="Aa", owner=user, segment=segment("A"))
    CustomerFactory(name="Other's", segment=segment("B"))
    return posted(page, "mine=true&sort=-name&columns=name", group_of("B", "C"))


def test_builder_begins_with_the_filters_of_the_list(page):
    data = fields_of(page.get(conditions(f"mine=true&segment={segment('B').pk}&sort=-name")))
    assert {part["field"]: part["values"] for part in tree_of(data)["parts"]} == {
        "customer.owner": {"op": "me"},
        "customer.segment": {"op": "is", "rows": [segment("B").pk]},
    }


def test_list_comes_back_with_its_filters_and_one_more_for_what_they_cannot_say(page, deep):
    query = shown(deep)
    made = Selection.objects.get()
    assert deep.url.startswith(LIST)
    assert {name: query.getlist(name) for name in query} == {
        "mine": ["true"], "sort": ["-name"], "columns": ["name"], "conditions": [str(made.pk)],
    }  # fmt: skip
    response = page.get(deep.url)
    assert rows(response) == ["Cee", "Bee"]
    assert response.context["deeper"].value == made.words_en
    assert "More conditions: " in response.text


def test_condition_of_the_first_level_becomes_the_filter_that_says_it(page):
    new = {"id": 10, "field": "customer.last_contact", "values": {"when": "not_last", "days": 60}}
    assert shown(posted(page, "mine=true", new)).dict() == {"mine": "true", "last_contact": "60"}
    assert not Selection.objects.exists()


def test_filter_that_was_taken_out_in_the_builder_is_off(page):
    answer = page.post(conditions("mine=true&obliged=true&sort=-name"), {"tree": "{}", "save": "1"})
    assert shown(answer).dict() == {"sort": "-name"}


def test_list_without_any_condition_left_opens_whole(page):
    assert page.post(conditions("mine=true"), {"tree": "{}", "save": "1"}).url == f"{LIST}?view=all"


@pytest.mark.parametrize(
    "query",
    [
        "mine=true", "no_owner=true", "no_segment=true", "no_group=true", "no_municipality=true", "waiting=true",
        "last_contact=30", "never_contacted=true", "open_offers=true", "ordered_from=10", "no_order_since=2026-01-01",
        "region=Uusimaa&region=Lappi", "organisation_form=company", "language=fi", "source=Rek", "obliged=true",
        "q=kone", "mine=true&no_order_since=2026-01-01&language=sv",
    ],
)  # fmt: skip
def test_each_filter_is_the_same_filter_again_after_the_builder(rf, user, query):
    request = rf.get(LIST)
    request.user = user
    said, rest = filters_of_tree("customers", tree_of_list("customers", query, request)[0], request)
    assert {name: sorted(values) for name, values in said.lists()} == {
        name: sorted(values) for name, values in QueryDict(query).lists()
    }
    assert not rest.parts


def test_filters_by_rows_are_the_same_again_after_the_builder(page, user):
    espoo = Municipality.objects.get(name_fi="Espoo")
    query = QueryDict(f"municipality={espoo.pk}&segment={segment('B').pk}&segment={segment('A').pk}&owner={user.pk}")
    again = shown(posted(page, query.urlencode()))
    assert {name: sorted(again.getlist(name)) for name in again} == {
        name: sorted(query.getlist(name)) for name in query
    }


def test_state_that_the_list_asks_for_stays(client):
    admin = UserFactory(grants=["customers.manage_passive"])
    client.force_login(admin)
    assert shown(posted(client, "state=all&mine=true")).dict() == {"state": "all", "mine": "true"}
    assert shown(posted(client, "state=passive&mine=true")).dict() == {"state": "passive", "mine": "true"}


def test_conditions_that_are_opened_again_are_in_the_tree_and_stay_the_same_row(page, deep):
    query = deep.url.partition("?")[2]
    fields = [part.get("field", part.get("join")) for part in tree_of(fields_of(page.get(conditions(query))))["parts"]]
    assert fields == ["customer.owner", "any"]
    again = posted(page, query)
    assert shown(again)["conditions"] == shown(deep)["conditions"]
    assert Selection.objects.count() == 1


def test_conditions_are_incomplete_until_they_are_filled_in(page):
    tree = '{"join": "all", "parts": [{"id": 2, "field": "customer.segment", "values": {}}]}'
    answer = page.post(conditions("mine=true"), {"tree": tree, "r2-op": "is", "save": "1"})
    assert answer.status_code == 422
    assert "Fill in the conditions that are marked" in answer.text
    assert not Selection.objects.exists()


def test_preview_counts_what_the_list_will_show(page, deep):
    query = deep.url.partition("?")[2]
    data = fields_of(page.get(conditions(query)))
    tree = tree_of(data)
    form = {"tree": data["tree"]}
    for group in _groups(tree):
        for part in group["parts"]:
            form |= {f"r{part['id']}-{name}": value for name, value in part.get("values", {}).items()}
    assert page.post(conditions(query), {**form, "preview": "1"}).context["count"] == 2


def test_export_and_api_have_the_rows_of_the_conditions(page, user, deep):
    text = page.get(f"{deep.url}&export=csv").getvalue().decode()
    assert "Bee" in text
    assert "Aa" not in text
    api = APIClient()
    api.force_authenticate(user)
    answer = api.get("/api/v1/customers/", {"conditions": shown(deep)["conditions"], "mine": "true"}).json()
    assert sorted(row["name"] for row in answer["results"]) == ["Bee", "Cee"]


def test_conditions_of_contacts_hold_for_the_same_person(page):
    person = ContactFactory(last_name="Aho", language="sv")
    ContactFactory(last_name="Bergman", language="sv")
    ContactFactory(last_name="Carlson")
    either = {
        "id": 10, "join": "none",
        "parts": [{"id": 11, "field": "contact.search", "values": {"text": "bergman"}}],
    }  # fmt: skip
    answer = posted(page, "language=sv", either, of="contacts")
    assert answer.url.startswith("/contacts/?language=sv&conditions=")
    assert [row.object for row in page.get(answer.url).context["table"].rows] == [Contact.objects.get(pk=person.pk)]


def test_conditions_of_a_list_are_in_no_list_of_selections(page, user, deep):
    made = Selection.objects.get()
    assert not Selection.objects.usable_by(user).exists()
    assert page.get(f"/selections/{made.pk}/").status_code == 404
    assert page.get(LIST, {"selection": made.pk}).status_code == 400
    api = APIClient()
    api.force_authenticate(user)
    assert api.get("/api/v1/selections/").json()["results"] == []


def test_conditions_of_another_user_are_no_filter(client, deep):
    client.force_login(UserFactory())
    response = client.get(deep.url)
    assert response.status_code == 400
    assert rows(response) == []
    assert client.get(conditions(deep.url.partition("?")[2]), follow=True).redirect_chain[0][0] == LIST


def test_named_selection_is_no_condition_of_a_list(page, user):
    named = Selection.objects.create(name="Nimi", owner=user)
    assert page.get(LIST, {"conditions": named.pk}).status_code == 400


def test_view_keeps_the_conditions_and_shows_them_to_those_it_is_shared_with(client, user, deep):
    colleague = UserFactory(language="en")
    CustomerFactory(name="Theirs", owner=colleague, segment=segment("C"))
    view = view_create(user=user, list="customers:list", query=deep.url.partition("?")[2], name="B tai C")
    assert "More conditions: " in view.words_en
    assert SelectionReference.objects.get(view=view).target == Selection.objects.get()
    client.force_login(colleague)
    assert client.get(LIST, {"view": view.pk}).status_code == 400
    SavedView.objects.filter(pk=view.pk).update(sharing="all")
    assert rows(client.get(LIST, {"view": view.pk})) == ["Theirs"]


def test_view_follows_a_merge_and_tells_of_a_retired_class_within_its_conditions(page, user):
    for name, code in (("Bee", "suppliers"), ("Cee", "education_organisations"), ("Aa", "authorities")):
        CustomerFactory(name=name, owner=user, group=kind(code))
    values = [{"op": "is", "rows": [kind(code).pk]} for code in ("suppliers", "education_organisations")]
    rules = [{"id": 20 + at, "field": "customer.group", "values": value} for at, value in enumerate(values)]
    deep = posted(page, "mine=true&sort=-name&columns=name", {"id": 10, "join": "any", "parts": rules})
    view = view_create(user=user, list="customers:list", query=deep.url.partition("?")[2], name="Ryhmät")
    CLASSES.merge(kind("education_organisations"), kind("authorities"))
    assert rows(page.get(LIST, {"view": view.pk})) == ["Cee", "Bee", "Aa"]
    assert not read(view).faults
    CLASSES.retire(kind("suppliers"))
    assert [fault.text for fault in read(view).faults] == [f"Class “{kind('suppliers')}” was retired."]


def test_view_says_which_segment_within_its_conditions_was_retired(page, user, deep):
    view = view_create(user=user, list="customers:list", query=deep.url.partition("?")[2], name="B tai C")
    segment_set_retired(segment=segment("B"), retired=True)
    assert [fault.text for fault in read(view).faults] == [f"Segment “{segment('B')}” was retired."]


def test_changed_conditions_are_a_change_of_the_view_that_is_open(page, user, deep):
    view = view_create(user=user, list="customers:list", query=deep.url.partition("?")[2], name="B tai C")
    again = posted(page, f"{deep.url.partition('?')[2]}&view={view.pk}", group_of("A", "B") | {"id": 30})
    state = page.get(again.url).context["list_state"]
    assert (state["view"], state["is_changed"]) == (view, True)


def test_list_is_left_in_the_state_that_the_builder_gave_it(client, user, deep):
    client.force_login(user)
    browser = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
    client.get(deep.url, headers={**browser, "Referer": f"http://testserver{conditions('mine=true')}"})
    opened = client.get(LIST, headers=browser)
    assert shown(opened)["conditions"] == shown(deep)["conditions"]


def test_save_as_selection_keeps_filters_and_deeper_conditions_in_one_tree(page, user, deep):
    answer = page.post("/selections/save/", {"of": "customers", "query": deep.url.partition("?")[2]})
    selection = Selection.objects.usable_by(user).get()
    assert answer.url == f"{LIST}?selection={selection.pk}"
    first, second = store.read(selection).tree.parts
    assert (first.field, second.join) == ("customer.owner", "any")
    assert rows(page.get(answer.url)) == ["Bee", "Cee"]


def test_search_alone_can_be_saved_as_a_selection_too(page):
    assert b"save-selection" in page.get(LIST, {"q": "kone"}).content


def test_person_in_the_conditions_is_one_and_the_same(page, user):
    CustomerFactory(name="In")
    person = {
        "id": 10, "join": "all", "relation": "person",
        "parts": [{"id": 11, "field": "person.role", "values": {"op": "is", "rows": [role("decision_maker").pk]}}],
    }  # fmt: skip
    answer = posted(page, "", person)
    assert rows(page.get(answer.url)) == []
    assert ClassReference.objects.get(selection=shown(answer)["conditions"]).target == role("decision_maker")


def test_conditions_that_no_view_has_are_forgotten_after_a_month(page, user, deep):
    [kept] = Selection.objects.all()
    old = kept.created_at - KEPT - dt.timedelta(hours=1)
    Selection.objects.update(created_at=old)
    view = view_create(user=user, list="customers:list", query=deep.url.partition("?")[2], name="B tai C")
    shared_delete(view)
    fresh = Selection.objects.get(pk=shown(posted(page, "mine=true", group_of("A", "B")))["conditions"])
    alone = Selection.objects.get(pk=shown(posted(page, "mine=true", group_of("A", "C")))["conditions"])
    Selection.objects.filter(pk=alone.pk).update(created_at=old)
    Selection.objects.create(name="Nimi", owner=user)
    assert conditions_sweep() == 1
    assert set(Selection.objects.filter(is_unnamed=True)) == {kept, fresh}
    assert Selection.objects.filter(name="Nimi").exists()


def test_any_of_segments_of_two_schemes_is_no_filter_of_the_list(page, rf, user):
    """Each scheme has its own filter; the condition of a selection says one of both."""
    first = SegmentFactory(scheme=SchemeFactory())
    rows = [first.pk, SegmentFactory(scheme=SchemeFactory()).pk]
    tree = Group(1, parts=(Rule(2, "customer.further_segment", {"op": "is", "rows": rows}),))
    request = rf.get(LIST)
    request.user = user
    said, rest = filters_of_tree("customers", tree, request)
    assert not said
    assert [rule.values["rows"] for rule in rules_of(rest)] == [rows]
    one = Group(1, parts=(Rule(2, "customer.further_segment", {"op": "is", "rows": rows[:1]}),))
    assert filters_of_tree("customers", one, request)[0].getlist(f"segment_{first.scheme_id}") == [str(rows[0])]
