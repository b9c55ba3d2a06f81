"""The API's one form of errors, and what surrounds every endpoint: permission, transaction, throttling, schema."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.throttling import UserRateThrottle

from accounts.api import UserViewSet
from accounts.models import Team
from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from core.api.errors import exception_handler
from core.api.views import VisibleViewSet
from core.exceptions import BusinessRuleError
from crm import settings as product_settings

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users/"


@pytest.fixture
def admin():
    return UserFactory(role="administrator")


@pytest.fixture
def api(admin):
    """A client that signs its requests with an administrator's token."""
    _token, key = api_token_create(user=admin)
    return Client(headers={"Authorization": f"Token {key}"}, raise_request_exception=False)


def check(answer, status, code, *fields):
    """Assert that an answer is an error of the one form."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["error"]
    error = body["error"]
    assert error["code"] == code
    assert isinstance(error["message"], str)
    assert error["message"]
    assert sorted(error.get("fields", {})) == sorted(fields)
    assert all(isinstance(text, str) for texts in error.get("fields", {}).values() for text in texts)


def post(api, data):
    return api.post(USERS, json.dumps(data), content_type="application/json")


def test_400_tells_the_fields(api):
    check(post(api, {}), 400, "invalid", "username", "last_name", "email")


@pytest.mark.parametrize("data", [[], "text", 1, None])
def test_400_where_no_object_was_sent(data, api):
    answer = post(api, data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b"\xff\xfe", b'{"a": "\xff"}'])
def test_400_where_the_json_is_broken(body, api):
    check(api.post(USERS, body, content_type="application/json"), 400, "invalid")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a": 1,\n"b"}', "The content is not valid JSON: see line 2, character 4."),
        (b'{"a": NaN}', "The content is not valid JSON."),
        (b'{"a": "\xff"}', "The content is not valid JSON."),
    ],
)
def test_400_says_where_the_json_is_broken_in_a_sentence_of_ours(body, text, api):
    assert api.post(USERS, body, content_type="application/json").json()["error"]["message"] == text


def test_400_says_of_null_that_there_is_no_content(api):
    assert post(api, None).json()["error"]["fields"] == {"non_field_errors": ["The request has no content."]}


def test_400_says_of_a_broken_form_that_it_cannot_be_read(api):
    answer = api.post(USERS, b"x", content_type="multipart/form-data; boundary=é")
    assert answer.json()["error"]["message"] == "The form cannot be read."


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=%D9%A3"])
def test_400_for_a_page_size_that_cannot_be(query, api):
    check(api.get(f"{USERS}?{query}"), 400, "invalid", "limit")


@pytest.mark.parametrize("token", ["x", "W10", "WzEsMiwzXQ", "bnVsbA", "e30", "%00", "é"])
def test_400_for_a_page_that_was_never_given(token, api):
    check(api.get(f"{USERS}?after={token}"), 400, "invalid", "after")


def test_400_for_an_unknown_order(api):
    check(api.get(f"{USERS}?ordering=password"), 400, "invalid", "ordering")


@pytest.mark.parametrize("query", ["team=x", "team=0", "group=kings", "state=odd", "q=%00"])
def test_400_for_a_filter_that_cannot_be_read(query, api):
    check(api.get(f"{USERS}?{query}"), 400, "invalid", query.split("=")[0])


def test_401_says_how_to_sign_in(client):
    answer = client.get(USERS)
    check(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_403(admin):
    _token, key = api_token_create(user=UserFactory(role="read_only"))
    check(post(Client(headers={"Authorization": f"Token {key}"}), {}), 403, "forbidden")


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 40, "abc", "%00", "-1", "1.5"])
def test_404_for_a_row_that_is_not_there(pk, api):
    check(api.get(f"{USERS}{pk}/"), 404, "not_found")


@pytest.mark.parametrize("url", ["/api/", "/api/v1/nothing/", "/api/v2/users/", "/api/v1/users/1/nothing/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_404_for_an_address_that_is_not_there(url, method, api, client):
    strict = Client(enforce_csrf_checks=True)
    for caller in (api, client, strict):
        check(getattr(caller, method)(url), 404, "not_found")


def test_405(api):
    check(api.delete(USERS), 405, "method_not_allowed")


def test_406(api):
    check(api.get(USERS, headers={"Accept": "application/xml"}), 406, "not_acceptable")


def test_409_carries_the_code_of_the_rule(api, admin):
    check(api.post(f"{USERS}{admin.pk}/deactivate/"), 409, "own_administration")


def test_415(api):
    check(api.post(USERS, b"<a/>", content_type="application/xml"), 415, "unsupported_media_type")


def test_429(api, monkeypatch):
    class Throttle(UserRateThrottle):
        rate = "2/min"
        scope = "test_429"

    monkeypatch.setattr(UserViewSet, "throttle_classes", [Throttle])
    answers = [api.get(USERS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    check(answers[-1], 429, "throttled")
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_everyone_is_throttled_at_600_a_minute():
    assert product_settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] == {"user": "600/min"}
    assert product_settings.REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] == ["rest_framework.throttling.UserRateThrottle"]


def test_500_tells_nothing_of_the_program(api, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr(UserViewSet, "list", fail)
    answer = api.get(USERS)
    check(answer, 500, "server_error")
    assert "secret" not in answer.text


class TeamViewSet(VisibleViewSet):
    """A view set that writes and then fails."""

    queryset = Team.objects.all()
    rule_permissions = {"create": "accounts.manage_users", "destroy": "accounts.manage_users"}

    def create(self, request):
        Team.objects.create(name="half done")
        raise BusinessRuleError("no", "No.", field="name")

    def update(self, request, pk):
        return Response({})

    def destroy(self, request, pk):
        self.get_object().leader.delete()


def call(user, method, actions, **kwargs):
    request = getattr(APIRequestFactory(), method)("/")
    force_authenticate(request, user)
    return TeamViewSet.as_view(actions, detail=bool(kwargs))(request, **kwargs)


def test_an_error_undoes_what_the_request_has_written(admin):
    answer = call(admin, "post", {"post": "create"})
    assert answer.status_code == 409
    assert answer.data["error"] == {"code": "no", "message": "No.", "fields": {"name": ["No."]}}
    assert not Team.objects.exists()


def test_a_writing_action_without_a_rule_is_refused(admin):
    assert call(admin, "put", {"put": "update"}, pk=1).status_code == 403


def test_rows_are_asked_for_in_the_users_own_sight():
    assert call(UserFactory(), "delete", {"delete": "destroy"}, pk=1).status_code == 404


def test_the_schema_needs_sign_in(client, api, admin):
    assert client.get("/api/v1/schema/").status_code == 401
    assert client.get("/api/v1/docs/").url.startswith("/account/login/")
    assert api.get("/api/v1/schema/").status_code == 200


def test_the_browsable_documentation_runs_no_inline_script_or_style(client, admin):
    client.force_login(admin)
    page = client.get("/api/v1/docs/")
    assert "<style" not in page.text
    assert "<script>" not in page.text
    assert " onload" not in page.text
    script = client.get("/api/v1/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.text


def test_the_schema_shows_paging_filters_and_errors(api):
    schema = api.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    users = schema["paths"]["/api/v1/users/"]["get"]
    names = {parameter["name"] for parameter in users["parameters"]}
    assert {"limit", "after", "before", "ordering", "q", "group", "team", "is_active"} <= names
    assert {"200", "400", "401"} <= set(users["responses"])
    deactivate = schema["paths"]["/api/v1/users/{id}/deactivate/"]["post"]
    assert {"200", "403", "404", "409"} <= set(deactivate["responses"])


class NumberSerializer(serializers.Serializer):
    amount = serializers.IntegerField()


class BodySerializer(serializers.Serializer):
    rows = NumberSerializer(many=True)
    months = serializers.ListField(child=serializers.IntegerField())
    owner = NumberSerializer()


NUMBER, REQUIRED = "A valid integer is required.", "This field is required."


def fields_of(error):
    return exception_handler(error, {}).data["error"]["fields"]


def test_errors_of_lists_and_objects_are_sentences_by_path():
    body = BodySerializer(
        data={"rows": [{"amount": 1}, {"amount": "x"}, {}], "months": [1, "x"], "owner": {"amount": "x"}}
    )
    body.is_valid()
    assert fields_of(ValidationError(body.errors)) == {
        "rows.1.amount": [NUMBER], "rows.2.amount": [REQUIRED], "months.1": [NUMBER], "owner.amount": [NUMBER]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("errors", "fields"),
    [
        (["No."], {"non_field_errors": ["No."]}),
        ({"__all__": ["No."]}, {"non_field_errors": ["No."]}),
        ({"day": "No."}, {"day": ["No."]}),
        ({"rows": ["No.", "Never."]}, {"rows": ["No.", "Never."]}),
        ([{}, {"kind": ["No."]}], {"1.kind": ["No."]}),
    ],
)
def test_every_field_has_a_list_of_sentences(errors, fields):
    assert fields_of(ValidationError(errors)) == fields


def test_the_schema_says_so(api):
    schema = api.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()["components"]["schemas"]
    fields = schema["Error"]["properties"]["error"]["properties"]["fields"]
    assert fields["additionalProperties"] == {"type": "array", "items": {"type": "string"}}
