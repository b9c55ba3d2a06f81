"""What users keep themselves: profile, quick switches, API keys."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import ApiToken
from accounts.services import api_token_create
from accounts.tests.factories import ApiTokenFactory, UserFactory

pytestmark = pytest.mark.django_db

PROFILE = {
    "first_name": "Raija",
    "last_name": "Reader",
    "title": "",
    "phone": "",
    "language": "en",
    "time_zone": "Europe/Helsinki",
    "theme": "auto",
}


def test_one_changes_ones_own_profile_and_nothing_more(signed_in, reader):
    data = PROFILE | {"phone": "040 1234567", "time_zone": "America/New_York", "theme": "dark"}
    signed_in(reader).post(
        reverse("accounts:profile"), data | {"username": "boss", "is_superuser": "1", "groups": ["1"]}
    )
    reader.refresh_from_db()
    assert (reader.phone, reader.time_zone, reader.theme) == ("+358401234567", "America/New_York", "dark")
    assert (reader.username, reader.is_superuser) == ("reader", False)
    assert [group.name for group in reader.groups.all()] == ["read_only"]


def test_ones_phone_is_shown_in_national_form(signed_in, reader):
    reader.phone = "+358401234567"
    reader.save()
    assert 'value="040 1234567"' in signed_in(reader).get(reverse("accounts:profile")).content.decode()


def test_the_chosen_language_is_that_of_the_next_page(signed_in, reader):
    client = signed_in(reader)
    client.post(reverse("accounts:profile"), PROFILE | {"language": "fi"})
    response = client.get(reverse("accounts:profile"))
    assert '<html lang="fi"' in response.text
    assert response.headers["Content-Language"] == "fi"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"last_name": ""}, "This field is required."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"theme": "pink"}, "Select a valid choice."),
        ({"title": "x" * 10_000}, "at most 120 characters"),
        ({"phone": "\x00"}, "Null characters are not allowed."),
        ({"phone": "ask the switchboard"}, "is not a phone number"),
    ],
)
def test_bad_input_changes_no_profile(change, message, signed_in, reader):
    response = signed_in(reader).post(reverse("accounts:profile"), PROFILE | {"title": "New"} | change)
    assert response.status_code == 422
    assert message in response.text
    reader.refresh_from_db()
    assert reader.title == ""


@pytest.mark.parametrize(("name", "value"), [("theme", "dark"), ("language", "fi")])
def test_the_menus_switches_change_one_thing_and_go_back(name, value, signed_in, reader):
    response = signed_in(reader).post(reverse("accounts:preferences"), {name: value, "next": "/users/?q=a"})
    assert response.url == "/users/?q=a"
    reader.refresh_from_db()
    assert getattr(reader, name) == value


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http:\\\\evil", ""]
)
def test_the_switches_never_lead_to_another_site(url, signed_in, reader):
    response = signed_in(reader).post(reverse("accounts:preferences"), {"theme": "dark", "next": url})
    assert response.url == "/"


def test_an_unknown_theme_is_refused(signed_in, reader):
    response = signed_in(reader).post(reverse("accounts:preferences"), {"theme": "pink"})
    assert response.status_code == 400
    reader.refresh_from_db()
    assert reader.theme == "auto"


def test_visitors_have_no_preferences(client):
    assert client.post(reverse("accounts:preferences"), {"theme": "dark"}).url.startswith("/account/login/")


def test_a_new_key_is_shown_once_and_opens_the_api(signed_in, reader, client):
    own = signed_in(reader)
    key = own.post(reverse("accounts:token_add"), {"name": "Monthly report", "scope": "read"}).context["key"]
    assert key not in own.get(reverse("accounts:profile")).text
    assert "Monthly report" in own.get(reverse("accounts:profile")).text
    assert not ApiToken.objects.filter(digest=key).exists()
    answer = client.get("/api/v1/users/me/", headers={"Authorization": f"Token {key}"})
    assert answer.json()["username"] == "reader"


def test_asking_twice_for_a_key_makes_one(signed_in, reader):
    own = signed_in(reader)
    key = own.get(reverse("accounts:token_add")).context["form"]["submission_key"].value()
    data = {"name": "x", "scope": "read", "submission_key": key}
    first, second = (own.post(reverse("accounts:token_add"), data) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 302)
    assert reader.api_tokens.count() == 1


def test_a_key_needs_its_purpose(signed_in, reader):
    response = signed_in(reader).post(reverse("accounts:token_add"), {"name": ""})
    assert response.status_code == 422
    assert "This field is required." in response.text
    assert not reader.api_tokens.exists()


def test_a_revoked_key_no_longer_works(signed_in, reader, client):
    token, key = api_token_create(user=reader)
    signed_in(reader).post(reverse("accounts:token_revoke", args=[token.pk]))
    assert client.get("/api/v1/users/me/", headers={"Authorization": f"Token {key}"}).status_code == 401


def test_others_keys_do_not_exist(signed_in, admin, reader):
    token = ApiTokenFactory(user=reader)
    assert signed_in(admin).post(reverse("accounts:token_revoke", args=[token.pk])).status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_the_command_prints_only_the_key(reader, client):
    out = io.StringIO()
    call_command("api_token", "READER", "--name", "script", stdout=out)
    key = out.getvalue().strip()
    assert len(key.split()) == 1
    assert client.get("/api/v1/users/me/", headers={"Authorization": f"Token {key}"}).status_code == 200
    assert reader.api_tokens.get().name == "script"


def test_the_command_refuses_unknown_and_deactivated_users():
    UserFactory(username="gone", is_active=False)
    for name in ("nobody", "gone"):
        with pytest.raises(CommandError, match="There is no active user"):
            call_command("api_token", name)
    assert not ApiToken.objects.exists()
