"""A whole running installation for the browser tests: real server, worker, database, broker and files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis

from core import testing

BASE_DIR = Path(__file__).resolve().parents[2]
CUSTOMERS = 150
SECONDS_TO_START = 60
SECONDS_TO_REST = 180


@dataclass(frozen=True)
class Site:
    """The address of the installation and the environment to run its commands in."""

    url: str
    env: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a ``manage.py`` command against the installation and return what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=BASE_DIR, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sessions(self, cookies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Return the stored data of the sessions that ``cookies`` name, by their keys."""
        keys = [cookie["value"] for cookie in cookies if cookie["name"] == "sessionid"]
        statement = "SELECT session_key, session_data FROM django_session WHERE session_key = ANY(%s)"
        return dict(testing.execute(statement, [keys], database=self.database))

    def put_back(self, sessions: Mapping[str, str]) -> None:
        """Make each session have the data given here again."""
        for key, data in sessions.items():
            statement = "UPDATE django_session SET session_data = %s WHERE session_key = %s"
            testing.execute(statement, [data, key], database=self.database)

    @property
    def database(self) -> str:
        return self.env["DATABASE_URL"].rpartition("/")[2]


@contextmanager
def running_site(folder: Path, redis_url: str) -> Iterator[Site]:
    """Make a database with demo data, run the web server, a Celery worker and beat on it until the block ends.

    The block begins when the worker has done what the demo data has given it: the pages show the same from then on,
    and what a test gives to the worker waits for nothing.
    """
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = _environment(folder, port, redis_url)
    site = Site(f"http://localhost:{port}", env)
    testing.empty_broker()
    site.manage("load_demo", "--customers", str(CUSTOMERS))
    web = [sys.executable, "-m", "crm.web"]
    worker = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--concurrency", "1", "--loglevel", "WARNING"]
    beat = [sys.executable, "-m", "celery", "-A", "crm", "beat", "--pidfile", "", "--loglevel", "WARNING"]
    processes = [subprocess.Popen(command, cwd=BASE_DIR, env=env) for command in (web, worker, beat)]
    try:
        _await(f"{site.url}/readyz")
        _await_rest(redis_url)
        yield site
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _environment(folder: Path, port: int, redis_url: str) -> dict[str, str]:
    database = _make_database()
    own = {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "MEDIA_ROOT": str(folder / "media"),
        "SECRET_KEY": "for-browser-tests-only",
        "DEMO": "1",
        "PORT": str(port),
        "EMAIL_URL": f"filemail://{folder / 'mail'}",
        "ALLOW_PRIVATE_MAIL_HOSTS": "1",
        "LOG_LEVEL": "WARNING",
    }
    return {**os.environ, **own}


def _make_database() -> str:
    """Create a database with the default data beside the test database and return its address."""
    from django.conf import settings

    name = f"portaali_browser_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    return testing.make_database(name, settings.DATABASES["default"]["TEST"]["TEMPLATE"])


def _await(url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer within {SECONDS_TO_START} s")


def _await_rest(redis_url: str) -> None:
    """Wait until no task is queued and none is at work: the worker acknowledges a task when it is done."""
    deadline = time.monotonic() + SECONDS_TO_REST
    with Redis.from_url(redis_url) as broker:
        while any((broker.llen("celery"), broker.llen("long"), broker.hlen("unacked"))):
            if time.monotonic() > deadline:
                raise RuntimeError(f"The worker has not done its tasks within {SECONDS_TO_REST} s")
            time.sleep(0.2)
