"""The language of the sign-in page: the browser's, the one used last, and the switch on the page."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN, LANGUAGE = "/account/login/", "/account/language/"
FINNISH = 'lang="fi"'


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def language_of(client, asked=""):
    text = client.get(LOGIN, headers={"accept-language": asked} if asked else {}).text
    return text[text.index("<html") :][:60].split('lang="')[1][:2]


@pytest.mark.parametrize(
    ("asked", "shown"), [("en-GB,en;q=0.9", "en"), ("fi-FI", "fi"), ("sv,en;q=0.8", "en"), ("de", "fi"), ("", "fi")]
)
def test_the_sign_in_page_follows_the_browser(client, asked, shown):
    assert language_of(client, asked) == shown


def test_the_language_is_switched_on_the_page_and_kept(client):
    text = client.get(LOGIN, {"next": "/customers/"}).text
    assert 'action="/account/language/"' in text
    answer = client.post(LANGUAGE, {"language": "en", "next": "/account/login/?next=/customers/"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/customers/")
    assert language_of(client, "fi") == "en"
    client.post(LANGUAGE, {"language": "fi"})
    assert language_of(client, "en") == "fi"


def test_the_language_that_was_used_last_is_remembered_after_signing_out(client):
    user = UserFactory(language="en")
    client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    client.get("/start/")
    client.post("/account/logout/")
    assert language_of(client, "fi") == "en"


@pytest.mark.parametrize("content", [{"language": "xx"}, {}, {"language": "en'"}])
def test_an_unknown_language_is_refused(client, content):
    answer = client.post(LANGUAGE, content)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (400, False)
    assert "django_language" not in client.cookies


def test_the_switch_leads_nowhere_else(client):
    answer = client.post(LANGUAGE, {"language": "en", "next": "https://example.com/"})
    assert answer["Location"] == LOGIN


def test_the_cookie_is_not_for_scripts_nor_other_sites(client):
    client.post(LANGUAGE, {"language": "en"})
    cookie = client.cookies["django_language"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_signing_in_uses_the_users_own_language_whatever_was_chosen_before(client):
    user = UserFactory(language="fi")
    client.post(LANGUAGE, {"language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert FINNISH in client.get("/help/").text[:200]
