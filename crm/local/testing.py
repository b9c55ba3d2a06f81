"""What a test run needs of the real world: a data directory of its own and a Celery worker."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from crm.local.locks import FileLock

SECONDS_TO_START = 30
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
    """Return an environment whose settings name the test database and files instead of the usual ones."""
    from django.conf import settings
    from django.db import connection

    config = connection.settings_dict
    credentials = f"{config['USER']}:{quote(config['PASSWORD'])}" if config["PASSWORD"] else config["USER"]
    server = (
        f":{config['PORT']}/{quote(config['HOST'])}"
        if config["HOST"].startswith("/")
        else f"{config['HOST']}:{config['PORT']}"
    )
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{credentials}@{server}/{config['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


def _await_answer(worker: "subprocess.Popen[bytes]") -> None:
    from crm.celery import app

    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and worker.poll() is None:
        if app.control.ping(timeout=0.3):
            return
    raise RuntimeError("The Celery worker did not start; its output tells why.")


def _end(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, 9)
        worker.wait()
