"""The image's entry script in a separate root: only the files of the repository, Python and the system's libraries.

As root each process gets a mount namespace and ``chroot``; without root rights a copy of the tree and an empty
environment. The image itself is not built here, and Docker does not run: docs/operations.md says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest
import yaml
from django.conf import settings

from core import testing
from core.local.daemon import tie
from tests.test_proxy import free_port
from tests.test_sizes import own_files

REPOSITORY = Path(settings.BASE_DIR)
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
#: Mounts what is read only and what the kernel gives, then starts the command: arguments are root, command …
ENTER = """
set -eu
root=$1; shift
while read -r place; do mkdir -p "$root$place"; mount --rbind "$place" "$root$place"; done
mount -t tmpfs tmpfs "$root/tmp"
exec chroot "$root" /usr/bin/env -C /app -i "$@"
"""


class Container:
    """A copy of the tree with a data directory, and the processes of the entry script on it."""

    def __init__(self, root: Path, database: str) -> None:
        self.root, self.port, self.is_root = root, free_port(), os.geteuid() == 0
        self.app, self.data = root / "app", root / "data"
        self.data.mkdir()
        self.copy_tree()
        (root / "tmp").mkdir(mode=0o1777)
        (root / "etc").mkdir()
        (root / "etc" / "passwd").write_text("root:x:0:0::/data:/bin/sh\n")
        (root / "etc" / "group").write_text("root:x:0:\n")
        inside = "" if self.is_root else str(root)
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": f"{inside}/data", "TMPDIR": f"{inside}/tmp",
            "DATA_DIR": f"{inside}/data", "BIND": "127.0.0.1", "PORT": str(self.port), "SECRET_KEY": "of-this-test",
            "DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, "BASE_URL": f"http://localhost:{self.port}",
            "EMAIL_URL": f"filemail://{inside}/data/mail", "LOG_FORMAT": "json", "LOG_LEVEL": "WARNING",
        }  # fmt: skip

    def copy_tree(self) -> None:
        """Copy what git has, and what the Dockerfile makes of it: catalogues and static files."""
        made = [*REPOSITORY.glob("locale/*/LC_MESSAGES/*.mo"), *(REPOSITORY / "staticfiles").rglob("*")]
        for name in [*own_files(), *(path.relative_to(REPOSITORY) for path in made)]:
            source, target = REPOSITORY / name, self.app / name
            if source.is_file() and "tests" not in name.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command as the image does, in this root."""
        given = [f"{name}={value}" for name, value in self.environment.items()]
        if not self.is_root:
            return subprocess.Popen(["env", "-C", str(self.app), "-i", *given, "bin/container", *command])
        enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "enter", str(self.root)]
        process = subprocess.Popen(
            [*enter, *given, "bin/container", *command], stdin=subprocess.PIPE, preexec_fn=lambda: tie(signal.SIGKILL)
        )
        process.stdin.write("".join(f"{place}\n" for place in self.places()).encode())
        process.stdin.close()
        return process

    def places(self) -> list[str]:
        """Return the directories that the root shares with this machine: programs, devices, the sockets of services."""
        python = {str(Path(prefix).resolve()) for prefix in (sys.prefix, sys.base_prefix)} | {sys.prefix}
        sockets = {settings.DATABASES["default"]["HOST"], str(Path(urlparse(settings.REDIS_URL).path).parent)}
        shared = [*SYSTEM, "/proc", "/dev", *python, *(place for place in sockets if place.startswith("/"))]
        return [place for place in shared if Path(place).is_dir()]

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        """Return status, cookie and text; status 0 where nothing answers."""
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as client:
                given = {"Host": f"localhost:{self.port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
                client.request(method, path, body or None, given)
                answer = client.getresponse()
                return answer.status, answer.headers.get("Set-Cookie", "").split(";")[0], answer.read().decode()
        except OSError:
            return 0, "", ""


@pytest.fixture(scope="module")
def container(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, django_db_blocker
) -> Iterator[Container]:
    name = f"{settings.DATABASES['default']['NAME']}_container"
    with django_db_blocker.unblock():
        database = testing.make_database(name, settings.DATABASES["default"]["TEST"]["TEMPLATE"])
    testing.empty_broker()
    folder = tmp_path_factory.mktemp("container")
    try:
        yield Container(folder, database)
    finally:
        shutil.rmtree(folder)
        testing.drop_database(name)


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@pytest.mark.slow
def test_the_entry_script_serves_pages_and_does_a_job_in_a_clean_root(container: Container) -> None:
    assert container.start("migrate").wait(60) == 0
    command = "from accounts.models import User; User.objects.create(username='aino', email='aino@example.fi')"
    assert container.start("python", "manage.py", "shell", "--command", command).wait(60) == 0
    roles = {role: container.start(role) for role in ("web", "worker", "beat")}
    try:
        until(lambda: container.ask("GET", "/healthz")[0] == 200)
        assert container.ask("GET", "/readyz")[0] == 200
        assert container.start("python", "bin/healthcheck.py").wait(30) == 0
        ask_for_a_password(container)
        until(lambda: any("aino@example.fi" in path.read_text() for path in container.data.glob("mail/*")))
        assert [role for role, process in roles.items() if process.poll() is not None] == []
    finally:
        for process in roles.values():
            process.send_signal(signal.SIGTERM)
        ends = {role: process.wait(30) for role, process in roles.items()}
    assert ends == dict.fromkeys(roles, 0)


def ask_for_a_password(container: Container) -> None:
    path = "/account/password/reset/"
    status, cookie, page = container.ask("GET", path)
    assert status == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    body = urlencode({"email": "aino@example.fi", "csrfmiddlewaretoken": token[1]})
    answer = container.ask("POST", path, body, Cookie=cookie, Content_Type="application/x-www-form-urlencoded")
    assert answer[0] == 302


def test_compose_runs_roles_that_the_entry_script_knows() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text().splitlines()
    commands = {
        line.split(" ", 1)[0]: json.loads(line.split(" ", 1)[1]) for line in lines if re.match("ENTRY|CMD", line)
    }
    assert commands == {"ENTRYPOINT": ["bin/container"], "CMD": ["web"]}
    services = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())["services"].values()
    roles = {service.get("command", "web") for service in services if service.get("image") == "portaali"}
    script = (REPOSITORY / "bin" / "container").read_text()
    assert roles == {"web", "worker", "jobs", "beat", "migrate"}
    assert roles <= set(re.findall(r"^    (\w+)\)", script, re.MULTILINE))
