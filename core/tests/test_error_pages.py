"""What people see when something is not there, not allowed, too old or broken."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.tests.factories import UserFactory
from core import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch):
    """A client that gets answers as people do, and a page that fails."""

    def fail(*args, **kwargs):
        raise RuntimeError("a secret of the program")

    monkeypatch.setattr(pages.SearchView, "get_context_data", fail)
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory())
    return client


def test_what_is_not_there_keeps_the_menu_and_the_search_for_who_is_signed_in(client):
    client.force_login(UserFactory())
    text = client.get("/nothing/here/").text
    assert 'class="side"' in text
    assert 'href="/search/"' in text


@pytest.mark.parametrize(("language", "heading"), [("fi", "Sivua ei löytynyt"), ("en", "Not found")])
def test_an_unknown_address_is_told_in_the_readers_language(client, language, heading):
    response = client.get("/nothing/here/", headers={"Accept-Language": language})
    assert response.status_code == 404
    assert f'lang="{language}"' in response.text
    assert f"<h1>{heading}</h1>" in response.text


def test_a_form_without_its_token_is_refused_with_what_to_do():
    response = Client(enforce_csrf_checks=True).post("/account/login/", {}, headers={"Accept-Language": "en"})
    assert response.status_code == 403
    assert "reload the page and send the form again" in response.text


def test_a_foreign_host_is_refused_without_a_page_of_errors(client):
    response = client.get("/healthz", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.text


def test_a_fault_tells_the_number_that_stands_in_the_log_and_nothing_else(broken):
    response = broken.get("/search/", {"q": "x"})
    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in response.text
    assert "a secret of the program" not in response.text
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_errors_below_the_api_have_its_own_form(client):
    missing = client.get("/api/v1/nothing/")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    foreign = client.get("/api/v1/customers/", headers={"Host": "evil.example"})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (400, "bad_request")
