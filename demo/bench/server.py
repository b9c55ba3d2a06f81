"""The web server that production uses, on the database of the bench, as processes of their own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from core.local.daemon import tie

SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def reset_memory(self) -> None:
        """Let :meth:`memory` count from here on."""
        for pid in self._processes():
            try:
                Path(f"/proc/{pid}/clear_refs").write_text("5")
            except OSError:
                return

    def memory(self) -> int:
        """Return the largest resident size (MB) of one of the server's processes; 0 where it is not known."""
        sizes = [re.search(r"VmHWM:\s+(\d+)", _read(f"/proc/{pid}/status")) for pid in self._processes()]
        return max((int(size[1]) // 1024 for size in sizes if size), default=0)

    def cpu(self) -> float:
        """Return the processor seconds that the server and its connections to the database have used until now.

        Parallel workers of the database are not among them; 0 where it is not known.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [self.name])
            backends = [pid for (pid,) in cursor.fetchall()]
        threads = [path for pid in (*self._processes(), *backends) for path in Path("/proc").glob(f"{pid}/task/*")]
        return sum(int((_read(f"{thread}/schedstat") or "0").split()[0]) for thread in threads) / 1e9

    @property
    def name(self) -> str:
        """The name that its connections give the database."""
        return f"portaali bench {self.port}"

    def _processes(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]

    def is_up(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as client:
                client.request("GET", "/healthz", headers={"Host": "localhost"})
                return client.getresponse().status == 200
        except OSError:
            return False


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def start_tied(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process that ends with this one, also when this one is killed."""
    return subprocess.Popen(command, preexec_fn=lambda: tie(signal.SIGTERM), **options)


@contextmanager
def running_server(*, today: str = "") -> Iterator[Server]:
    """Run ``python -m crm.web`` on the database that is now in use, until the block ends."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start_tied([sys.executable, "-m", "crm.web"], cwd=settings.BASE_DIR, env=_environment(port, today))
    server = Server(process, port)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not server.is_up():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The web server did not start.")
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _environment(port: int, today: str) -> dict[str, str]:
    own = {
        "DJANGO_SETTINGS_MODULE": "crm.settings.bench",
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATA_DIR": str(settings.DATA_DIR),
        "BASE_URL": f"http://localhost:{port}",
        "PORT": str(port),
        "PGAPPNAME": f"portaali bench {port}",
        "DEBUG": "0",
        "DEMO": "1",
        "LOG_LEVEL": "ERROR",
        "BENCH_TODAY": today,
        "STATEMENT_TIMEOUT_SECONDS": "0",  # what takes long is to be measured
    }
    return os.environ | own


def _database_url() -> str:
    """Return the address of the database in use; a socket's directory is the first part of the path."""
    place = connection.settings_dict
    host, path = place["HOST"], place["NAME"]
    if host.startswith("/"):
        host, path = "", f"{quote(host)}/{path}"
    return (
        f"postgres://{quote(place['USER'])}:{quote(place['PASSWORD'], safe='')}@{host}:{place['PORT'] or 5432}/{path}"
    )
