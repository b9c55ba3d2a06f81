"""Where the private services are: their files and their addresses.

The directories are a pure function of the data directory and of who runs. Addresses have the forms that Django, redis
and Celery read.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_DIR = 90  # a unix socket's whole path may have 107 bytes
ROOTS_PLACE = Path("/var/lib/portaali")


@dataclass(frozen=True)
class Place:
    """The directories of one set of private services."""

    root: Path
    sockets: Path

    @property
    def locks(self) -> Path:
        """The directory of the lock files of running services and their users."""
        return self.root / "lock"

    @property
    def logs(self) -> Path:
        """Where the services and the processes of ``manage.py serve`` log."""
        return self.root / "log"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's data directory."""
        return self.root / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """The socket Valkey listens on."""
        return self.sockets / "valkey.sock"


def place_of(data_dir: Path) -> Place:
    """Return the place for a data directory: always the same one for the same directory and user."""
    data_dir = Path(os.path.abspath(data_dir))
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    short = len(os.fsencode(data_dir / "run")) <= LONGEST_SOCKET_DIR
    if os.geteuid() == 0 and not (short and reachable_by_all(data_dir)):
        root = ROOTS_PLACE / key
        return Place(root=root, sockets=root / "run")
    sockets = data_dir / "run" if short else Path(f"/tmp/portaali-{os.geteuid()}-{key}")  # noqa: S108 (owner is checked)
    return Place(root=data_dir, sockets=sockets)


def reachable_by_all(path: Path) -> bool:
    """Return whether every user may pass through all directories down to ``path`` that exist."""
    return all(_passable(directory) for directory in (path, *path.parents))


def _passable(directory: Path) -> bool:
    try:
        return bool(directory.stat().st_mode & stat.S_IXOTH)
    except FileNotFoundError:
        return True


def database_url(data_dir: Path, name: str = "portaali") -> str:
    """Return the address of a database on the private PostgreSQL."""
    return f"postgres://portaali@:5432/{quote(str(place_of(data_dir).sockets))}/{name}"


def redis_url(data_dir: Path, number: int = 0) -> str:
    """Return the address of one of the private Valkey's sixteen databases."""
    return f"unix://{quote(str(place_of(data_dir).valkey_socket))}?db={number}"


def celery_url(url: str) -> str:
    """Return a redis address in the form Celery reads, which has its own for unix sockets."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
