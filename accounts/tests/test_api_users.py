"""Users, teams and groups in the API: the same rules as on the pages."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import User
from accounts.services import api_token_create
from accounts.tests.factories import TeamFactory, UserFactory, role

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users/"
NEW = {"username": "uuno", "first_name": "Uuno", "last_name": "Uusi", "email": "uuno@example.com"}


@pytest.fixture
def api(client):
    """Return a function that calls the API as a user, by token."""

    def call(user, method, url, data=None, **headers):
        _token, key = api_token_create(user=user)
        headers = {"Authorization": f"Token {key}", **headers}
        return getattr(client, method)(url, data, content_type="application/json", headers=headers)

    return call


def names(answer):
    return {row["last_name"] for row in answer.json()["results"]}


@pytest.mark.parametrize("path", ["users", "teams", "groups"])
def test_everyone_with_a_token_reads(path, api, admin, colleague, reader):
    TeamFactory()
    for user in (admin, colleague, reader):
        answer = api(user, "get", f"/api/v1/{path}/")
        assert answer.status_code == 200
        first = answer.json()["results"][0]["id"]
        assert api(user, "get", f"/api/v1/{path}/{first}/").json()["id"] == first


@pytest.mark.parametrize("path", ["users/", "users/1/", "users/me/", "teams/", "groups/"])
def test_nobody_reads_without_signing_in(path, client, reader):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", ""), ("patch", "{pk}/"), ("post", "{pk}/deactivate/"), ("post", "{pk}/activate/")],
)
def test_only_administrators_write(method, path, api, colleague, reader):
    for user in (colleague, reader):
        answer = api(user, method, USERS + path.format(pk=reader.pk), NEW)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "forbidden"
    reader.refresh_from_db()
    assert (reader.is_active, reader.last_name) == (True, "Reader")


def test_me_is_who_asks(api, reader):
    answer = api(reader, "get", f"{USERS}me/").json()
    assert (answer["username"], answer["groups"], answer["state"]) == ("reader", ["read_only"], "active")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=kalle", {"Colleague"}),
        ("group=account_manager", {"Colleague"}),
        ("is_active=false", {"Gone"}),
        ("state=inactive", {"Gone"}),
        ("team={team}", {"Reader"}),
    ],
)
def test_the_list_is_filtered(query, found, api, admin, colleague, reader):
    UserFactory(last_name="Gone", is_active=False)
    team = TeamFactory(members=[reader])
    assert names(api(admin, "get", f"{USERS}?{query.format(team=team.pk)}")) == found


def test_others_see_no_deactivated_users(api, reader):
    gone = UserFactory(is_active=False)
    assert names(api(reader, "get", f"{USERS}?is_active=false")) == set()
    assert api(reader, "get", f"{USERS}{gone.pk}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_for_any_number_of_users(count, api, admin, django_assert_num_queries):
    for _ in range(count - 1):
        TeamFactory(members=[UserFactory(role="management")])
    with django_assert_num_queries(7):
        api(admin, "get", USERS)


def test_an_administrator_invites(api, admin, tasks_at_once, django_capture_on_commit_callbacks):
    team = TeamFactory()
    with django_capture_on_commit_callbacks(execute=True):
        answer = api(admin, "post", USERS, NEW | {"groups": ["management"], "teams": [team.pk], "manager": admin.pk})
    assert answer.status_code == 201
    assert answer.json()["state"] == "invited"
    user = User.objects.get(username="uuno")
    assert user.roles == [role("management")]
    assert [message.to for message in mail.outbox] == [["uuno@example.com"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": ""}, "email"),
        ({"last_name": ""}, "last_name"),
        ({"username": "ADMIN"}, "username"),
        ({"email": "Admin@example.com"}, "email"),
        ({"groups": ["kings"]}, "groups"),
        ({"teams": [0]}, "teams"),
        ({"manager": 10**30}, "manager"),
        ({"title": "x" * 10_000}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"language": 5}, "language"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nobody_is_invited(change, field, api, admin):
    answer = api(admin, "post", USERS, NEW | change)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    assert not User.objects.filter(username="uuno").exists()


def test_an_administrator_changes_a_user(api, admin, colleague):
    answer = api(admin, "patch", f"{USERS}{colleague.pk}/", {"title": "Chief", "groups": ["management"], "version": 1})
    assert (answer.status_code, answer.json()["title"], answer.json()["groups"]) == (200, "Chief", ["management"])
    assert answer.json()["version"] == 2


def test_a_change_of_an_older_version_is_refused(api, admin, colleague):
    api(admin, "patch", f"{USERS}{colleague.pk}/", {"title": "Theirs"})
    answer = api(admin, "patch", f"{USERS}{colleague.pk}/", {"title": "Mine", "version": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale_version")
    colleague.refresh_from_db()
    assert colleague.title == "Theirs"


def test_what_only_services_change_is_not_written(api, admin, colleague):
    data = {"is_active": False, "is_superuser": True, "password": "x", "last_login": None, "state": "inactive"}
    api(admin, "patch", f"{USERS}{colleague.pk}/", data)
    colleague.refresh_from_db()
    assert colleague.is_active
    assert not colleague.is_superuser
    assert colleague.has_usable_password()


def test_deactivating_and_opening_again(api, admin, colleague):
    answer = api(admin, "post", f"{USERS}{colleague.pk}/deactivate/")
    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    answer = api(admin, "post", f"{USERS}{colleague.pk}/activate/")
    assert (answer.status_code, answer.json()["is_active"]) == (200, True)


@pytest.mark.parametrize(
    ("method", "path", "data"), [("post", "{pk}/deactivate/", None), ("patch", "{pk}/", {"groups": [], "title": "x"})]
)
def test_administrators_do_not_shut_themselves_out(method, path, data, api, admin):
    answer = api(admin, method, USERS + path.format(pk=admin.pk), data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "own_administration")
    admin.refresh_from_db()
    assert (admin.is_active, admin.title) == (True, "")
    assert admin.groups.exists()


def test_a_deactivated_users_token_opens_nothing(api, reader, client):
    _token, key = api_token_create(user=reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert client.get(USERS, headers={"Authorization": f"Token {key}"}).status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token wrong", "Token \xff"])
def test_a_broken_token_is_refused(header, client, reader):
    answer = client.get(USERS, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_authenticated"


def test_the_time_of_use_is_noted(api, reader):
    api(reader, "get", USERS)
    assert reader.api_tokens.get().last_used_at is not None


def test_a_session_writes_only_with_its_csrf_token(admin):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(USERS, NEW, content_type="application/json").status_code == 403
    assert not User.objects.filter(username="uuno").exists()


def test_the_members_of_a_team_are_its_active_ones(api, reader, colleague):
    team = TeamFactory(members=[reader, colleague, UserFactory(is_active=False)], leader=reader)
    answer = api(reader, "get", f"/api/v1/teams/{team.pk}/").json()
    assert (answer["leader"], set(answer["members"])) == (reader.pk, {reader.pk, colleague.pk})


def test_teams_and_groups_are_changed_on_their_pages_only(api, admin):
    team = TeamFactory()
    for url in ("/api/v1/teams/", "/api/v1/groups/"):
        assert api(admin, "post", url, {"name": "x"}).status_code == 405
    assert api(admin, "delete", f"/api/v1/teams/{team.pk}/").status_code == 405
