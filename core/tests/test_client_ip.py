"""The client's address behind proxies: what is read from X-Forwarded-For, and what is never believed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, RequestFactory

from accounts.adapter import ClosedSignupAdapter
from core.client_ip import client_ip, client_network

PROXY = "10.0.0.1"


def request_from(address, forwarded=None):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (0, "203.0.113.7", PROXY),
        (1, None, PROXY),
        (1, "", PROXY),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7 , 10.0.0.2", "203.0.113.7"),
        (2, "203.0.113.7", PROXY),
        (1, "198.51.100.1, unknown", PROXY),
        (1, "203.0.113.7:4711", PROXY),
        (1, "198.51.100.1,", PROXY),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_the_address_is_the_entry_that_the_outermost_trusted_proxy_wrote(trusted, forwarded, expected, settings):
    settings.TRUSTED_PROXIES = trusted
    assert client_ip(request_from(PROXY, forwarded)) == expected


def test_a_server_without_addresses_knows_none():
    assert client_ip(request_from("")) == ""
    assert client_network(request_from("")) == ""


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_counters_count_an_ipv6_network_as_one(address, network):
    assert client_network(request_from(address)) == network


def test_the_sign_in_pages_read_the_same_address(settings):
    settings.TRUSTED_PROXIES = 1
    request = request_from(PROXY, "198.51.100.1, 203.0.113.7")
    assert ClosedSignupAdapter(request).get_client_ip(request) == "203.0.113.7"


@pytest.mark.django_db
def test_clients_behind_one_proxy_do_not_share_its_limits(settings):
    settings.TRUSTED_PROXIES = 1
    cache.clear()

    def codes(address, forged=""):
        header = {"X-Forwarded-For": f"{forged}{address}"}
        return {Client().get(f"/offer/guess-{n}/", headers=header, REMOTE_ADDR=PROXY).status_code for n in range(61)}

    assert 429 in codes("203.0.113.7")
    assert Client().get("/offer/x/", headers={"X-Forwarded-For": "203.0.113.8"}, REMOTE_ADDR=PROXY).status_code == 404
    forged = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    assert Client().get("/offer/x/", headers=forged, REMOTE_ADDR=PROXY).status_code == 429


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES must be a whole number from 0 on, not 'one'."),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES must be a whole number from 0 on, not '-1'."),
        ({"BASE_URL": "https://crm.example.fi"}, "BASE_URL is an https address: set TRUSTED_PROXIES"),
    ],
)
def test_a_bad_number_of_proxies_stops_the_start_with_one_sentence(variables, sentence):
    done = subprocess.run(
        [sys.executable, "-c", "import crm.env"],
        env=os.environ | variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert sentence in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("trusted", "header"), [("0", "None"), ("1", "('HTTP_X_FORWARDED_PROTO', 'https')")])
def test_the_scheme_is_read_from_trusted_proxies_only(trusted, header):
    done = subprocess.run(
        [sys.executable, "-c", "from crm import settings; print(settings.SECURE_PROXY_SSL_HEADER)"],
        env=os.environ | {"TRUSTED_PROXIES": trusted, "DJANGO_SETTINGS_MODULE": "crm.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == header, done.stderr
