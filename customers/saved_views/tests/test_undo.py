"""What was changed in a saved view is said with a button that puts it back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from accounts.models import Role
from accounts.tests.factories import TeamFactory, UserFactory
from core.exceptions import BusinessRuleError
from core.notices import notice_of
from customers.saved_views.models import DefaultView, RoleView, SavedView, ViewFavourite
from customers.saved_views.services import view_change, view_undo
from customers.saved_views.tests.conftest import LIST, view_of
from customers.selections.models import SegmentReference
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


def undo_of(response: Any) -> str:
    """Return the address of the undo that the page says."""
    [message] = response.context["messages"]
    return notice_of(message).undo


def fresh(view: Any) -> SavedView:
    return SavedView.objects.get(pk=view.pk)


def test_updated_view_shows_again_what_it_showed(page, user):
    view = view_of(user, f"segment={segment('B').pk}&sort=-name&columns=name")
    said = page.post(f"/views/{view.pk}/update/", {"query": "mine=true"}, follow=True)
    assert fresh(view).words_en.startswith("My customers;")
    back = page.post(undo_of(said), follow=True)
    assert fresh(view).words_en == f"Segment: {segment('B')}; sorted by Customer, descending; columns: Customer"
    assert SegmentReference.objects.get(view=view).target == segment("B")
    page.post(undo_of(back))
    assert fresh(view).words_en.startswith("My customers;")


def test_renamed_and_shared_view_has_its_name_and_its_team_again(page, user):
    team = TeamFactory(members=[user])
    view = view_of(user, "mine=true", name="Vanha", folder="Kansio", sharing="team", team=team)
    form = {"name": "Uusi", "sharing": "own", "version": view.version}
    said = page.post(f"/views/{view.pk}/edit/", form, follow=True)
    assert (fresh(view).name, fresh(view).team) == ("Uusi", None)
    page.post(undo_of(said))
    found = fresh(view)
    assert (found.name, found.folder, found.sharing, found.team) == ("Vanha", "Kansio", "team", team)


def test_undo_gives_the_groups_their_default_back(client):
    admin = UserFactory(grants=["accounts.manage_users", "selections.share_with_all"])
    view = view_of(admin, "", sharing="all")
    row = RoleView.objects.create(role=Role.objects.first(), list=view.list, view=view)
    view_change(view=view, user=admin, sharing="own")
    assert not RoleView.objects.exists()
    view_undo(view=view, user=admin)
    assert RoleView.objects.get().role == row.role


def test_nothing_is_undone_of_a_view_that_was_changed_again(page, user):
    view = view_of(user, "mine=true")
    view_change(view=view, user=user, query="no_owner=true")
    SavedView.objects.filter(pk=view.pk).update(version=9)
    with pytest.raises(BusinessRuleError, match="changed again"):
        view_undo(view=view, user=user)
    said = page.post(f"/views/{view.pk}/undo/", follow=True)
    assert [message.level_tag for message in said.context["messages"]] == ["danger"]
    assert fresh(view).words_en.startswith("No owner;")


def test_undo_is_for_those_who_may_change_the_view(client, user):
    view = view_of(UserFactory(), "mine=true")
    view_change(view=view, user=view.owner, query="no_owner=true")
    client.force_login(user)
    assert client.post(f"/views/{view.pk}/undo/").status_code == 404
    SavedView.objects.filter(pk=view.pk).update(sharing="all")
    assert client.post(f"/views/{view.pk}/undo/").status_code == 403


def test_new_view_deleted_view_and_restored_view_are_undone(page, user):
    said = page.post("/views/new/?list=customers:list&query=mine%3Dtrue", {"name": "N", "sharing": "own"}, follow=True)
    said = page.post(undo_of(said), follow=True)
    assert not SavedView.objects.alive().exists()
    said = page.post(undo_of(said), follow=True)
    assert SavedView.objects.alive().exists()
    page.post(undo_of(said))
    assert not SavedView.objects.alive().exists()


@pytest.mark.parametrize(("name", "model"), [("favourite", ViewFavourite), ("default", DefaultView)])
def test_menu_and_default_are_taken_back(page, user, name, model):
    view = view_of(user, "mine=true")
    said = page.post(f"/views/{view.pk}/{name}/", {"next": LIST}, follow=True)
    assert model.objects.exists()
    page.post(undo_of(said))
    assert not model.objects.exists()


def test_who_no_longer_sees_the_view_after_the_change_gets_to_the_list_of_views(client):
    admin = UserFactory(grants=["selections.share_with_all"])
    view = view_of(UserFactory(), "mine=true")
    SavedView.objects.filter(pk=view.pk).update(sharing="all")
    client.force_login(admin)
    said = client.post(f"/views/{view.pk}/edit/", {"name": "X", "sharing": "own", "version": view.version}, follow=True)
    assert said.redirect_chain == [("/views/", 302)]
    assert undo_of(said) == ""


@pytest.mark.parametrize("name", ["undo", "restore"])
def test_page_says_that_there_is_nothing_to_undo_or_restore_instead_of_asking(page, user, name):
    view = view_of(user, "mine=true")
    response = page.get(f"/views/{view.pk}/{name}/")
    assert response.status_code == 200
    content = response.content.decode()
    assert f"there is nothing to {name}" in content
    assert f'action="/views/{view.pk}/{name}/"' not in content


def test_page_says_that_the_view_was_changed_again(page, user):
    view = view_of(user, "mine=true")
    view_change(view=view, user=user, query="no_owner=true")
    assert "Undo the last change" in page.get(f"/views/{view.pk}/undo/").content.decode()
    SavedView.objects.filter(pk=view.pk).update(version=9)
    assert "has been changed again" in page.get(f"/views/{view.pk}/undo/").content.decode()


def test_undo_of_a_new_view_brings_back_the_list_as_it_was(page, user):
    query = "mine=true&sort=-name"
    address = f"/views/new/?{urlencode({'list': 'customers:list', 'query': query})}"
    said = page.post(address, {"name": "Omat", "sharing": "own"}, follow=True)
    assert page.post(undo_of(said)).url == f"{LIST}?{query}"
    assert not SavedView.objects.alive().exists()
