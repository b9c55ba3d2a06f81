"""How large a body a request may have."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from accounts.tests.factories import UserFactory
from core.middleware import BodySizeMiddleware

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=x"
MEGABYTE = 1024 * 1024


def announced(client: Client, url: str, size: int, content_type: str = FORM, **headers: str) -> Any:
    """Return the answer to a request that announces a body of ``size``."""
    return client.post(url, b"x", content_type=content_type, headers={"Content-Length": str(size)} | headers)


@pytest.fixture
def member() -> Client:
    client = Client()
    user = UserFactory(grants=["imports.run_imports"], language="fi")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def test_a_stranger_sends_no_more_than_a_form(client: Client) -> None:
    assert announced(client, "/account/login/", 65 * 1024).status_code == 413
    assert client.post("/account/login/", b"a=" + b"x" * 60_000, content_type=FORM).status_code != 413


def test_a_member_is_told_on_a_page_in_the_members_language(member: Client) -> None:
    answer = announced(member, reverse("accounts:profile"), 6 * MEGABYTE)
    assert answer.status_code == 413
    assert "liian suuri" in answer.text


def test_a_program_is_told_in_the_form_of_the_api(member: Client) -> None:
    answer = announced(member, "/api/v1/customers/", 6 * MEGABYTE, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("url", "content_type", "expected"),
    [
        ("/customers/new/", FORM, 5 * MEGABYTE),
        ("/customers/new/", FILES, settings.UPLOAD_MAX_BYTES + MEGABYTE),
        ("/imports/new/", FILES, settings.IMPORT_MAX_BYTES + MEGABYTE),
        ("/api/v1/imports/", FILES, settings.IMPORT_MAX_BYTES + MEGABYTE),
    ],
)
def test_the_limit_is_that_of_the_view(url: str, content_type: str, expected: int) -> None:
    request = RequestFactory().post(url, b"x", content_type=content_type)
    request.user = UserFactory()
    limit = BodySizeMiddleware(lambda request: HttpResponse()).limit(request, resolve(url).func)
    assert limit == expected
