"""A signed-in client that keeps its connections, as a browser does."""

from __future__ import annotations

import gzip
import http.client
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from accounts.models import User
from demo.bench.middleware import BARE, COUNT, COUNTED

CONNECTIONS = 8
TOKEN = "b" * 32  # the same in the cookie and in the header


@dataclass(frozen=True)
class Case:
    """A request to measure; with ``form`` it is a POST. ``status`` is the good answer."""

    name: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    status: int = 200


BARE_CASE = Case("Bare view: 50 rows of the customer list's join", BARE)


@dataclass(frozen=True)
class Answer:
    """``wire`` and ``size`` are the bytes of the body as it was sent and as it was meant."""

    seconds: float
    wire: int
    size: int
    queries: int | None


class Caller:
    """One connection to the server, signed in as a user."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Host": "localhost", "Accept-Encoding": "gzip", "Cookie": cookie, "X-CSRFToken": TOKEN}

    def send(self, case: Case, *, counted: bool = False) -> Answer:
        """Make a request and read the whole answer; raise RuntimeError unless it is the good one."""
        headers = {**self.headers, **case.headers, **({COUNT: "1"} if counted else {})}
        body = None
        if case.form is not None:
            body = urlencode(case.form, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request("GET" if body is None else "POST", case.url, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        taken = time.perf_counter() - began
        if response.status != case.status:
            raise RuntimeError(f"{case.name}: answered {response.status} instead of {case.status}")
        whole = gzip.decompress(content) if response.headers["Content-Encoding"] == "gzip" else content
        queries = response.headers[COUNTED]
        return Answer(taken, len(content), len(whole), int(queries) if queries else None)

    def close(self) -> None:
        self.connection.close()


def cookie_of(user: User) -> str:
    """Return the cookies of a new session of a user."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


class Crowd:
    """Eight connections that ask without a pause."""

    def __init__(self, port: int, cookie: str) -> None:
        self.callers = [Caller(port, cookie) for _number in range(CONNECTIONS)]

    def rate(self, case: Case, seconds: float) -> float:
        """Return how many requests were answered a second."""
        began = time.perf_counter()

        def ask(caller: Caller) -> int:
            count = 0
            while not count or time.perf_counter() - began < seconds:
                caller.send(case)
                count += 1
            return count

        with ThreadPoolExecutor(CONNECTIONS) as threads:
            count = sum(threads.map(ask, self.callers))
        return count / (time.perf_counter() - began)

    def close(self) -> None:
        for caller in self.callers:
            caller.close()
