"""An installation with processes that are killed while it works, and what was lost or doubled: ``bench --kills``.

It is ``manage.py serve`` as it runs in production, on a separate data directory. SIGKILL is sent to the workers and the
web server (the first process of each or one of its children), the broker and the database's connections, at moments
and in an order that a seed gives. The work is in :mod:`demo.bench.kills_work`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
CUSTOMERS = 400
SECONDS_BETWEEN = (1.0, 4.0)
SECONDS_TO_START = 180
KINDS = (
    "worker", "a process of worker", "jobs", "a process of jobs", "web", "a process of web", "broker",
    "a connection of the database",
)  # fmt: skip
#: What the command lines of the processes of ``serve`` contain.
SIGNS = {"worker": "short@", "jobs": "long@", "web": "crm.web"}
Say = Callable[[str], None]


def measure_kills(kills: int, *, seed: int = 1) -> bool:
    """Run the work and the kills in a process with a separate environment, which prints the table.

    Return whether nothing was lost and nothing doubled.
    """
    folder = Path(tempfile.mkdtemp(prefix="portaali-kills-"))
    folder.chmod(0o711)  # the private PostgreSQL has another account when root runs this
    web, mail = _free_port(), _free_port()
    own = {
        "DATA_DIR": str(folder), "PORT": str(web), "BASE_URL": f"http://localhost:{web}", "TRUSTED_PROXIES": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail}", "DEMO": "1", "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }  # fmt: skip
    left_out = {"DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "SECRET_KEY", "ALLOWED_HOSTS"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | own
    command = [sys.executable, "-m", "demo.bench.kills", str(kills), str(seed), str(mail)]
    try:
        return subprocess.run(command, cwd=BASE_DIR, env=environment, check=False).returncode == 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _is_ready() -> bool:
    from demo.bench.kills_work import ask

    status, _cookie, _text = ask("GET", "/readyz")
    return status == HTTPStatus.OK


@contextmanager
def installation(folder: Path) -> Iterator[int]:
    """Run ``manage.py serve`` until the block ends, from when its pages answer; give the id of its process."""
    with (folder / "serve.log").open("wb") as log:
        serve = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=BASE_DIR, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not _is_ready() or len(_children(serve.pid)) < len(SIGNS) + 1:
            if serve.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "serve.log").read_text())
            time.sleep(0.2)
        yield serve.pid
    finally:
        serve.terminate()
        serve.wait(60)


class Killer:
    """Kills processes of the installation and counts the kills by kind."""

    def __init__(self, serve: int, folder: Path, seed: int) -> None:
        self.serve, self.folder, self.random = serve, folder, random.Random(seed)
        self.done: Counter[str] = Counter()

    def run(self, kills: int, say: Say) -> None:
        """Kill so often, each kind as often as the others but for one."""
        order = [KINDS[number % len(KINDS)] for number in range(kills)]
        self.random.shuffle(order)
        for number, kind in enumerate(order, 1):
            time.sleep(self.random.uniform(*SECONDS_BETWEEN))
            say(f"kill {number}: {kind}")
            self.kill(kind)

    def kill(self, kind: str) -> None:
        """Kill one of this kind, as soon as there is one: a process may just be starting again."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            victims = self.victims(kind)
            if victims:
                with suppress(ProcessLookupError):
                    os.kill(self.random.choice(sorted(victims)), signal.SIGKILL)
                    self.done[kind] += 1
                    return
            time.sleep(0.2)
        raise RuntimeError(f"there was no {kind} to kill")

    def victims(self, kind: str) -> set[int]:
        if kind == "broker":
            servers = {pid: _about(pid) for pid in _processes() if "valkey-server unixsocket:" in _command(pid)}
            return {pid for pid, about in servers.items() if str(self.folder) in about}
        if kind == "a connection of the database":
            return _connections()
        name = kind.removeprefix("a process of ")
        first = {pid for pid in _children(self.serve) if SIGNS[name] in _command(pid)}
        return first if name == kind else {child for pid in first for child in _children(pid)}


def _connections() -> set[int]:
    """Return the PostgreSQL processes that serve others than this process."""
    from django.db import Error, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            return {pid for (pid,) in cursor.fetchall()}
    except Error:  # it is starting again after the last kill
        connection.close()
        return set()


def _processes() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _about(pid: int) -> str:
    """Return the command line and the working directory of a process."""
    with suppress(OSError):
        return f"{_command(pid)} {os.readlink(f'/proc/{pid}/cwd')}"
    return ""


def _children(pid: int) -> set[int]:
    with suppress(OSError):
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return set()


def main(kills: int, seed: int, mail_port: int) -> int:
    """Prepare the data, work and kill, wait for the work to end, print the table; return the exit code."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from core.local.directories import place_of
    from core.local.services import ensure_running
    from demo.bench.kills_work import Sink, all_work, table
    from demo.services import demo_load

    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr)

    ensure_running()
    call_command("migrate", verbosity=0, interactive=False)
    demo_load(customers=CUSTOMERS)
    with Sink(mail_port) as sink:
        works = all_work(sink)
        with installation(settings.DATA_DIR) as serve:
            for work in works:
                work.start()
            killer = Killer(serve, place_of(settings.DATA_DIR).root, seed)
            killer.run(kills, say)
            for work in works:
                say(f"waiting for {work.name}")
                work.finish()
        outcomes = [outcome for work in works for outcome in work.outcomes()]
    kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(killer.done.items()))
    print(f"{sum(killer.done.values())} kills: {kinds}")
    print(table(outcomes))
    return int(any(outcome.lost or outcome.doubled for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4])))
