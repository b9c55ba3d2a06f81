"""The pages of saved views: saving, the menu, updating, sharing, deleting, defaults of groups."""

from __future__ import annotations

import pytest

from accounts.models import Role
from accounts.tests.factories import TeamFactory, UserFactory
from customers.saved_views.models import DefaultView, RoleView, SavedView, ViewFavourite
from customers.saved_views.tests.conftest import LIST, names, view_of
from customers.selections.sharing import shared_delete
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NEW = "/views/new/?list=customers:list&query=mine%3Dtrue%26sort%3D-name"


def test_state_of_a_list_is_saved_under_a_name_in_the_menu_and_as_the_default(page, user):
    assert "My customers; sorted by Customer, descending" in page.get(NEW).content.decode()
    answer = page.post(NEW, {"name": "Omat", "sharing": "own", "in_menu": "on", "is_default": "on"})
    view = SavedView.objects.get()
    assert answer.url == f"{LIST}?view={view.pk}"
    assert (view.name, view.owner, view.list) == ("Omat", user, "customers:list")
    assert ViewFavourite.objects.filter(user=user, view=view).exists()
    assert DefaultView.objects.get(user=user).view == view


def test_form_of_a_view_opens_in_the_dialog_with_the_folders_in_use(page, user):
    view = view_of(user, "mine=true", folder="Kevät")
    dialog = {"HX-Request": "true", "HX-Target": "dialog"}
    for url in (NEW, f"/views/{view.pk}/edit/"):
        answer = page.get(url, headers=dialog)
        assert 'hx-target="#dialog"' in answer.text
        assert '<option value="Kevät">' in answer.text


def test_view_of_a_list_that_one_may_not_open_is_not_found(page):
    assert page.get("/views/new/?list=core:jobs").status_code == 404
    assert page.get("/views/new/?list=nothing:here").status_code == 404


def test_views_of_one_list_are_chosen_by_the_list(page, user):
    view_of(user, "mine=true", name="Omat asiakkaani")
    answer = page.get("/views/", {"list": "customers:list"})
    assert answer.status_code == 200
    assert "Omat asiakkaani" in answer.text
    assert "Omat asiakkaani" not in page.get("/views/", {"list": "contacts:list"}).text


def test_list_page_offers_to_save_what_it_shows(page, user):
    CustomerFactory(owner=user)
    html = page.get(LIST, {"mine": "true"}).content.decode()
    assert "/views/new/?list=customers%3Alist&amp;query=mine%3Dtrue%26sort%3Dname" in html


def test_favourite_view_is_in_the_side_menu(page, user):
    view = view_of(user, "mine=true", name="Omat asiakkaani", in_menu=True)
    link = f'href="{LIST}?view={view.pk}"'
    assert link in page.get("/selections/").content.decode()
    page.post(f"/views/{view.pk}/favourite/")
    assert link not in page.get("/selections/").content.decode()


def test_changed_list_is_kept_in_the_view(page, user):
    view = view_of(user, "mine=true")
    html = page.get(LIST, {"view": view.pk, "sort": "-name"}).content.decode()
    assert f'action="/views/{view.pk}/update/"' in html
    page.post(f"/views/{view.pk}/update/", {"query": "sort=-name&q=oy"})
    view.refresh_from_db()
    assert view.words_en == "“oy”; sorted by Customer, descending"
    assert not page.get(LIST, {"view": view.pk}).context["list_state"]["is_changed"]


def test_menu_lists_own_and_shared_views_of_its_list_only(page, user):
    own, of_contacts = view_of(user, ""), view_of(user, "", list="customers:contacts")
    shared = view_of(UserFactory(), "", name="Yhteinen")
    SavedView.objects.filter(pk=shared.pk).update(sharing="all")
    view_of(UserFactory(), "", name="Toisen")
    context = page.get("/views/menu/", {"list": "customers:list", "query": "", "view": str(own.pk)}).context
    assert (context["views"], context["shared"], context["current"]) == ([own], [shared], own)
    assert of_contacts not in context["views"]


@pytest.mark.parametrize("sharing", ["own", "team", "all"])
def test_view_is_seen_by_whom_it_is_shared_with(page, user, sharing):
    owner, team = UserFactory(), TeamFactory(members=[user])
    view = view_of(owner, "")
    SavedView.objects.filter(pk=view.pk).update(sharing=sharing, team=team if sharing == "team" else None)
    assert page.get(f"/views/{view.pk}/").status_code == (404 if sharing == "own" else 200)
    assert page.get(f"/views/{view.pk}/edit/").status_code == (404 if sharing == "own" else 403)
    assert page.post(f"/views/{view.pk}/delete/").status_code == (404 if sharing == "own" else 403)


def test_shared_view_shows_each_user_only_what_that_user_may_see(page, user):
    owner = UserFactory(grants=["customers.manage_passive"])
    CustomerFactory(name="Käytössä")
    CustomerFactory(name="Poistunut", passive=True)
    view = view_of(owner, "state=all")
    SavedView.objects.filter(pk=view.pk).update(sharing="all")
    response = page.get(LIST, {"view": view.pk})
    assert response.status_code == 400
    assert names(response) == []


def test_sharing_with_everyone_needs_the_permission(page, user):
    view = view_of(user, "")
    answer = page.post(f"/views/{view.pk}/edit/", {"name": "X", "sharing": "all", "version": view.version})
    assert answer.status_code == 422
    owner = UserFactory(grants=["selections.share_with_all"])
    view = view_of(owner, "", name="Oma")
    page.force_login(owner)
    page.post(f"/views/{view.pk}/edit/", {"name": "Kaikille", "sharing": "all", "version": view.version})
    view.refresh_from_db()
    assert (view.name, view.sharing) == ("Kaikille", "all")


def test_deleted_view_is_restored_by_its_owner(page, user):
    view = view_of(user, "", in_menu=True)
    page.post(f"/views/{view.pk}/delete/")
    assert f'href="{LIST}?view={view.pk}"' not in page.get("/views/").content.decode()
    assert page.get(LIST, {"view": view.pk}).status_code == 400
    page.post(f"/views/{view.pk}/restore/")
    assert page.get(LIST, {"view": view.pk}).status_code == 200


def test_history_says_who_changed_what_the_view_shows(page, user):
    view = view_of(user, "mine=true")
    page.post(f"/views/{view.pk}/update/", {"query": "no_owner=true"})
    html = page.get(f"/views/{view.pk}/history/").content.decode()
    assert "No owner; sorted by Customer" in html
    assert "My customers; sorted by Customer" in html


def test_list_of_views_finds_by_name_and_shows_deleted_ones_apart(page, user):
    found = view_of(user, "", name="Espoon asiakkaat")
    view_of(user, "", name="Muut")
    assert names(page.get("/views/", {"q": "espoo"})) == ["Espoon asiakkaat"]
    shared_delete(found)
    assert names(page.get("/views/", {"tab": "deleted"})) == ["Espoon asiakkaat"]


def test_page_of_a_view_says_what_has_gone(page, user):
    view = view_of(user, "columns=name")
    SavedView.objects.filter(pk=view.pk).update(layout={"columns": ["name", "gone"]})
    assert "The list has no column “gone” any more." in page.get(f"/views/{view.pk}/").content.decode()


def test_administrator_sets_and_removes_the_default_of_a_group(page):
    admin = UserFactory(grants=["accounts.manage_users", "selections.share_with_all"], language="en")
    view = view_of(admin, "mine=true", sharing="all")
    role = Role.objects.first()
    assert page.get("/views/roles/").status_code == 403
    page.force_login(admin)
    assert page.get("/views/roles/").status_code == 200
    page.post("/views/roles/", {"role": role.pk, "view": view.pk})
    row = RoleView.objects.get()
    assert (row.role, row.view) == (role, view)
    page.post(f"/views/roles/{row.pk}/remove/")
    assert not RoleView.objects.exists()


def test_view_that_is_no_longer_shared_is_no_default_of_a_group(page):
    admin = UserFactory(grants=["accounts.manage_users", "selections.share_with_all"])
    view = view_of(admin, "", sharing="all")
    RoleView.objects.create(role=Role.objects.first(), list=view.list, view=view)
    page.force_login(admin)
    page.post(f"/views/{view.pk}/edit/", {"name": "X", "sharing": "own", "version": view.version})
    assert not RoleView.objects.exists()


def test_views_are_among_the_hits_of_the_search(page, user):
    view = view_of(user, "mine=true", name="Espoon asiakkaat")
    html = page.get("/search/", {"q": "espoon"}).content.decode()
    assert f"{LIST}?view={view.pk}" in html


def test_search_leaves_out_views_of_lists_that_one_may_not_open(page, user):
    view = view_of(user, "mine=true", name="Espoon työt")
    SavedView.objects.filter(pk=view.pk).update(list="core:jobs")
    assert f"?view={view.pk}" not in page.get("/search/", {"q": "espoon"}).content.decode()


def test_view_of_a_list_that_one_may_not_open_is_offered_nowhere(page, user):
    admin = UserFactory(role="administrator")
    view = view_of(admin, "", list="imports:list", sharing="all", name="Tuonnit Espoossa", folder="Kesä")
    ViewFavourite.objects.create(user=user, view=view)
    for url in ("/views/", "/views/?tab=shared", "/views/menu/?list=imports:list", "/search/?q=espoossa"):
        text = page.get(url).content.decode()
        assert ("Tuonnit Espoossa" in text, f"?view={view.pk}" in text, "Kesä" in text) == (False,) * 3, url
    assert page.get("/api/v1/views/").json()["results"] == []


def test_view_of_a_list_that_one_may_open_again_is_in_the_menu(page, user):
    admin = UserFactory(role="administrator")
    view = view_of(admin, "", list="imports:list", sharing="all", name="Tuonnit Espoossa")
    ViewFavourite.objects.create(user=admin, view=view)
    page.force_login(admin)
    assert f"?view={view.pk}" in page.get("/views/menu/?list=imports:list").content.decode()
    assert page.get("/selections/").content.decode().count(f"?view={view.pk}") == 1


def test_defaults_of_groups_leave_out_deleted_views(page):
    admin = UserFactory(grants=["accounts.manage_users", "selections.share_with_all"])
    view = view_of(admin, "", sharing="all", name="Poistunut")
    RoleView.objects.create(role=Role.objects.first(), list=view.list, view=view)
    page.force_login(admin)
    assert list(page.get("/views/roles/").context["rows"])
    shared_delete(view)
    assert not list(page.get("/views/roles/").context["rows"])
