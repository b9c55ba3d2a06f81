"""``/api/v1/selections/``: the same conditions, rules and services as the pages."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.selections.models import Selection
from customers.selections.tests.conftest import group, rule, selection_of
from customers.tests.factories import CustomerFactory
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db
URL = "/api/v1/selections/"


@pytest.fixture
def api(user):
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(user)
    return client


def test_selection_is_added_read_and_counted(api, user):
    CustomerFactory(segment=segment("B"))
    CustomerFactory()
    condition = group(rule("customer.segment", op="is", rows=[segment("B").pk]))
    answer = api.post(URL, {"name": "B", "of": "customers", "condition": condition}, format="json")
    assert answer.status_code == 201, answer.json()
    pk = answer.json()["id"]
    read = api.get(f"{URL}{pk}/").json()
    assert read["condition"]["parts"][0]["values"] == {"op": "is", "rows": [segment("B").pk]}
    assert read["words"] == f"Segment: {segment('B')}"
    assert api.get(f"{URL}{pk}/count/").json() == {"count": 1, "more": False}


@pytest.mark.parametrize(
    "condition",
    [
        None,
        [],
        group(),
        group(rule("customer.unknown")),
        group(rule("contact.language", op="is", values=["fi"])),
        group(rule("customer.segment", op="is", rows=[999_999])),
        group(rule("customer.segment", op="is")),
        group(rule("customer.name", op="contains", text="x", more=1)),
        group(rule("customer.state", op="is", values=["passive"])),
        group(group(), join="any"),
        group(rule("customer.personnel", op="at_least", number={"a": 1})),
    ],
)
def test_condition_that_cannot_be_read_is_refused(api, condition):
    answer = api.post(URL, {"name": "X", "condition": condition}, format="json")
    assert answer.status_code == 400
    assert not Selection.objects.exists()


def test_condition_names_only_selections_that_the_user_sees(api):
    private = selection_of(UserFactory(), rule("customer.name", op="contains", text="a"))
    condition = group(rule("customer.selection", op="is", rows=[private.pk]))
    assert api.post(URL, {"name": "X", "condition": condition}, format="json").status_code == 400


def test_change_refuses_an_old_version_and_a_change_of_what_it_is_of(api, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="a"))
    assert api.patch(f"{URL}{selection.pk}/", {"name": "New", "version": 1}, format="json").json()["name"] == "New"
    assert api.patch(f"{URL}{selection.pk}/", {"name": "Old", "version": 1}, format="json").status_code == 409
    assert api.patch(f"{URL}{selection.pk}/", {"of": "contacts"}, format="json").status_code == 400


def test_shared_selection_is_read_and_copied_but_not_changed_by_others(api, user):
    owner = UserFactory(grants=["selections.share_with_all"])
    shared = selection_of(owner, rule("customer.name", op="contains", text="a"), sharing="all")
    private = selection_of(owner, rule("customer.name", op="contains", text="a"))
    assert [row["id"] for row in api.get(URL).json()["results"]] == [shared.pk]
    assert api.get(f"{URL}{private.pk}/").status_code == 404
    assert api.patch(f"{URL}{shared.pk}/", {"name": "X"}, format="json").status_code == 403
    assert api.delete(f"{URL}{shared.pk}/").status_code == 403
    assert api.post(f"{URL}{shared.pk}/copy/", {"name": "Mine"}, format="json").json()["owner"] == user.pk


def test_sharing_with_everyone_is_for_those_who_may(api):
    condition = group(rule("customer.owner", op="me"))
    answer = api.post(URL, {"name": "X", "sharing": "all", "condition": condition}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "may_not_share")
    assert not Selection.objects.exists()


def test_selection_is_deleted_and_restored(api, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="a"))
    assert api.delete(f"{URL}{selection.pk}/").status_code == 204
    assert api.get(URL).json()["results"] == []
    assert api.post(f"{URL}{selection.pk}/restore/").json()["deleted_at"] is None


def test_frozen_selection_takes_rows_and_gives_them_back(api, user):
    customer = CustomerFactory(name="Kone")
    live = selection_of(user, rule("customer.name", op="contains", text="zzz"))
    frozen = api.post(f"{URL}{live.pk}/freeze/", {"name": "F"}, format="json").json()
    assert (frozen["kind"], frozen["condition"]) == ("frozen", None)
    url = f"{URL}{frozen['id']}/"
    assert api.post(f"{url}add_rows/", {"ids": [customer.pk]}, format="json").json() == {"changed": 1}
    assert api.get(f"{url}count/").json()["count"] == 1
    assert api.post(f"{url}remove_rows/", {"ids": [customer.pk]}, format="json").json() == {"changed": 1}
    assert api.post(f"{URL}{live.pk}/add_rows/", {"ids": [customer.pk]}, format="json").status_code == 409


def test_two_selections_are_combined(api, user):
    first, second = (selection_of(user, rule("customer.name", op="contains", text=text)) for text in "ab")
    CustomerFactory(name="ac")
    CustomerFactory(name="ab")
    made = api.post(f"{URL}{first.pk}/combine/", {"how": "minus", "second": second.pk, "name": "-"}, format="json")
    assert api.get(f"{URL}{made.json()['id']}/count/").json()["count"] == 1


def test_favourite_is_put_into_the_menu_and_out(api, user):
    selection = selection_of(user, rule("customer.name", op="contains", text="a"))
    assert api.post(f"{URL}{selection.pk}/favourite/").json() == {"favourite": True}
    assert api.post(f"{URL}{selection.pk}/favourite/").json() == {"favourite": False}
