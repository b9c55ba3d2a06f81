"""``deploy/nginx.conf`` in Debian's nginx, before the web server: what reaches the app, and what does not."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import get_resolver
from pytest_django import DjangoDbBlocker

from accounts.tests.factories import UserFactory
from core import checks, testing
from core.tests.certificates import make_certificate

CONF = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
MEGABYTE = 1024 * 1024
HEAD = "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n"
KNOWN = f"Cookie: {settings.SESSION_COOKIE_NAME}=x\r\n"
PASSWORD = "a long enough one"
ANSWER_SECONDS = 1


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Site:
    """The web server with the proxy in front, each a process, and what they log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app, self.http, self.https = free_port(), free_port(), free_port()
        self.certificate, self.key = make_certificate(folder)

    def start_app(self, database: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "crm.settings", "DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": "for-this-test-only", "BASE_URL": f"https://localhost:{self.https}", "TRUSTED_PROXIES": "1",
            "PORT": str(self.app), "WEB_WORKERS": "1", "WEB_THREADS": "2", "LOG_FORMAT": "json", "LOG_LEVEL": "INFO",
        }  # fmt: skip
        with (self.folder / "app.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "crm.web"], cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log
            )

    def start_proxy(self) -> subprocess.Popen[bytes]:
        nginx = which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        assert nginx, "These tests need Debian's package nginx-light (make test installs it as root)."
        conf = self.folder / "nginx.conf"
        conf.write_text(self.conf())
        user = "user root root; " if os.geteuid() == 0 else ""
        options = f"{user}daemon off; pid {self.folder}/pid;"
        return subprocess.Popen([nginx, "-p", str(self.folder), "-c", str(conf), "-g", options])

    def conf(self) -> str:
        """Return the configuration with this site's ports and paths; nothing else is changed."""
        places = {
            "http {": "http {\n" + "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in TEMPORARY),
            "error_log stderr": f"error_log {self.folder}/error.log",
            "/dev/stdout": f"{self.folder}/access.log",
            "/var/cache/nginx/static": f"{self.folder}/static",
            "/etc/nginx/tls/fullchain.pem": str(self.certificate),
            "/etc/nginx/tls/privkey.pem": str(self.key),
            "server web:8000;": f"server 127.0.0.1:{self.app};",
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen 443 ": f"listen 127.0.0.1:{self.https} ",
        }
        conf = CONF
        for place, own in places.items():
            assert conf.count(place) == 1, place
            conf = conf.replace(place, own)
        return conf

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = True
        return context

    def ask(
        self, method: str, path: str, body: str = "", *, source: str = "127.0.0.1", **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Ask through HTTPS from an address of this machine; ``_`` in the names of headers is ``-``."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        client = HTTPSConnection(
            "localhost", self.https, timeout=10, context=self.context(), source_address=(source, 0)
        )
        with closing(client):
            client.request(method, path, body or None, given)
            response = client.getresponse()
            return response, response.read()

    def connect(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=10, source_address=(source, 0))
        return self.context().wrap_socket(plain, server_hostname="localhost")

    def first_line(self, method: str, path: str, more: str) -> str:
        """Return the first line of the answer to a request, the body of which never comes."""
        with self.connect() as client:
            client.sendall(HEAD.format(method=method, path=path, more=more).encode())
            return client.recv(200).split(b"\r\n")[0].decode()

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests that the app has logged."""
        lines = (self.folder / "app.log").read_text().splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry.get("event") == "request"]

    def connections_to_app(self) -> int:
        """Return how many connections the proxy has to the app: of each, the end that the proxy holds."""
        ends = [line.split()[2:4] for line in Path("/proc/net/tcp").read_text().splitlines()]
        return sum(end == [f"0100007F:{self.app:04X}", "01"] for end in ends)  # the remote address, established

    def is_up(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0].status == 200
        except OSError:
            return False


TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Run both servers on a database of their own, in which ``aino`` may sign in."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_proxy"
    running = Site(tmp_path_factory.mktemp("proxy"))
    with django_db_blocker.unblock():
        database = testing.make_database(name, settings.DATABASES["default"]["TEST"]["TEMPLATE"])
        use_database(name)
        user = UserFactory(username="aino")
        user.password = PBKDF2PasswordHasher().encode(PASSWORD, "some-salt")  # the tests' own is too weak for the app
        user.save()
        use_database(own)
    processes = [running.start_app(database), running.start_proxy()]
    try:
        until(running.is_up, 120)
        yield running
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(20)
        with django_db_blocker.unblock():
            testing.drop_database(name)


def use_database(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


def cookies(response: HTTPResponse) -> dict[str, str]:
    """Return the whole line of each cookie that an answer sets, by its name."""
    return {line.split("=")[0]: line for line in response.headers.get_all("Set-Cookie") or []}


def test_signing_in_through_the_proxy_gives_cookies_for_https_only(site: Site) -> None:
    form, page = site.ask("GET", "/account/login/")
    assert form.status == 200
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
    body = urlencode({"login": "aino", "password": PASSWORD, "csrfmiddlewaretoken": token[1].decode()})
    answer, _ = site.ask(
        "POST", "/account/login/", body, Content_Type="application/x-www-form-urlencoded",
        Cookie=cookies(form)["csrftoken"].split(";")[0], Origin=f"https://localhost:{site.https}",
    )  # fmt: skip
    assert answer.status == 302
    given = cookies(form) | cookies(answer)
    assert {"csrftoken", settings.SESSION_COOKIE_NAME} <= set(given)
    assert all("; Secure" in line for line in given.values()), given


def test_http_leads_to_https(site: Site) -> None:
    with closing(HTTPConnection("127.0.0.1", site.http, timeout=10)) as client:
        client.request("GET", "/customers/?q=x", headers={"Host": "crm.example.fi"})
        response = client.getresponse()
        assert (response.status, response.headers["Location"]) == (308, "https://crm.example.fi/customers/?q=x")


def test_the_app_sees_the_address_of_the_client_and_not_the_one_it_claims(site: Site) -> None:
    forged = {"X_Forwarded_For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X_Forwarded_Proto": "http"}
    answer, _ = site.ask("GET", "/account/login/?claims", source="127.0.0.5", **forged)
    assert answer.status == 200  # with a claim of http believed, a redirect
    assert site.requests()[-1]["ip"] == "127.0.0.5"


def test_browsers_speak_http_2_with_it(site: Site) -> None:
    context = site.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", site.https), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        assert client.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/account/login/", "Content-Length: 100000\r\n"),
        ("/account/login/", "Transfer-Encoding: chunked\r\n"),
        ("/customers/new/", f"{KNOWN}Content-Length: 30000000\r\n"),
        ("/imports/new/", f"{KNOWN}Content-Length: 300000000\r\n"),
        ("/mail/capture/", f"{KNOWN}Content-Length: 190000000\r\n"),
    ],
    ids=["of a stranger", "of a stranger, length unknown", "a form", "an import", "messages"],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_sent(site: Site, path: str, more: str) -> None:
    before = len(site.requests())
    assert " 413 " in site.first_line("POST", path, more)
    assert len(site.requests()) == before


@pytest.mark.parametrize("path", ["/imports/new/", "/api/v1/imports/", "/mail/capture/", "/api/v1/emails/capture/"])
def test_files_may_be_larger_where_they_are_taken(site: Site, path: str) -> None:
    with site.connect() as client:
        client.settimeout(0.2)
        client.sendall(HEAD.format(method="POST", path=path, more=f"{KNOWN}Content-Length: 150000000\r\n").encode())
        with pytest.raises(TimeoutError):
            client.recv(100)


def test_slow_clients_reach_no_thread_of_the_app(site: Site) -> None:
    before = site.connections_to_app()
    with ExitStack() as clients:
        for _ in range(20):
            client = clients.enter_context(site.connect())
            more = f"{KNOWN}Content-Length: 1000\r\n"
            client.sendall(HEAD.format(method="POST", path="/account/login/", more=more).encode() + b"a")
        began = time.monotonic()
        assert site.ask("GET", "/healthz")[0].status == 200
        assert time.monotonic() - began < ANSWER_SECONDS
        assert site.connections_to_app() <= before + 1


def test_one_address_has_so_many_requests_at_once_and_health_besides(site: Site) -> None:
    with ExitStack() as clients:
        for _ in range(100):
            client = clients.enter_context(site.connect("127.0.0.6"))
            more = f"{KNOWN}Content-Length: 1000\r\n"
            client.sendall(HEAD.format(method="POST", path="/account/login/", more=more).encode())
        until(lambda: site.ask("GET", "/account/login/", source="127.0.0.6")[0].status == 429, 5)
        assert site.ask("GET", "/healthz", source="127.0.0.6")[0].status == 200
        assert site.ask("GET", "/account/login/", source="127.0.0.7")[0].status == 200


def test_static_files_come_from_the_app_once(site: Site) -> None:
    _, page = site.ask("GET", "/account/login/")
    path = re.search(rb'href="(/static/[^"]+\.css)"', page)[1].decode()
    answers = [site.ask("GET", path, Accept_Encoding="gzip") for _ in range(3)]
    assert {(answer.status, answer.headers["Content-Encoding"]) for answer, _ in answers} == {(200, "gzip")}
    assert site.ask("GET", path)[0].headers["Content-Encoding"] is None
    assert sum(request["path"] == path for request in site.requests()) == 2  # compressed, and as it is


def test_its_logs_have_what_it_refused_without_the_address(site: Site) -> None:
    assert " 413 " in site.first_line("POST", "/offer/a-secret-word/", "Content-Length: 999999\r\n")
    until(lambda: "POST status=413 app=- " in (site.folder / "access.log").read_text(), 5)
    written = [path.read_text() for path in site.folder.glob("*.log") if path.name != "app.log"]
    assert not any("secret-word" in text or "/account/" in text for text in written)


def test_its_limits_of_bodies_are_those_of_the_app() -> None:
    places = re.findall(r"location ~ (\S+) \{[^}]*client_max_body_size (\d+)m", CONF)
    default = re.search(r"\n    client_max_body_size (\d+)m", CONF)[1]
    assert int(default) * MEGABYTE == settings.UPLOAD_MAX_BYTES + MEGABYTE
    views = [(path, getattr(view, "view_class", None) or getattr(view, "cls", None)) for path, view in addresses()]
    large = [(path, view.max_body_bytes) for path, view in views if hasattr(view, "max_body_bytes")]
    assert len(large) >= 4
    for path, most in large:
        assert [int(size) * MEGABYTE for place, size in places if re.match(place, path)] == [most], path


def addresses() -> list[tuple[str, Any]]:
    return [("/" + re.sub(r"[\^$]", "", path), view) for path, view in checks._views(get_resolver())]


def test_compose_publishes_the_proxy_alone_and_the_app_trusts_one() -> None:
    services = yaml.safe_load((settings.BASE_DIR / "compose.yaml").read_text())["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert "./deploy/nginx.conf:/etc/nginx/nginx.conf:ro" in services["proxy"]["volumes"]
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-1}"
