"""``manage.py serve``: everything a single machine needs, in one foreground process tree."""

import http.client
import io
import os
import socket
import sys
import time
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from redis import Redis, RedisError

from core.local import services
from core.local.directories import Place, place_of
from core.local.errors import LocalServiceError
from core.local.locks import FileLock
from core.local.supervisor import Caller, Child, Supervisor
from crm import env

SECONDS_TO_BE_READY = 60
DEATHS_BEFORE_GIVING_UP = 3
DEMO_ACCOUNTS = "admin, management, keymanager, manager, assistant, marketing, adviser, viewer"
NO_ADMINISTRATOR = "There is no administrator yet: .venv/bin/python manage.py create_admin USERNAME makes one."
DEMO_PASSWORD = "portaali-demo"  # noqa: S105 (public on purpose, made in demo mode only)


class Command(BaseCommand):
    """Brings the database up to date, then runs web, worker and beat until a stop signal."""

    help = "Run Portaali: services, migrations, web, worker and beat, until Ctrl-C."
    requires_system_checks: list[str] = []  # the web process runs them

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve; end with one sentence when the port or the data directory is in use."""
        place = place_of(env.DATA_DIR)
        services.make_directories(place)
        lock = claim(place)
        require_free_port()
        services.ensure_running()
        require_broker()
        bring_up_to_date()
        connections.close_all()
        web, *others = children(place)
        try:
            self.supervise(Supervisor([web], self.say), others)
        finally:
            services.release()
            lock.close()

    def supervise(self, supervisor: Supervisor, others: list[Child]) -> None:
        """Run the children until a stop signal, telling once when the pages answer.

        The others begin when the web process is ready: on a small machine they would only hold it up.
        """
        caller = Caller()
        supervisor.start()
        try:
            self.await_ready(supervisor)
            if not supervisor.stopped:
                supervisor.add(others)
                self.stdout.write(greeting() + hint())
                self.stdout.flush()
            while not supervisor.stopped and not caller.was_interrupted():
                supervisor.tick(1)
                self.mend_services()
        finally:
            supervisor.stop()

    def await_ready(self, supervisor: Supervisor) -> None:
        """Wait for the first good answer; raise LocalServiceError when the web process does not stay up."""
        web, deadline = supervisor.children[0], time.monotonic() + SECONDS_TO_BE_READY
        while not supervisor.stopped and not is_ready():
            supervisor.tick(0.1)
            if web.deaths >= DEATHS_BEFORE_GIVING_UP or time.monotonic() > deadline:
                raise LocalServiceError(f"The web process did not become ready; its log says why: {web.log}")

    def mend_services(self) -> None:
        """Restart a private service after its daemon has stopped or was killed."""
        if services.all_kept(env.DATA_DIR):
            return
        try:
            services.ensure_running()
        except LocalServiceError as error:
            self.say(str(error))

    def say(self, text: str) -> None:
        """Print a message at the terminal."""
        self.stderr.write(f"Portaali: {text}")


def claim(place: Place) -> FileLock:
    """Return the lock of the one ``serve`` of this data directory; raise LocalServiceError when another has it."""
    path = place.locks / "serve"
    lock = FileLock(path)
    if not lock.try_lock():
        raise LocalServiceError(f"It runs from this data directory already ({path.read_text()}): stop that first.")
    path.write_text(f"process {os.getpid()}, {env.BASE_URL}")
    return lock


def require_free_port() -> None:
    """Raise LocalServiceError when something listens on our port."""
    family = socket.AF_INET6 if ":" in env.BIND else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((env.BIND, env.PORT))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "no such port"
            raise LocalServiceError(f"Port {env.PORT} cannot be used ({reason}): set PORT to another.") from None


def require_broker() -> None:
    """Raise LocalServiceError when the broker that REDIS_URL names does not answer."""
    with Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as client:
        try:
            client.ping()
        except (RedisError, OSError) as error:
            raise LocalServiceError(f"The broker at REDIS_URL cannot be reached: {error}") from None


def bring_up_to_date() -> None:
    """Migrate when needed; load the default data, and in demo mode the demo data into an empty database."""
    if has_pending_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    if "load_defaults" in get_commands():
        call_command("load_defaults", verbosity=0, stdout=io.StringIO())
    if env.DEMO and "load_demo" in get_commands():
        call_command("load_demo", only_empty=True, verbosity=0)


def has_pending_migrations() -> bool:
    """Return whether the program has migrations that the database has not."""
    executor = MigrationExecutor(connections["default"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def hint() -> str:
    """Return what to do first in an installation that nobody can administer yet."""
    User: Any = get_user_model()
    is_entered = User.objects.administrators().exists()
    connections.close_all()
    return "" if is_entered else f"\n{NO_ADMINISTRATOR}"


def children(place: Place) -> list[Child]:
    """Return the processes that make up an installation; the first is the one that answers requests."""
    celery = [sys.executable, "-m", "celery", "-A", "crm"]
    quiet = ["--loglevel", "WARNING"]
    worker = [*celery, "worker", *quiet, "--without-gossip", "--without-mingle"]
    commands = {
        "web": [sys.executable, "-m", "crm.web"],
        "worker": [*worker, "--queues", "celery", "--hostname", "short@%h", "--concurrency", "1"],
        "jobs": [*worker, "--queues", "long", "--hostname", "long@%h", "--concurrency", str(env.JOB_PROCESSES)],
        "beat": [*celery, "beat", "--pidfile", "", "--schedule", str(place.root / "beat"), *quiet],
    }
    return [Child(name=name, command=command, log=place.logs / f"{name}.log") for name, command in commands.items()]


def is_ready() -> bool:
    """Return whether ``/readyz`` says that the pages work."""
    host = "127.0.0.1" if env.BIND in {"0.0.0.0", ""} else env.BIND  # noqa: S104 (compares only)
    connection = http.client.HTTPConnection(host, env.PORT, timeout=5)
    headers = {"Host": urlparse(env.BASE_URL).netloc, "X-Forwarded-Proto": urlparse(env.BASE_URL).scheme}
    try:
        connection.request("GET", "/readyz", headers=headers)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def greeting() -> str:
    """Return the line that shows the address of the site."""
    accounts = f" · demo accounts: {DEMO_ACCOUNTS} · password: {DEMO_PASSWORD}" if env.DEMO else ""
    return f"Portaali is ready: {env.BASE_URL}{accounts}"
