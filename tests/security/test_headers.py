"""What surrounds every answer: no copies kept, nothing but our own scripts, no way out to other sites."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.security.cast import NONE
from tests.security.endpoint_table import API
from tests.security.page_table import PAGES
from tests.security.test_permissions import QUERY

pytestmark = pytest.mark.usefixtures("plain_frame")


def test_what_a_signed_in_person_sees_is_kept_nowhere(world):
    client = world.client("admin")
    urls = [world.address(route) + QUERY.get(route, "") for route, (readers, _w) in PAGES.items() if "admin" in readers]
    urls += [world.address(f"api/v1/{route}") for route, methods in API.items() if "admin" in methods.get("get", NONE)]
    cached = {}
    for url in [*urls, "/customers/0/", "/nothing/here/", "/api/v1/nothing/", "/customers/?export=csv"]:
        response = client.get(url)
        if response.streaming:
            b"".join(response.streaming_content)
        if response.headers.get("Cache-Control") != "private, no-store":
            cached[url] = response.headers.get("Cache-Control")
    assert not cached


def test_after_sign_out_a_page_asks_for_sign_in(world):
    client = world.client("owner")
    address = world.address("customers/<int:pk>/")
    before = client.session.session_key
    assert client.get(address).status_code == 200
    client.post("/account/logout/")
    assert client.get(address).status_code == 302
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "url", ["/customers/", "/customers/0/", "/nothing/", "/account/login/", "/api/v1/users/", "/healthz"]
)
@pytest.mark.parametrize("name", ["anonymous", "viewer"])
def test_every_answer_allows_only_our_own_scripts(name, url, world):
    headers = world.client(name).get(url).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_no_address_leads_out_of_the_site(next, world):
    activity = world.rows["activity"]
    answer = world.client("owner").post(f"/activities/{activity.pk}/status/", {"status": "in_progress", "next": next})
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]
    job = world.client("owner").get(f"/jobs/{world.rows['job'].pk}/", {"back": next}).text
    assert f'href="{next}"' not in job
    login = Client().post(
        f"/account/login/?next={next}", {"login": "owner", "password": "portaali-demo-7", "next": next}
    )
    assert login.status_code == 302
    assert "evil" not in login.headers["Location"]


@pytest.mark.parametrize("next", ["/customers/\r\nSet-Cookie: a=b", "/customers/?q=ä", "/customers/\x00"])
def test_no_address_adds_a_header(next, world):
    data = {"status": "in_progress", "next": next}
    for headers in ({}, {"HX-Request": "true"}):
        url = f"/activities/{world.rows['activity'].pk}/status/"
        answer = world.client("owner").post(url, data, headers=headers)
        assert answer.status_code in (204, 302)
        assert "Set-Cookie" not in answer.headers
        target = answer.headers.get("HX-Redirect") or answer.headers["Location"]
        assert target.isascii()
        assert target.isprintable()


def test_every_write_of_a_page_asks_for_its_token(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    urls = [
        world.address(route) + QUERY.get(route, "")
        for route, (_readers, writers) in PAGES.items()
        if route and "admin" in writers.split()
    ]
    assert len(urls) > 20
    taken = [url for url in urls if client.post(url).status_code != 403]
    assert not taken


def test_an_endpoint_asks_a_session_for_the_token_too(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/api/v1/customers/", {"name": "New"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
