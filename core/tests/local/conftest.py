"""Real services in a directory of their own, used by real processes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from core.local.directories import Place, place_of
from crm import env

USER = """
import sys
from pathlib import Path
from core.local.errors import LocalServiceError
from core.local.services import ensure_running
try:
    ensure_running(Path(sys.argv[1]))
except LocalServiceError as error:
    sys.exit(f"sentence: {error}")
print("ready", flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the private services until it is asked to stop."""

    def __init__(self, data_dir: Path) -> None:
        without_addresses = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data_dir)],
            env=without_addresses,
            cwd=env.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> "User":
        """Wait until the services answer."""
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()
        return self

    def sentence(self) -> str:
        """Wait for the failure and return what was said."""
        return self.process.communicate(timeout=60)[1].strip()

    def leave(self) -> None:
        """End as a program ends."""
        self.process.communicate("", timeout=60)

    def kill(self) -> None:
        """End as by ``kill -9``."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Return a data directory that every account may pass through."""
    directory = Path(tempfile.mkdtemp(prefix="portaali-services-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def place(data_dir: Path) -> Place:
    return place_of(data_dir)


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """Return a data directory as the first start leaves it: making one takes longer than most tests."""
    directory = Path(tempfile.mkdtemp(prefix="portaali-services-"))
    directory.chmod(0o755)
    User(directory).ready().leave()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def first_user(data_dir: Path) -> Iterator[Callable[[], User]]:
    """Return a function that starts one more user of services that have not run before."""
    yield from _users(data_dir)


@pytest.fixture
def user(data_dir: Path, made_once: Path) -> Iterator[Callable[[], User]]:
    """Return a function that starts one more user of services that have run before."""
    subprocess.run(["cp", "-a", made_once / "postgres", data_dir / "postgres"], check=True)
    yield from _users(data_dir)


def _users(data_dir: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(data_dir))
        return users[-1]

    yield start
    for one in users:
        if one.process.poll() is None:
            one.leave()


def server_pid(place: Place) -> int:
    return int((place.postgres / "postmaster.pid").read_text().split()[0])


def keeper_pid(place: Place, service: str) -> int:
    return int((place.locks / f"{service}.keeper").read_text())


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait for a condition; return whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def query(place: Place, sql: str) -> list[tuple[object, ...]]:
    """Run one statement on the private database and commit."""
    connection = psycopg2.connect(host=str(place.sockets), port=5432, user="portaali", dbname="portaali")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
