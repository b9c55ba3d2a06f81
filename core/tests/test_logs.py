"""What is written to the log: who asked for what, without the secrets that some addresses are."""

from __future__ import annotations

import io
import logging
import logging.config
from copy import deepcopy

import pytest
import structlog
from django.test import Client
from django.urls import URLResolver, get_resolver

from crm.settings.logs import LOGGING, SECRET_PATHS


@pytest.fixture
def lines(monkeypatch):
    """Write the log as the product does, into a text."""
    stream = io.StringIO()
    config = deepcopy(LOGGING)
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["line"])
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.INFO)
    return stream


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/offer/s3cret-Link/",
        "/offer/s3cret-Link",
        "/offer/s3cret-Link/pdf/",
        "/nps/s3cret-Link/?lang=en",
        "/calendar/feed/s3cret-Link.ics",
        "/account/password/reset/key/3-s3cret-Link/",
    ],
)
def test_secrets_of_addresses_are_not_logged(path, lines):
    Client().get(path)
    logging.getLogger("django.request").warning("Not Found: %s", path)
    written = lines.getvalue()
    assert "request" in written
    assert "s3cret" not in written


@pytest.mark.django_db
def test_other_addresses_are_logged_with_the_clients_address(lines, settings):
    settings.TRUSTED_PROXIES = 1
    Client().get("/customers/17/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    assert "path=/customers/17/" in lines.getvalue()
    assert "ip=203.0.113.7" in lines.getvalue()


def secret_routes(resolver, prefix="/"):
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from secret_routes(pattern, path)
        elif {"secret", "key"} & set(pattern.pattern.regex.groupindex):
            yield path


def test_every_route_with_a_secret_is_masked():
    routes = set(secret_routes(get_resolver()))
    unused = "/account/confirm-email/"  # no mail with such a link is ever sent
    assert routes
    assert not [path for path in routes if not path.startswith((*SECRET_PATHS, unused))]


def test_structlog_and_the_standard_library_share_the_form(lines):
    structlog.get_logger("x").warning("event", path="/nps/s3cret/")
    assert "s3cret" not in lines.getvalue()
