"""The private PostgreSQL: its data directory, its settings, its command line."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from core.local import binaries
from core.local.directories import Place
from core.local.errors import LocalServiceError, explain
from core.local.unprivileged_user import Account, account_for

NAME = "PostgreSQL"
STOP_SIGNAL = signal.SIGINT  # "fast shutdown": ends sessions, loses nothing
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
OLDEST = 15
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "min_dynamic_shared_memory": "128MB",  # containers often have a tiny /dev/shm
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "wal_buffers": "64MB",  # with fewer, whoever writes much waits for the log page by page
    "checkpoint_timeout": "15min",  # the first change of a page after each writes it whole
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY_SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "512MB",
    "max_wal_size": "2GB",
}  # fmt: skip
MEGABYTE = 1024 * 1024
#: The pages that PostgreSQL keeps itself, in megabytes: a quarter of the memory, within these limits.
LEAST_SHARED, MOST_SHARED = 128, 8192
#: A container has this much memory at most.
MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
FIRST_COMMANDS = "CREATE ROLE portaali LOGIN CREATEDB;\nCREATE DATABASE portaali OWNER portaali;\n"


def account(place: Place) -> Account:
    """Return the account that the server runs as."""
    return account_for(place.postgres)


def log(place: Place) -> Path:
    """Return the server's log file."""
    return place.logs / "postgres.log"


def command(place: Place, *, throwaway: bool) -> list[str]:
    """Return the server's command line; ``throwaway`` trades safety for speed, for test data."""
    shared = {"shared_buffers": f"{shared_megabytes()}MB"}
    settings = {**SETTINGS, **shared, "unix_socket_directories": str(place.sockets)}
    if throwaway:
        settings |= THROWAWAY_SETTINGS
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries.postgres_programs(place) / "postgres"), "-D", str(place.postgres), *options]


def shared_megabytes() -> int:
    """Return how many megabytes of pages PostgreSQL keeps itself, by the memory of the machine or container.

    With fewer, the first evaluation of a million care plans took three times as long.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in MEMORY_LIMITS:
        with contextlib.suppress(OSError, ValueError):  # no limit, or no such file
            memory = min(memory, int(limit.read_text()))
    return max(LEAST_SHARED, min(memory // 4 // MEGABYTE, MOST_SHARED))


def prepare(place: Place) -> None:
    """Make the data directory at the first start and clear what a killed server left.

    Raises LocalServiceError when the directory cannot be made or belongs to another major version.
    """
    programs, owner = binaries.postgres_programs(place), account(place)
    major = _major_version(programs)
    if (place.postgres / "PG_VERSION").exists():
        _check_version(place, major)
        _stop_orphan(place)
    else:
        _initialise(place, programs, major, owner)
    _write_access_rules(place, owner)


def is_ready(place: Place) -> bool:
    """Return whether the server accepts connections."""
    lines = _pid_file(place)
    return len(lines) > 7 and lines[7].strip() == "ready" and _is_alive(int(lines[0]))


def _initialise(place: Place, programs: Path, major: int, owner: Account) -> None:
    """Make the data directory under another name first, so that an interrupted start leaves nothing half-made."""
    new = place.postgres.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    owner.make_directory(new)
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]
    initdb = [str(programs / "initdb"), "-D", str(new), "-U", "postgres", "-A", "peer", "-E", "UTF8", *locale]
    _run_as(place, initdb, owner)
    _run_as(place, [str(programs / "postgres"), "--single", "-D", str(new), "postgres"], owner, text=FIRST_COMMANDS)
    if place.postgres.exists():
        place.postgres.rmdir()
    new.rename(place.postgres)


def _run_as(place: Place, command: list[str], owner: Account, text: str = "") -> None:
    done = subprocess.run(
        command, input=text, text=True, capture_output=True, cwd="/", env=ENVIRONMENT, **owner.popen_arguments()
    )  # fmt: skip
    output = done.stdout + done.stderr
    if done.returncode or "FATAL:" in output or "ERROR:" in output:
        shutil.rmtree(place.postgres.with_name("postgres.new"), ignore_errors=True)
        raise LocalServiceError(explain(NAME, output, place.postgres))


def _major_version(programs: Path) -> int:
    """Return the programs' major version; raise LocalServiceError when Portaali does not run on it."""
    output = subprocess.run(
        [programs / "postgres", "--version"], text=True, capture_output=True, cwd="/", env=ENVIRONMENT
    )
    found = re.search(r"(\d+)", output.stdout)
    if not found:
        raise LocalServiceError(explain(NAME, output.stderr, programs))
    major = int(found[1])
    if major < OLDEST:
        raise LocalServiceError(
            f"{programs} holds PostgreSQL {major}; Portaali needs {OLDEST} or newer, or DATABASE_URL."
        )
    return major


def _check_version(place: Place, major: int) -> None:
    data = (place.postgres / "PG_VERSION").read_text().strip()
    if data != str(major):
        raise LocalServiceError(
            f"The data in {place.postgres} was written by PostgreSQL {data}, and PostgreSQL {major} cannot open it: "
            f"move it over as docs/operations.md says under Upgrade, or set DATA_DIR to another directory."
        )


def _stop_orphan(place: Place) -> None:
    """Stop a server after its daemon was killed; delete a pid file if its process is gone or is another program."""
    lines = _pid_file(place)
    if not lines:
        return
    pid = int(lines[0])
    deadline = time.monotonic() + 30
    while _is_server(pid, place) and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, STOP_SIGNAL)
        time.sleep(0.2)
    if _is_server(pid, place):
        raise LocalServiceError(f"Another PostgreSQL server (process {pid}) uses {place.postgres} and does not stop.")
    (place.postgres / "postmaster.pid").unlink(missing_ok=True)


def _pid_file(place: Place) -> list[str]:
    try:
        lines = (place.postgres / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    return lines if lines and lines[0].strip().isdigit() else []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_server(pid: int, place: Place) -> bool:
    """Return whether a process is a PostgreSQL server on this data directory (and not another with a reused number)."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return os.fsencode(place.postgres) in words


def _write_access_rules(place: Place, owner: Account) -> None:
    """Allow connections over the socket only from root and the owner, as the system identifies them."""
    names = sorted({"root", owner.name})
    _write_file(
        place.postgres / "pg_hba.conf", "local all portaali peer map=portaali\nlocal all postgres peer map=portaali\n"
    )
    rules = [f'portaali "{name}" {role}\n' for name in names for role in ("portaali", "postgres")]
    _write_file(place.postgres / "pg_ident.conf", "".join(rules))


def _write_file(path: Path, text: str) -> None:
    """Change a file in place, which keeps its owner."""
    path.write_text(text)
