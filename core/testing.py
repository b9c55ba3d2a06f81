"""The surroundings of a test run: a separate data directory, a database with default data, a worker."""

import hashlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from django.apps import apps

from core.local.locks import FileLock

BASE_DIR = Path(__file__).resolve().parents[1]
SECONDS_TO_START = 30
TEMPLATE_PREFIX = "portaali_template_"
#: What the template is made of, in the directory of each app.
TEMPLATE_SOURCES = ("migrations/*.py", "defaults.py", "default_data/*")
_claims: list[FileLock] = []  # held for as long as the process lives


def free_data_dir(parent: Path) -> Path:
    """Return ``parent/test``, or where another test run uses that, ``parent/test-2`` and so on."""
    names = itertools.chain(["test"], (f"test-{number}" for number in itertools.count(2)))
    for directory in (parent / name for name in names):
        directory.mkdir(parents=True, exist_ok=True)
        claim = FileLock(directory / "in-use")
        if claim.try_lock():
            _claims.append(claim)
            return directory
        claim.close()
    raise AssertionError("there is always a next number")


def database_template(data_dir: Path) -> str:
    """Return the name of a database with every migration applied and the default data loaded, to copy databases from.

    It is made once for a set of sources and kept with the test data: making it takes a minute, copying it a moment.
    """
    name = TEMPLATE_PREFIX + _template_digest()[:16]
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / "template")
    lock.lock()
    try:
        if not _templates(name):
            _make_template(name)
    finally:
        lock.close()
    return name


def _template_digest() -> str:
    directories = [Path(config.path) for config in apps.get_app_configs()]
    sources = [path for folder in directories for pattern in TEMPLATE_SOURCES for path in sorted(folder.glob(pattern))]
    sources.append(BASE_DIR / "requirements.lock")
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()


def _make_template(name: str) -> None:
    for old in _templates(f"{TEMPLATE_PREFIX}%"):
        execute(f'DROP DATABASE "{old}" WITH (FORCE)')
    half_made = f"{TEMPLATE_PREFIX}new"
    execute(f'CREATE DATABASE "{half_made}"')
    environment = {**os.environ, "DATABASE_URL": database_url(half_made), "DJANGO_SETTINGS_MODULE": "crm.settings"}
    for command in ("migrate", "load_defaults"):
        subprocess.run(
            [sys.executable, "manage.py", command, "-v0"],
            cwd=BASE_DIR, env=environment, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    execute(f'ALTER DATABASE "{half_made}" RENAME TO "{name}"')


def _templates(pattern: str) -> list[str]:
    return [row[0] for row in execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])]


def execute(statement: str, params: list[Any] | None = None, *, database: str = "postgres") -> list[Any]:
    """Run a statement in a database of the tests' server, or outside all test databases, and return its rows."""
    from django.conf import settings

    config = settings.DATABASES["default"]
    server = {"host": config["HOST"], "user": config["USER"], "password": config["PASSWORD"], "port": config["PORT"]}
    with closing(psycopg2.connect(dbname=database, **{k: v for k, v in server.items() if v})) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return list(cursor.fetchall()) if cursor.description else []


def database_url(name: str) -> str:
    """Return the address of the database ``name`` on the server of the tests."""
    from django.conf import settings

    config = settings.DATABASES["default"]
    credentials = config["USER"] + (f":{quote(config['PASSWORD'])}" if config["PASSWORD"] else "")
    host = config["HOST"]
    server = f":{config['PORT']}/{quote(host)}" if host.startswith("/") else f"{host}:{config['PORT']}"
    return f"postgres://{credentials}@{server}/{name}"


def make_database(name: str, template: str) -> str:
    """Create a database as a copy of ``template``, in the place of an older one, and return its address."""
    drop_database(name)
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')  # half the time of WAL_LOG
    return database_url(name)


def drop_database(name: str) -> None:
    """Drop a database that :func:`make_database` has made, even while something is connected to it.

    The server's own cleaning (autovacuum) is nobody's to stop but a superuser's: it is waited for.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg2.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def restore_database() -> None:
    """Bring the test database back to what the template has, after a test that has committed rows.

    A copy takes 0.3 s; emptying all tables took 0.8 s, and making permissions and types of content again after that.
    """
    from django.db import connection

    connection.close()
    make_database(connection.settings_dict["NAME"], connection.settings_dict["TEST"]["TEMPLATE"])


def empty_broker() -> None:
    """Forget what other tests have queued: it is about rows of another database, and the worker would do it first."""
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()


@contextmanager
def running_worker(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``celery -A crm worker`` on the current test database and broker until the block ends.

    Raises RuntimeError when the worker does not answer in time.
    """
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "crm",
        "worker",
        "--concurrency",
        "1",
        "--loglevel",
        "WARNING",
        *arguments,
    ]
    worker = subprocess.Popen(command, env=_environment(), start_new_session=True)
    try:
        _await_answer(worker)
        yield worker
    finally:
        _end(worker)


def _environment() -> dict[str, str]:
    """Return an environment in which the settings name the test database and files."""
    from django.conf import settings
    from django.db import connection

    return {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


def _await_answer(worker: "subprocess.Popen[bytes]") -> None:
    from celery import current_app

    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and worker.poll() is None:
        if current_app.control.ping(timeout=0.3):
            return
    raise RuntimeError("The Celery worker did not start; its output says why.")


def _end(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, 9)
        worker.wait()
