"""API keys: how long they work and what they may do; sessions that nobody uses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken
from accounts.services import administrator_save, api_token_create
from accounts.tests.factories import PASSWORD, UserFactory, role
from core import clock
from core.exceptions import BusinessRuleError

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 27)
NEW_PASSWORD = "portaali-demo-8"
URL = "/api/v1/customers/"


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


def status(key, method="get", **content):
    client = Client(headers={"Authorization": f"Token {key}"})
    return getattr(client, method)(URL, **content).status_code


def test_a_key_works_until_its_last_day(user):
    with clock.frozen(TODAY):
        _token, key = api_token_create(user=user, expires_on=TODAY)
        assert status(key) == 200
    with clock.frozen(TODAY + dt.timedelta(days=1)):
        answer = Client(headers={"Authorization": f"Token {key}", "Accept-Language": "en"}).get(URL)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "The token has expired."


def test_a_key_is_not_made_for_the_past(user):
    with clock.frozen(TODAY), pytest.raises(BusinessRuleError) as caught:
        api_token_create(user=user, expires_on=TODAY - dt.timedelta(days=1))
    assert (caught.value.code, caught.value.field) == ("in_past", "expires_on")


def test_a_key_for_reading_changes_nothing(user):
    _token, reading = api_token_create(user=user, scope="read")
    _token, writing = api_token_create(user=user)
    assert status(reading) == 200
    assert status(reading, "post", data={}, content_type="application/json") == 403
    assert status(writing, "post", data={}, content_type="application/json") == 400  # the body, not the key


def keys(user):
    return set(user.api_tokens.values_list("name", flat=True))


@pytest.fixture
def both(user):
    api_token_create(user=user, name="own")
    api_token_create(user=user, name="service", is_service=True)
    return user


def test_a_change_of_the_password_revokes_personal_keys(both):
    page = Client()
    page.force_login(both, backend="django.contrib.auth.backends.ModelBackend")
    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert page.post(reverse("account_change_password"), data).status_code == 302
    both.refresh_from_db()
    assert both.check_password(NEW_PASSWORD)
    assert keys(both) == {"service"}


def test_a_password_set_on_the_command_line_revokes_personal_keys(both):
    administrator_save(user=both, group=role("administrator"), password=NEW_PASSWORD)
    assert keys(both) == {"service"}


def test_only_administrators_make_keys_of_service_accounts_on_the_page(user):
    url, sent = reverse("accounts:token_add"), {"name": "report", "scope": "read", "is_service": "on"}
    for who, expected in ((user, False), (UserFactory(role="administrator"), True)):
        page = Client()
        page.force_login(who)
        form = page.get(url)
        assert ("is_service" in form.context["form"].fields) is expected
        assert page.post(url, {**sent, "expires_on": "31.12.2099"}).status_code == 200
        token = ApiToken.objects.get(user=who)
        assert (token.scope, token.expires_on, token.is_service) == ("read", dt.date(2099, 12, 31), expected)
        profile = page.get(reverse("accounts:profile")).content.decode()
        assert "read only" in profile
        assert ("service account" in profile.replace("service accounts", "")) is expected
        assert page.post(url, {**sent, "expires_on": "1.1.2020"}).status_code == 422


def test_the_command_makes_limited_keys(user, capsys):
    call_command("api_token", user.username, "--read-only", "--service", "--until", "2099-12-31")
    token = ApiToken.objects.get()
    assert (token.scope, token.is_service, token.expires_on) == ("read", True, dt.date(2099, 12, 31))
    assert status(capsys.readouterr().out.strip()) == 200
    with pytest.raises(CommandError, match="later day"):
        call_command("api_token", user.username, "--until", "2020-01-01")


def test_a_session_ends_when_nobody_uses_it(user, settings):
    settings.SESSION_IDLE_HOURS = 2
    begin, url = dt.datetime(2026, 11, 27, 8, tzinfo=dt.UTC), "/customers/"
    page = Client()
    with clock.frozen(begin):
        page.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for hours in (1.9, 3.8):
        with clock.frozen(begin + dt.timedelta(hours=hours)):
            assert page.get(url).status_code == 200
    with clock.frozen(begin + dt.timedelta(hours=5)):
        assert page.get("/notifications/bell/").status_code == 200  # the page asks this by itself
    with clock.frozen(begin + dt.timedelta(hours=5.9)):
        answer = page.get(url, follow=True)
    assert answer.redirect_chain[0][0].startswith("/account/login/")
    assert "You were signed out" in answer.content.decode()
