"""The pages of selections: the builder without JavaScript, the list, actions, who may do what."""

from __future__ import annotations

import json
import re

import pytest
from django.test import RequestFactory

from accounts.tests.factories import TeamFactory, UserFactory
from core.notices import notice_of
from customers.favourites import menu_rows
from customers.selections.models import Selection, SelectionFavourite
from customers.selections.tests.conftest import kind, rule, selection_of
from customers.tests.factories import CustomerFactory
from segmentation.membership.tests.factories import segment
from segmentation.schemes.services.schemes import segment_set_retired

pytestmark = pytest.mark.django_db
NEW = "/selections/new/"


def fields_of(response):
    """Return what the browser would send of the builder's form, read from its page."""
    html = response.content.decode()
    form = html[html.index('<form id="builder"') :]
    tree = re.search(r'name="tree" value="([^"]*)"', form)[1].replace("&quot;", '"')
    return {"tree": tree, "sharing": "own"}


def tree_of(data):
    return json.loads(data["tree"])


def test_condition_is_built_and_saved_without_javascript(page, user):
    CustomerFactory(name="In", segment=segment("B"))
    CustomerFactory(name="Out")
    added = page.post(NEW, {**fields_of(page.get(NEW)), "add": "customer.segment", "name": ""})
    assert added.status_code == 200
    data = {**fields_of(added), "r2-op": "is", "r2-rows": [segment("B").pk], "name": "B-asiakkaat"}
    counted = page.post(NEW, {**data, "preview": "1"})
    assert counted.context["count"] == 1
    assert counted.context["words"] == f"Segment: {segment('B')}"
    saved = page.post(NEW, {**data, "in_menu": "1", "save": "1"})
    selection = Selection.objects.get()
    assert saved.url == f"/selections/{selection.pk}/"
    assert (selection.name, selection.owner, selection.sharing) == ("B-asiakkaat", user, "own")
    assert SelectionFavourite.objects.filter(user=user, selection=selection).exists()
    assert [row.name for row in page.get(saved.url).context["sample"]] == ["In"]


def test_what_is_filled_in_stays_when_another_condition_is_added_or_removed(page):
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "add": "customer.segment"}))
    data = fields_of(page.post(NEW, {**data, "r2-op": "is", "r2-rows": [segment("B").pk], "add": "customer.name"}))
    parts = tree_of(data)["parts"]
    assert parts[0]["values"] == {"op": "is", "rows": [segment("B").pk]}
    left = page.post(NEW, {**data, "r2-op": "is", "r2-rows": [segment("B").pk], "drop": "3"})
    assert [part["field"] for part in tree_of(fields_of(left))["parts"]] == ["customer.segment"]


def test_group_takes_the_conditions_that_are_added_to_it(page):
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "group": "any"}))
    data = fields_of(page.post(NEW, {**data, "into": "2", "add": "customer.name"}))
    data = fields_of(page.post(NEW, {**data, "into": "2", "g2-join": "none", "add": "customer.segment"}))
    [group] = tree_of(data)["parts"]
    assert group["join"] == "none"
    assert [part["field"] for part in group["parts"]] == ["customer.name", "customer.segment"]


def test_condition_that_is_too_large_says_so_when_one_more_is_added(page, monkeypatch):
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "add": "customer.name"}))
    monkeypatch.setattr("core.conditions.tree.MOST_NODES", 2)
    response = page.post(NEW, {**data, "add": "customer.name"})
    assert len(tree_of(fields_of(response))["parts"]) == 1
    assert "at most 2 parts" in response.content.decode()


def test_group_about_a_person_offers_the_conditions_on_persons(page):
    response = page.post(NEW, {**fields_of(page.get(NEW)), "add": "customer.person"})
    builder = response.context["builder"]
    keys = {entry.key for section in builder.sections for entry in section.entries}
    assert builder.into == 2
    assert "person.role" in keys
    assert "customer.segment" not in keys


def test_ready_condition_is_added_filled_in(page):
    response = page.post(NEW, {**fields_of(page.get(NEW)), "preset": "customer.decision_maker"})
    [group] = tree_of(fields_of(response))["parts"]
    assert (group["relation"], group["parts"][0]["field"]) == ("person", "person.role")


def test_incomplete_condition_is_refused_at_its_field(page):
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "add": "customer.segment"}))
    response = page.post(NEW, {**data, "r2-op": "is", "name": "X", "save": "1"})
    assert response.status_code == 422
    assert "Fill this in." in response.content.decode()
    assert not Selection.objects.exists()


def test_selection_without_a_condition_or_a_name_is_refused(page):
    empty = page.post(NEW, {**fields_of(page.get(NEW)), "name": "X", "save": "1"})
    assert empty.status_code == 422
    assert "Add at least one condition." in empty.content.decode()
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "preset": "customer.mine"}))
    nameless = page.post(NEW, {**data, "r2-op": "me", "name": "", "save": "1"})
    assert nameless.context["form"].errors["name"]
    assert not Selection.objects.exists()


@pytest.mark.parametrize("tree", ["", "x", "[]", '{"join": "all", "parts": [1]}', '{"join": 1}', "[" * 3_000])
def test_broken_structure_is_an_empty_condition(page, tree):
    response = page.post(NEW, {"tree": tree, "add": "customer.name"})
    assert [part.id for part in response.context["builder"].tree.parts] == [2]


def test_change_keeps_the_name_and_replaces_the_condition(page, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="kone"), name="Koneet")
    url = f"/selections/{selection.pk}/edit/"
    data = {**fields_of(page.get(url)), "r2-op": "contains", "r2-text": "talo", "name": "Koneet", "version": "1"}
    assert page.post(url, {**data, "save": "1"}).status_code == 302
    selection.refresh_from_db()
    assert selection.words_en == "Name: contains “talo”"


def test_change_of_an_older_version_is_refused(page, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="kone"), name="Koneet")
    url = f"/selections/{selection.pk}/edit/"
    data = {**fields_of(page.get(url)), "r2-op": "contains", "r2-text": "talo", "name": "Koneet", "version": "0"}
    response = page.post(url, {**data, "save": "1"})
    assert response.status_code == 422
    assert "Someone else has changed this" in response.content.decode()


def test_other_users_see_shared_selections_but_do_not_change_them(page, user):
    owner = UserFactory(grants=["selections.share_with_all"])
    condition = rule("customer.name", op="contains", text="a")
    shared = selection_of(owner, condition, name="Shared", sharing="all")
    private = selection_of(owner, condition, name="Private")
    assert page.get(f"/selections/{shared.pk}/").status_code == 200
    assert page.get(f"/selections/{private.pk}/").status_code == 404
    assert page.get(f"/selections/{shared.pk}/edit/").status_code == 403
    assert page.post(f"/selections/{shared.pk}/delete/").status_code == 403
    assert page.post(f"/selections/{private.pk}/favourite/").status_code == 404


def test_sharing_with_everyone_is_for_those_who_may(page, user):
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "preset": "customer.mine"}))
    response = page.post(NEW, {**data, "r2-op": "me", "name": "X", "sharing": "all", "save": "1"})
    assert response.status_code == 422
    assert response.context["form"].errors["sharing"]


def test_sharing_with_a_team_needs_one_of_ones_own(page, user):
    team, foreign = TeamFactory(), TeamFactory()
    team.members.add(user)
    data = fields_of(page.post(NEW, {**fields_of(page.get(NEW)), "preset": "customer.mine"}))
    data |= {"r2-op": "me", "name": "X", "sharing": "team", "save": "1"}
    assert page.post(NEW, {**data, "team": foreign.pk}).context["form"].errors["team"]
    assert page.post(NEW, {**data, "team": team.pk}).status_code == 302
    assert Selection.objects.get().team == team


def test_list_shows_own_and_shared_ones_by_folder(page, user):
    owner = UserFactory(grants=["selections.share_with_all"])
    condition = rule("customer.name", op="contains", text="a")
    selection_of(user, condition, name="B", folder="Kevät")
    selection_of(user, condition, name="Z")
    selection_of(owner, condition, name="Shared", sharing="all")
    selection_of(owner, condition, name="Private")
    response = page.get("/selections/")
    assert [row.object.name for row in response.context["table"].rows] == ["Shared", "Z", "B"]
    assert [name for name, _url, _open in response.context["folders"]] == ["Kevät"]
    assert [row.object.name for row in page.get("/selections/?folder=Kevät").context["table"].rows] == ["B"]
    assert [row.object.name for row in page.get("/selections/?tab=mine").context["table"].rows] == ["Z", "B"]


def test_deleted_selection_leaves_the_menu_and_comes_back_by_undo(page, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="a"), name="Koneet")
    page.post(f"/selections/{selection.pk}/favourite/")
    assert [item["name"] for item in page.get("/start/").context["nav_selections"]] == ["Koneet"]
    response = page.post(f"/selections/{selection.pk}/delete/", follow=True)
    message = list(response.context["messages"])[-1]
    assert notice_of(message).undo == f"/selections/{selection.pk}/restore/"
    assert list(response.context["nav_selections"]) == []
    page.post(f"/selections/{selection.pk}/restore/")
    assert [item["name"] for item in page.get("/start/").context["nav_selections"]] == ["Koneet"]


def test_copy_is_ones_own(page, user):
    owner = UserFactory(grants=["selections.share_with_all"])
    shared = selection_of(owner, rule("customer.name", op="contains", text="a"), name="Shared", sharing="all")
    page.post(f"/selections/{shared.pk}/copy/", {"name": "Mine"})
    copy = Selection.objects.get(name="Mine")
    assert (copy.owner, copy.sharing, copy.words_en) == (user, "own", shared.words_en)


def test_two_selections_are_compared_and_combined(page, user):
    CustomerFactory(name="Kone ja talo")
    CustomerFactory(name="Kone")
    CustomerFactory(name="Talo")
    first = selection_of(user, rule("customer.name", op="contains", text="kone"), name="Koneet")
    second = selection_of(user, rule("customer.name", op="contains", text="talo"), name="Talot")
    parts = page.get(f"/selections/{first.pk}/compare/", {"second": second.pk}).context["parts"]
    assert [[row.name for row in part["sample"]] for part in parts] == [["Kone ja talo"], ["Kone"], ["Talo"]]
    for how, found in {"and": 1, "minus": 1, "or": 3}.items():
        data = {"how": how, "second": second.pk, "name": how}
        url = page.post(f"/selections/{first.pk}/combine/", data).url
        assert page.get(url).context["count"] == found


def test_freezing_keeps_the_rows_of_now(page, user):
    CustomerFactory(name="Kone")
    live = selection_of(user, rule("customer.name", op="contains", text="kone"))
    url = page.post(f"/selections/{live.pk}/freeze/", {"name": "Frozen"}).url
    CustomerFactory(name="Kone 2")
    assert page.get(url).context["count"] == 1


def test_fault_is_shown_on_the_page_and_in_the_builder(page, user):
    selection = selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]))
    segment_set_retired(segment=segment("B"), retired=True)
    for url in (f"/selections/{selection.pk}/", f"/selections/{selection.pk}/edit/"):
        assert "was retired" in page.get(url).content.decode()


def test_history_tells_changes_of_the_condition_in_words(page, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="kone"), name="Koneet")
    url = f"/selections/{selection.pk}/edit/"
    data = {**fields_of(page.get(url)), "r2-op": "contains", "r2-text": "talo", "name": "Koneet"}
    page.post(url, {**data, "save": "1"})
    entries = page.get(f"/selections/{selection.pk}/history/").context["entries"]
    changes = [(change.label, change.old, change.new) for change in entries[0].changes]
    assert changes == [("condition", "Name: contains “kone”", "Name: contains “talo”")]


def test_count_and_rows_are_asked_in_few_queries_whatever_the_number(page, user, django_assert_max_num_queries):
    selection = selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]))
    for _number in range(3):
        CustomerFactory(segment=segment("B"))
    page.get(f"/selections/{selection.pk}/")
    with django_assert_max_num_queries(22):
        page.get(f"/selections/{selection.pk}/")


def test_anonymous_visitors_go_to_sign_in(client):
    for url in ("/selections/", NEW):
        assert client.get(url).status_code == 302


def test_who_retires_a_class_hears_how_many_selections_name_it(client, user):
    keeper = UserFactory(grants=["customers.manage_classification"], language="en")
    selection_of(user, rule("customer.group", op="is", rows=[kind().pk]))
    client.force_login(keeper)
    assert b"1 selection names it." in client.get(f"/classifications/{kind().pk}/retire/").content


def test_menu_of_customers_and_selections_is_read_by_one_query(page, user, django_assert_num_queries):
    customer = CustomerFactory(name="Oma")
    selection = selection_of(user, rule("customer.name", op="contains", text="a"), name="Koneet")
    page.post(f"/customers/{customer.pk}/favourite/")
    page.post(f"/selections/{selection.pk}/favourite/")
    request = RequestFactory().get("/")
    request.user = user
    assert not user.has_perm("customers.manage_passive")  # the grants are read before
    with django_assert_num_queries(1):
        rows = menu_rows(request)
    assert [(row.kind, row.name) for row in rows] == [("customers", "Koneet"), ("customer", "Oma")]
