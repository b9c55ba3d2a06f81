"""What was changed in a selection is said with a button that puts it back."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import TeamFactory, UserFactory
from core.conditions import tree as trees
from core.conditions.forms import checked
from core.exceptions import BusinessRuleError
from customers.models import Municipality
from customers.saved_views.tests.test_undo import undo_of
from customers.selections import store
from customers.selections.models import MunicipalityReference, Selection, SelectionFavourite
from customers.selections.services import selection_change, selection_undo
from customers.selections.tests.conftest import group, rule, selection_of
from customers.selections.tests.test_pages import fields_of
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


def fresh(selection: Any) -> Selection:
    return Selection.objects.get(pk=selection.pk)


def other_tree(user):
    return checked(trees.read(group(rule("customer.name", op="contains", text="kone"))), "customer", user)


def test_condition_folder_and_sharing_are_as_they_were(page, user):
    team = TeamFactory(members=[user])
    in_b = rule("customer.segment", op="is", rows=[segment("B").pk])
    selection = selection_of(user, in_b, name="Vanha", folder="A", sharing="team", team=team)
    url = f"/selections/{selection.pk}/edit/"
    data = fields_of(page.get(url))
    form = {**data, "r2-op": "is", "r2-rows": [segment("C").pk], "name": "Uusi", "version": "1", "save": "1"}
    said = page.post(url, form, follow=True)
    assert (fresh(selection).name, fresh(selection).sharing) == ("Uusi", "own")
    back = page.post(undo_of(said), follow=True)
    found = fresh(selection)
    assert (found.name, found.folder, found.sharing, found.team) == ("Vanha", "A", "team", team)
    assert trees.rules_of(store.read(found).tree)[0].values["rows"] == [segment("B").pk]
    assert found.words_en == f"Segment: {segment('B')}"
    page.post(undo_of(back))
    assert fresh(selection).name == "Uusi"
    assert trees.rules_of(store.read(fresh(selection)).tree)[0].values["rows"] == [segment("C").pk]


def test_nothing_is_undone_of_a_selection_that_was_changed_again(user):
    selection = selection_of(user, rule("customer.owner", op="me"))
    changed = selection_change(selection=selection, user=user, tree=other_tree(user))
    Selection.objects.filter(pk=changed.pk).update(version=7)
    with pytest.raises(BusinessRuleError, match="changed again"):
        selection_undo(selection=changed)
    assert fresh(selection).words_en.startswith("Name")


def test_condition_whose_rows_were_deleted_is_not_put_back(user):
    town = Municipality.objects.create(code="998", name_fi="Kylä", name_sv="By", region="Uusimaa")
    selection = selection_of(user, rule("customer.municipality", op="is", rows=[town.pk]))
    selection_change(selection=selection, user=user, tree=other_tree(user))
    town.delete()
    with pytest.raises(BusinessRuleError, match="deleted"):
        selection_undo(selection=selection)
    assert not MunicipalityReference.objects.filter(selection=selection).exists()


def test_undo_is_for_those_who_may_change_the_selection(client, user):
    selection = selection_of(UserFactory(), rule("customer.owner", op="me"))
    client.force_login(user)
    assert client.post(f"/selections/{selection.pk}/undo/").status_code == 404
    Selection.objects.filter(pk=selection.pk).update(sharing="all")
    assert client.post(f"/selections/{selection.pk}/undo/").status_code == 403


def test_saved_deleted_and_restored_selections_are_undone(page, user):
    said = page.post("/selections/save/", {"of": "customers", "query": "mine=true"}, follow=True)
    said = page.post(undo_of(said), follow=True)
    assert not Selection.objects.alive().exists()
    said = page.post(undo_of(said), follow=True)
    assert Selection.objects.alive().exists()
    page.post(undo_of(said))
    assert not Selection.objects.alive().exists()


@pytest.mark.parametrize("name", ["copy", "freeze"])
def test_what_was_made_of_a_selection_is_deleted_again(page, user, name):
    selection = selection_of(user, rule("customer.owner", op="me"))
    said = page.post(f"/selections/{selection.pk}/{name}/", {"name": "Toinen"}, follow=True)
    assert Selection.objects.alive().count() == 2
    page.post(undo_of(said))
    assert Selection.objects.alive().get() == selection


def test_menu_is_taken_back(page, user):
    selection = selection_of(user, rule("customer.owner", op="me"))
    said = page.post(f"/selections/{selection.pk}/favourite/", follow=True)
    assert SelectionFavourite.objects.exists()
    page.post(undo_of(said))
    assert not SelectionFavourite.objects.exists()


def test_page_says_that_there_is_nothing_to_undo_instead_of_asking(page, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="a"))
    content = page.get(f"/selections/{selection.pk}/undo/").content.decode()
    assert "there is nothing to undo" in content
    assert f'action="/selections/{selection.pk}/undo/"' not in content


def test_undo_of_save_as_selection_brings_back_the_list_where_one_was(page, user):
    back = "/customers/?mine=true&sort=-name"
    said = page.post("/selections/save/", {"of": "customers", "query": "mine=true", "next": back}, follow=True)
    undone = page.post(undo_of(said))
    assert undone.url == back
    assert not Selection.objects.alive().exists()
