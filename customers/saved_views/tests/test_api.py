"""``/api/v1/views/``: the same states, rules and services as the pages."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Role
from accounts.tests.factories import UserFactory
from customers.saved_views.models import DefaultView, RoleView, SavedView, ViewFavourite
from customers.saved_views.tests.conftest import view_of
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db
URL = "/api/v1/views/"


@pytest.fixture
def api(user):
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(user)
    return client


def test_view_is_added_read_changed_and_deleted(api, user):
    pk = segment("B").pk
    body = {"name": "B", "list": "customers:list", "query": f"segment={pk}&sort=-name"}
    answer = api.post(URL, body, format="json")
    assert answer.status_code == 201, answer.json()
    added = answer.json()
    assert (added["query"], added["faults"]) == (f"segment={pk}&sort=-name", [])
    assert added["condition"]["parts"][0]["field"] == "customers:list.segment"
    url = f"{URL}{added['id']}/"
    changed = api.patch(url, {"query": "mine=true", "version": added["version"]}, format="json")
    assert changed.json()["query"] == "mine=true&sort=name"
    assert api.patch(url, {"name": "Y", "version": added["version"]}, format="json").status_code == 409
    assert api.delete(url).status_code == 204
    assert api.get(URL).json()["results"] == []
    assert api.post(f"{url}restore/").json()["deleted_at"] is None


@pytest.mark.parametrize(
    "body", [{"query": "nothing=1"}, {"list": "core:jobs"}, {"list": "nothing"}, {"sharing": "all"}]
)
def test_view_that_cannot_be_is_refused(api, body):
    answer = api.post(URL, {"name": "X", "list": "customers:list", **body}, format="json")
    assert answer.status_code in (400, 409)
    assert not SavedView.objects.exists()


def test_favourite_and_default_are_set(api, user):
    view = view_of(user, "mine=true")
    assert api.post(f"{URL}{view.pk}/favourite/").json() == {"favourite": True}
    assert ViewFavourite.objects.filter(view=view, user=user).exists()
    api.post(f"{URL}{view.pk}/default/", {"is_default": True}, format="json")
    assert DefaultView.objects.get(user=user).view == view
    api.post(f"{URL}{view.pk}/default/", {"is_default": False}, format="json")
    assert not DefaultView.objects.exists()


def test_default_of_a_group_is_for_administrators(api, user):
    admin = UserFactory(grants=["accounts.manage_users", "selections.share_with_all"])
    view, role = view_of(admin, "", sharing="all"), Role.objects.first()
    body = {"role": role.pk, "is_default": True}
    assert api.post(f"{URL}{view.pk}/role_default/", body, format="json").status_code == 403
    api.force_authenticate(admin)
    assert api.post(f"{URL}{view.pk}/role_default/", body, format="json").json() == body
    assert RoleView.objects.get().view == view


def test_views_of_others_do_not_exist(api):
    view = view_of(UserFactory(), "")
    assert api.get(f"{URL}{view.pk}/").status_code == 404
