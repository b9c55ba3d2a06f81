"""The web server as a process: slow clients, large bodies, processes that die, the end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.conf import settings

HEAD = "POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{more}\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
KNOWN = f"{FORM}Cookie: {settings.SESSION_COOKIE_NAME}=x\r\n"


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def health(self) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status

    def is_up(self) -> bool:
        try:
            return self.health() == 200
        except OSError:
            return False

    def first_line(self, head: str) -> bytes:
        """Return the first line of the answer to a request of which the body never comes."""
        with self.connect() as client:
            client.sendall(head.encode())
            return client.recv(100).split(b"\r\n")[0]

    def children(self) -> set[int]:
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run the server without a database: what is asked here needs none."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "for-this-test-only",
        "LOG_LEVEL": "ERROR",
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "crm.web"], cwd=settings.BASE_DIR, env=os.environ | own)
    running = Server(process, port)
    try:
        until(running.is_up)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def test_sixty_slow_clients_do_not_hold_up_a_request(server: Server) -> None:
    with ExitStack() as clients:
        for number in range(60):
            client = clients.enter_context(server.connect())
            head = HEAD.format(length=1_000, more=FORM).encode()
            client.sendall(head[:40] if number % 2 else head + b"a")
        assert server.health() == 200  # within 5 s; while each of them held a thread it took more than 8


def test_a_large_body_of_a_stranger_is_refused_before_it_is_sent(server: Server) -> None:
    assert b" 413 " in server.first_line(HEAD.format(length=300_000_000, more=FORM))
    assert b" 413 " in server.first_line(HEAD.format(length=70_000, more=FORM))


def test_nobody_may_announce_more_than_any_page_takes(server: Server) -> None:
    assert b" 413 " in server.first_line(HEAD.format(length=10_000_000_000, more=KNOWN))


def test_a_head_longer_than_the_proxy_takes_is_refused(server: Server) -> None:
    assert b" 200 " in server.first_line(f"GET /healthz?q={'x' * 16_000} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b" 431 " in server.first_line(f"GET /healthz?q={'x' * 70_000} HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_a_body_that_names_a_session_is_waited_for(server: Server) -> None:
    with server.connect() as client:
        client.settimeout(0.5)
        client.sendall(HEAD.format(length=1_000_000, more=KNOWN).encode())
        with pytest.raises(TimeoutError):
            client.recv(100)


def test_a_process_that_dies_is_replaced(server: Server) -> None:
    before = server.children()
    for child in before:
        os.kill(child, signal.SIGKILL)
    until(lambda: len(server.children() - before) == len(before))
    until(server.is_up)


def test_a_stop_signal_ends_all_of_its_processes(server: Server) -> None:
    children = server.children()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)
