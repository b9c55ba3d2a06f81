"""Starts the private PostgreSQL and Valkey for whoever needs them, and stops them after the last one.

Every process that uses a service holds a *lease*, a shared lock on a file. The first one starts a keeper
(:mod:`core.local.daemon`), which runs the service and stops it when the last lease is gone. So ``manage.py``
commands work alone and beside a running ``make run``, and a process that is killed leaves nothing behind.
"""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from core.local import postgres, valkey
from core.local.directories import Place, place_of
from core.local.errors import LocalServiceError, explain, explain_os_error
from core.local.locks import FileLock, is_held
from core.local.unprivileged_user import Account

KEEPER = Path(__file__).with_name("daemon.py")
SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 30.0
LARGEST_LOG = 10_000_000


class Service(Protocol):
    """What a service module (:mod:`core.local.postgres`, :mod:`core.local.valkey`) offers."""

    NAME: str
    STOP_SIGNAL: signal.Signals
    ENVIRONMENT: dict[str, str]

    def account(self, place: Place) -> Account: ...
    def log(self, place: Place) -> Path: ...
    def command(self, place: Place, *, throwaway: bool) -> list[str]: ...
    def prepare(self, place: Place) -> None: ...
    def is_ready(self, place: Place) -> bool: ...


class Lease:
    """The use of one running service by this process."""

    def __init__(self, service: Service, place: Place) -> None:
        self.service, self.place = service, place
        self.owner = os.getpid()
        self.lock = FileLock(_file(service, place, "lease"))
        self.lock.lock(shared=True)

    def release(self) -> None:
        """Give the service up; as its last user, see it stop first."""
        if os.getpid() == self.owner and self.lock.try_lock():
            _stop_keeper(self.service, self.place)
        self.lock.close()


_leases: list[Lease] = []


def ensure_running(data_dir: Path | None = None, *, throwaway: bool = False) -> None:
    """Have a private service for whichever of DATABASE_URL and REDIS_URL is not set, until this process ends.

    Raises LocalServiceError with the sentence to show.
    """
    wanted = needed_services()
    if not wanted:
        return
    if not _leases:
        atexit.register(release)
    try:
        place = place_of(data_dir or settings.DATA_DIR)
        for service in wanted:
            _use(service, place, throwaway=throwaway)
        for service in wanted:
            _await_ready(service, place)
    except OSError as error:
        raise LocalServiceError(explain_os_error(error)) from error


def needed_services() -> list[Service]:
    """Return the services for which the environment gives no address."""
    services: list[tuple[bool, Any]] = [(settings.PRIVATE_POSTGRES, postgres), (settings.PRIVATE_VALKEY, valkey)]
    return [service for is_private, service in services if is_private]


def release() -> None:
    """Give all services up; those that nobody else uses have stopped when this returns."""
    while _leases:
        _leases.pop().release()


def _use(service: Service, place: Place, *, throwaway: bool) -> None:
    """Take a lease (once) and start the service unless it runs."""
    make_directories(place)
    if not any(lease.service is service and lease.place == place for lease in _leases):
        _leases.append(Lease(service, place))
    starting = FileLock(_file(service, place, "start"))
    starting.lock(seconds=SECONDS_TO_START)
    try:
        if not is_held(_file(service, place, "keeper")):
            _start(service, place, throwaway=throwaway)
    finally:
        starting.close()


def all_kept(data_dir: Path) -> bool:
    """Return whether every private service that is needed has its keeper."""
    place = place_of(data_dir)
    return all(is_held(_file(service, place, "keeper")) for service in needed_services())


def make_directories(place: Place) -> None:
    """Make the directories that every user of the services needs; raise OSError where that is not possible."""
    if not place.root.exists():
        place.root.mkdir(parents=True)
        place.root.chmod(0o711)  # whatever the umask: the services' own account must pass through
    for directory in (place.locks, place.logs):
        directory.mkdir(mode=0o700, exist_ok=True)
        if directory.stat().st_uid == os.geteuid():
            directory.chmod(0o700)  # an older version made it for all to read


def _start(service: Service, place: Place, *, throwaway: bool) -> None:
    """Prepare the data and hand the service to a new keeper; it is not ready yet when this returns.

    A log that has grown large is replaced; one old one is kept.
    """
    log_file = service.log(place)
    if log_file.exists() and log_file.stat().st_size > LARGEST_LOG:
        log_file.replace(log_file.with_suffix(".old.log"))
    service.prepare(place)
    account = service.account(place)
    account.make_directory(place.sockets)
    spec = {
        "lock": str(_file(service, place, "keeper")),
        "lease": str(_file(service, place, "lease")),
        "log": str(log_file),
        "command": service.command(place, throwaway=throwaway),
        "env": service.ENVIRONMENT,
        "signal": int(service.STOP_SIGNAL),
        "uid": account.uid,
        "gid": account.gid,
    }
    with log_file.open("ab") as log:
        subprocess.run(
            [sys.executable, "-I", "-S", str(KEEPER), json.dumps(spec)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
        )  # fmt: skip


def _await_ready(service: Service, place: Place) -> None:
    """Wait until the service answers; raise LocalServiceError with its own words when it gives up."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not service.is_ready(place):
        if not is_held(_file(service, place, "keeper")) or time.monotonic() > deadline:
            log = service.log(place)
            output = log.read_text(errors="replace")[-4000:] if log.exists() else ""
            raise LocalServiceError(explain(service.NAME, output, place.root, log))
        time.sleep(0.02)


def _stop_keeper(service: Service, place: Place) -> None:
    path = _file(service, place, "keeper")
    deadline = time.monotonic() + SECONDS_TO_STOP
    while is_held(path) and time.monotonic() < deadline:
        with contextlib.suppress(ValueError, ProcessLookupError, PermissionError):
            os.kill(int(path.read_text()), signal.SIGTERM)
        time.sleep(0.05)


def _file(service: Service, place: Place, kind: str) -> Path:
    return place.locks / f"{service.NAME.lower()}.{kind}"
